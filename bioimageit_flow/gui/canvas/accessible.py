"""What screen readers see of a canvas: its boxes and their ports, one by one.

The canvas is a list, each box an item of it with its ports inside, in the order in
which the keyboard walks them; notes follow. Names are the words that the keyboard
announces. Interfaces are made when somebody asks, which is when a reader runs.

Qt owns an interface that it was given, and Python must not free it: all that were made
are kept. They hold a view and an id, so they cost little, and say that they are not
valid once the view or the box is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from bioimageit_flow.gui.canvas.words import words_for_node, words_for_port
from bioimageit_flow.gui.language import tr

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.board import Spot
    from bioimageit_flow.gui.canvas.view import CanvasView

_REACH = 11


class CanvasAccess(QAccessibleWidget):
    """The canvas as a list of boxes and notes.

    Parameters
    ----------
    view : CanvasView
        What is drawn.
    """

    made: ClassVar[list[QAccessibleInterface]] = []

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view, QAccessible.Role.List, view.accessibleName())
        self._view = view
        self._items: dict[str, ItemAccess] = {}
        self.made.append(self)

    @property
    def keys(self) -> list[str]:
        """The ids of what is there, in order."""
        return [*self._view.board.nodes, *self._view.board.notes]

    def childCount(self) -> int:
        """Return how many boxes and notes there are."""
        return len(self.keys) if _is_there(self._view) else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        keys = self.keys if _is_there(self._view) else []
        return self.item(keys[index]) if 0 <= index < len(keys) else None

    def item(self, key: str) -> ItemAccess:
        """Return the interface of a box or a note."""
        if key not in self._items:
            self._items[key] = _registered(ItemAccess(self, self._view, key))
        return self._items[key]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a box among them; -1 for others."""
        keys = self.keys
        if isinstance(child, ItemAccess) and child.key in keys:
            return keys.index(child.key)
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the box at a point of the screen."""
        at = self._view.viewport().mapFromGlobal(QPoint(x, y))
        key = self._view.key_at(self._view.place(at))
        return self.item(key) if key in self.keys else None


class _Access(QAccessibleInterface):
    """What boxes and ports have in common: they are drawings, not objects."""

    def object(self) -> QObject | None:  # type: ignore[override]
        """Return none: it is a drawing."""
        return None

    def setText(self, _which: QAccessible.Text, _text: str) -> None:
        """Change nothing."""


class ItemAccess(_Access):
    """A box with its ports, or a note.

    Parameters
    ----------
    canvas : CanvasAccess
        In which it is.
    view : CanvasView
        Which draws it.
    key : str
        Its id.
    """

    def __init__(self, canvas: CanvasAccess, view: CanvasView, key: str) -> None:
        super().__init__()
        self._canvas = canvas
        self._view = view
        self.key = key
        self._ports: dict[tuple[bool, str], PortAccess] = {}

    def isValid(self) -> bool:
        """Say whether it is still there."""
        return _is_there(self._view) and self._view.board.box(self.key) is not None

    def parent(self) -> QAccessibleInterface:
        """Return the canvas."""
        return self._canvas

    @property
    def spots(self) -> list[Spot]:
        """Its ports, inputs first."""
        item = self._view.board.nodes.get(self.key) if self.isValid() else None
        return [spot for spot, _ in self._view.board.ports_of(item)] if item else []

    def childCount(self) -> int:
        """Return how many ports it has."""
        return len(self.spots)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of its ports."""
        spots = self.spots
        return self.port(spots[index].key) if 0 <= index < len(spots) else None

    def port(self, key: tuple[bool, str]) -> PortAccess:
        """Return the interface of a port."""
        if key not in self._ports:
            self._ports[key] = _registered(PortAccess(self, self._view, key))
        return self._ports[key]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a port; -1 for others."""
        keys = [spot.key for spot in self.spots]
        if isinstance(child, PortAccess) and child.key in keys:
            return keys.index(child.key)
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the port at a point of the screen."""
        for spot in self.spots:
            if self.port(spot.key).rect().contains(x, y):
                return self.port(spot.key)
        return None

    def text(self, which: QAccessible.Text) -> str:
        """Return its name in words, or what is wrong with it."""
        if not self.isValid():
            return ""
        board = self._view.board
        node, note = board.nodes.get(self.key), board.notes.get(self.key)
        match which:
            case QAccessible.Text.Name if node is not None:
                return words_for_node(node.view)
            case QAccessible.Text.Name if note is not None:
                return tr("Note")
            case QAccessible.Text.Description if node is not None:
                return node.view.problem
            case QAccessible.Text.Value if note is not None:
                return note.view.text
        return ""

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        item = self._view.board.box(self.key) if _is_there(self._view) else None
        if item is None:
            return QRect()
        left, top, right, bottom = item.area
        return _on_screen(self._view, QPointF(left, top), QPointF(right, bottom))

    def role(self) -> QAccessible.Role:
        """Return what it is: an item of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Return whether it is selected, focused, or broken."""
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
            return state
        state.selectable = state.focusable = True
        state.selected = self.key in self._view.editor.selection
        state.focused = self._view.hasFocus() and state.selected
        return state


