"""The canvas by keyboard alone: walking wires and ports, connecting, renaming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QMenu

from bioimageit_flow.editor.geometry import GRID
from bioimageit_flow.editor.seeking import Direction
from bioimageit_flow.gui.canvas.board import Spot
from bioimageit_flow.gui.canvas.words import words_for_node, words_for_port
from bioimageit_flow.gui.language import tr

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.inline import InlineEdit
    from bioimageit_flow.gui.canvas.view import CanvasView

_ARROWS: Mapping[int, tuple[Direction, int, int]] = {
    Qt.Key.Key_Left: ("left", -1, 0),
    Qt.Key.Key_Right: ("right", 1, 0),
    Qt.Key.Key_Up: ("up", 0, -1),
    Qt.Key.Key_Down: ("down", 0, 1),
}


class Keyboard:
    """Where the keyboard is on the canvas, and what keys do there.

    Parameters
    ----------
    view : CanvasView
        The canvas.
    inline : InlineEdit
        Where titles are written.
    announce : callable
        Told in words where the keyboard came to.
    """

    def __init__(
        self, view: CanvasView, inline: InlineEdit, announce: Callable[[str], None]
    ) -> None:
        self._view = view
        self._inline = inline
        self._announce = announce
        self.current = ""
        self.port: tuple[bool, str] | None = None
        view.on_key = self.press

    def forget(self) -> None:
        """Be nowhere, as another document is shown."""
        self.current, self.port = "", None

    def refresh(self) -> None:
        """Follow the selection after the scene has changed."""
        if not self._view.has_editor:
            return
        board = self._view.board
        chosen = [key for key in self._view.editor.selection if key in board.nodes]
        if self.current and self.current not in chosen:
            self._leave()
        self._draw()

    def press(self, event: QKeyEvent) -> None:
        """Do what a key means here; leave other keys to the window."""
        if not self._view.has_editor:
            return
        key, modifiers = event.key(), event.modifiers()
        plain = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        if self._act(Qt.Key(key), plain, event):
            event.accept()

    def _act(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier, event: QKeyEvent
    ) -> bool:
        view = self._view
        none = Qt.KeyboardModifier.NoModifier
        ctrl = Qt.KeyboardModifier.ControlModifier
        shift = Qt.KeyboardModifier.ShiftModifier
        if key in _ARROWS:
            return self._arrow(key, modifiers)
        match key:
            case Qt.Key.Key_Escape:
                return self._escape()
            case Qt.Key.Key_Space if modifiers == none:
                if not event.isAutoRepeat():
                    view.is_space_down = True
                    view.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
                return True
            case Qt.Key.Key_Tab if modifiers == none:
                return self._tab(1)
            case Qt.Key.Key_Backtab:
                return self._tab(-1)
            case Qt.Key.Key_C if modifiers == none:
                return self.connect()
            case Qt.Key.Key_F | Qt.Key.Key_Home if modifiers == none:
                chosen = view.editor.selection if key == Qt.Key.Key_F else ()
                view.show_box(view.board.bounds(chosen or None))
                return True
            case Qt.Key.Key_F2:
                return self._inline.open(self._chosen())
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if modifiers in (none, ctrl):
                editor = view.editor
                return bool(editor.selection) and view.attempt(
                    lambda: editor.remove(editor.selection, reconnect=modifiers == ctrl)
                )
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._chosen():
                view.activated.emit(self._chosen())
                return True
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if modifiers in (none, shift):
                view.set_zoom(view.zoom * 1.25)
                return True
            case Qt.Key.Key_Minus if modifiers == none:
                view.set_zoom(view.zoom / 1.25)
                return True
        return False

    def _escape(self) -> bool:
        view = self._view
        if view.cancel():
            return True
        if view.card.isVisible():
            view.card.hide()
            return True
        if self.port is not None:
            self.port = None
            self._draw()
            return True
        view.editor.select((), "replace")
        self._leave()
        return True

    def _arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        direction, dx, dy = _ARROWS[key]
        editor = self._view.editor
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return self._nudge(dx, dy, modifiers)
        if modifiers not in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ControlModifier,
        ):
            return False
        if not self.current:
            found: str | None
            chosen = [k for k in editor.selection if k in self._view.board.nodes]
            if chosen:  # by the mouse: walk on from there
                found = editor.neighbour(chosen[0], direction) or chosen[0]
            else:
                found = next(iter(self._view.board.nodes), None)
        else:
            found = editor.neighbour(self.current, direction)
        if found is None:
            return True
        is_adding = modifiers == Qt.KeyboardModifier.ControlModifier
        self.go_to(found, "add" if is_adding else "replace")
        return True

    def go_to(self, node: str, mode: str = "replace") -> None:
        """Bring the keyboard to a node."""
        self._leave()
        self.current = node
        self._view.editor.select((node,), mode)
        self._draw()
        item = self._view.board.nodes.get(node)
        if item is not None:
            self._view.reveal(item.area)
            self._tell(words_for_node(item.view))

    def _nudge(self, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> bool:
        view = self._view
        step = GRID * (5 if modifiers & Qt.KeyboardModifier.ControlModifier else 1)
        items = {key: view.board.box(key) for key in view.editor.selection}
        places = {
            key: (item.x() + dx * step, item.y() + dy * step)
            for key, item in items.items()
            if item is not None
        }
        if places:
            view.attempt(lambda: view.editor.move(places))
        return True

    def _tab(self, step: int) -> bool:
        """Walk the ports of the node selected; without one, ask for the search."""
        view = self._view
        if not self.current:  # chosen by the mouse: go on from there
            chosen = [k for k in view.editor.selection if k in view.board.nodes]
            self.current = chosen[0] if len(chosen) == 1 else ""
        item = view.board.nodes.get(self.current)
        if item is None:
            if step > 0:
                view.ask_by_key()
            return step > 0
        ports = [spot.key for spot, _ in view.board.ports_of(item)]
        if not ports:
            return True
        here = ports.index(self.port) if self.port in ports else (-1 if step > 0 else 0)
        self.port = ports[(here + step) % len(ports)]
        self._draw()
        spot = self._spot()
        if spot is not None:
            self._tell(words_for_port(spot))
        return True

    def connect(self) -> bool:
        """List what the current port can be wired to."""
        view = self._view
        node = self.current or next(
            (key for key in view.editor.selection if key in view.board.nodes), ""
        )
        item = view.board.nodes.get(node)
        if item is None:
            return False
        self.current = node
        spot = self._spot()
        if spot is None:
            spots = [found for found, _ in view.board.ports_of(item)]
            outputs = [one for one in spots if one.is_output]
            spot = next(iter(outputs or spots), None)
        if spot is None:
            return True
        self.port = spot.key
        self._draw()
        x, y = view.board.port_place(spot.address, is_output=spot.is_output)
        at = view.pixel(QPointF(x, y)) + QPoint(14, 10)
        found = self._targets(spot)
        if not found:
            self._ask_for_tool(spot, at)
            return True
        menu = self._menu(spot, found, at)
        menu.popup(view.viewport().mapToGlobal(at))
        menu.setActiveAction(menu.actions()[0])  # opening forgets an earlier one
        return True

    def _ask_for_tool(self, spot: Spot, at: QPoint) -> None:
        """Open the search for tools that fit a port."""
        place = self._view.place(at)
        way = QPointF(120 if spot.is_output else -340, -40)
        self._view.ask_for_tool(place + way, at, spot.address)

    def _menu(self, spot: Spot, found: list[Spot], at: QPoint) -> QMenu:
        view, editor = self._view, self._view.editor
        menu = QMenu(view)
        menu.setObjectName("canvasConnect")
        menu.aboutToHide.connect(menu.deleteLater)
        titles = Counter(item.view.title for item in view.board.nodes.values())
        for other in found:
            title = view.board.nodes[other.node].view.title
            if titles[title] > 1:
                title = f"{title} ({other.node})"
            text = f"{title} · {other.view.label}" if other.view.label else title
            if other.view.is_wired and spot.is_output and not other.view.takes_group:
                text = tr("{port} (instead of its wire)", port=text)
            source, target = (spot, other) if spot.is_output else (other, spot)
            join = partial(editor.connect, source.address, (target.node, target.name))
            action = menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(lambda _=False, join=join: view.attempt(join))
        menu.addSeparator()
        more = menu.addAction(tr("Add a tool that fits…"))
        more.triggered.connect(lambda: self._ask_for_tool(spot, at))
        return menu

    def _targets(self, spot: Spot) -> list[Spot]:
        """Return the ports that fit and that it is not wired to, free ones first."""
        board = self._view.board
        fits = set(self._view.editor.compatible(spot.address, is_output=spot.is_output))
        for wire in board.wires.values():
            ends = (wire.view.source, wire.view.target)
            here, there = ends if spot.is_output else reversed(ends)
            if here == spot.address:
                fits.discard(there)
        x, y = board.port_place(spot.address, is_output=spot.is_output)
        found = [
            (other.view.is_wired, abs(ox - x) + abs(oy - y), other)
            for item in board.nodes.values()
            for other, (ox, oy) in board.ports_of(item)
            if other.address in fits and other.is_output != spot.is_output
        ]
        return [other for _, _, other in sorted(found, key=lambda one: one[:2])]

    def _chosen(self) -> str:
        """Return what keys are about: where the keyboard is, or what is selected."""
        return self.current or next(iter(self._view.editor.selection), "")

    def _spot(self) -> Spot | None:
        if self.port is None or not self.current:
            return None
        is_output, name = self.port
        return self._view.board.spot(self.current, name, is_output=is_output)

    def _leave(self) -> None:
        item = self._view.board.nodes.get(self.current)
        if item is not None:
            item.set_current(False)
        self.current, self.port = "", None

    def _draw(self) -> None:
        item = self._view.board.nodes.get(self.current)
        if item is not None:
            item.set_current(True, self.port)

    def _tell(self, words: str) -> None:
        self._announce(words)
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self._view, words)
            QAccessible.updateAccessibility(event)
            self._tell_focus()

    def _tell_focus(self) -> None:
        """Let a screen reader go to the box that the keyboard came to."""
        keys = list(self._view.board.nodes)
        if self.current in keys:
            focus = QAccessibleEvent(self._view, QAccessible.Event.Focus)
            focus.setChild(keys.index(self.current))
            QAccessible.updateAccessibility(focus)