class PortAccess(_Access):
    """A port of a box.

    Parameters
    ----------
    item : ItemAccess
        The box.
    view : CanvasView
        Which draws it.
    key : tuple of bool and str
        Whether it is an output, and its name.
    """

    def __init__(
        self, item: ItemAccess, view: CanvasView, key: tuple[bool, str]
    ) -> None:
        super().__init__()
        self._item = item
        self._view = view
        self.key = key

    @property
    def _spot(self) -> Spot | None:
        if not _is_there(self._view):
            return None
        is_output, name = self.key
        return self._view.board.spot(self._item.key, name, is_output=is_output)

    def isValid(self) -> bool:
        """Say whether it is still there."""
        return self._spot is not None

    def parent(self) -> QAccessibleInterface:
        """Return the box."""
        return self._item

    def childCount(self) -> int:
        """Return none."""
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return none."""
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return -1: there is nothing inside."""
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return none."""
        return None

    def text(self, which: QAccessible.Text) -> str:
        """Return its name in words, and its help."""
        spot = self._spot
        if spot is None:
            return ""
        match which:
            case QAccessible.Text.Name:
                return words_for_port(spot)
            case QAccessible.Text.Description:
                return spot.view.help
        return ""

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        spot = self._spot
        if spot is None:
            return QRect()
        x, y = self._view.board.port_place(spot.address, is_output=spot.is_output)
        reach = self._view.reach(_REACH)
        return _on_screen(
            self._view,
            QPointF(x - reach, y - reach),
            QPointF(x + reach, y + reach),
        )

    def role(self) -> QAccessible.Role:
        """Return what it is: something that can be joined by a key."""
        return QAccessible.Role.Button

    def state(self) -> QAccessible.State:
        """Return whether a wire is on it."""
        state = QAccessible.State()
        spot = self._spot
        if spot is None:
            state.invalid = True
        else:
            state.checkable = True
            state.checked = spot.view.is_wired
        return state


def _is_there(view: CanvasView) -> bool:
    return bool(isValid(view))  # type: ignore[no-untyped-call]


_Interface = TypeVar("_Interface", bound=QAccessibleInterface)


def _registered(one: _Interface) -> _Interface:
    CanvasAccess.made.append(one)
    QAccessible.registerAccessibleInterface(one)
    return one


def _on_screen(view: CanvasView, start: QPointF, end: QPointF) -> QRect:
    port = view.viewport()
    return QRect(port.mapToGlobal(view.pixel(start)), port.mapToGlobal(view.pixel(end)))


def _access_of(name: str, thing: QObject | None) -> QAccessibleInterface | None:
    """Return the interface of a canvas; others have those of Qt."""
    if name != "CanvasView" or thing is None:
        return None
    from bioimageit_flow.gui.canvas.view import CanvasView

    return CanvasAccess(thing) if isinstance(thing, CanvasView) else None


_INSTALLED: list[bool] = []


def make_canvases_accessible() -> None:
    """Tell Qt how a canvas is read; once for the process."""
    if not _INSTALLED:
        _INSTALLED.append(True)
        QAccessible.installFactory(_access_of)
