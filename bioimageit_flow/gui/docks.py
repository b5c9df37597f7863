"""The docks around the canvas: movable, hidden and restored, remembered."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from bioimageit_flow.gui.dock_list import DOCKS, Area, DockSpec, Lazily
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.panel import Panel

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

_LAYOUT_VERSION: Final = 1

_FIRST_PICTURE_MS: Final = 50
"""The window is seen before panels are made that nobody sees."""

_WIDTHS: Final = {"palette": 270, "parameters": 320}
_WIDEST: Final = 1.5
"""Times their width at most: the canvas needs room as well."""

_AREAS: Final[dict[Area, Qt.DockWidgetArea]] = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class Docks:
    """The docks of a window by name.

    Parameters
    ----------
    window : MainWindow
        Where they are.
    specs : sequence of DockSpec
        Which, in the order in which they are put into it.
    """

    def __init__(self, window: "MainWindow", specs: Sequence[DockSpec] = DOCKS) -> None:
        self._window = window
        self._specs = {spec.name: spec for spec in specs}
        self._docks: dict[str, QDockWidget] = {}
        self._made: dict[str, QWidget] = {}
        self._before: QByteArray | None = None
        self._is_released = False
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
        )
        window.setTabPosition(
            Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.South
        )
        window.setCorner(Qt.Corner.BottomLeftCorner, _AREAS["left"])
        window.setCorner(Qt.Corner.BottomRightCorner, _AREAS["right"])
        for spec in specs:
            dock = _Dock(tr(spec.title), window)
            dock.setObjectName(f"dock-{spec.name}")
            self._docks[spec.name] = dock
            if isinstance(spec.make, Lazily):
                dock.visibilityChanged.connect(partial(self._seen, spec.name))
            else:
                self._made[spec.name] = spec.make(window)
                dock.setWidget(self._made[spec.name])
        self._steps = deque(self._late_steps())
        self._awaiting: deque[Callable[[], object]] = deque()
        self._later = QTimer(window)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._step)
        self.arrange()

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    @property
    def panels(self) -> list[Panel]:
        """What is in the docks, made so far, and wants to be told what goes on."""
        held = (self._made.get(name) for name in self._specs)
        return [one for one in held if isinstance(one, Panel)]

    def panel(self, name: str) -> QWidget:
        """Return what is in a dock; it is made now if nobody has seen it yet."""
        if name not in self._made:
            made = self._made[name] = self._specs[name].make(self._window)
            self._docks[name].setWidget(made)
            if isinstance(made, Panel):
                made.show_editor(self._window.editor)
                made.refresh()
        return self._made[name]

    def begin_work(self) -> None:
        """Make what works while it is closed, in turns after the first picture."""
        self._later.start(_FIRST_PICTURE_MS)

    def when_ready(self, call: Callable[[], object]) -> None:
        """Call once all that `begin_work` makes is there, at once if it is."""
        if self._steps:
            self._awaiting.append(call)
        else:
            call()

    def release(self) -> None:
        """Make no more panels, and have those that are there stop."""
        self._is_released = True
        self._steps.clear()
        self._awaiting.clear()
        self._later.stop()
        for panel in self.panels:
            panel.release()

    def _late_steps(self) -> Iterator[Callable[[], object]]:
        for spec in self._specs.values():
            if spec.works_closed and isinstance(spec.make, Lazily):
                yield spec.make.load
                yield partial(self.panel, spec.name)

    def _step(self) -> None:
        if self._steps:
            self._steps.popleft()()
            self._later.start(0)
            return
        while self._awaiting:
            self._awaiting.popleft()()

    def _seen(self, name: str, is_visible: bool) -> None:
        if is_visible and not self._is_released:
            self.panel(name)
            QTimer.singleShot(0, self._window, self._name_tabs)

    def _name_tabs(self) -> None:
        """Name the tabs that Qt makes where docks lie over each other."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self._window.findChildren(QTabBar, options=direct):
            bar.setAccessibleName(tr("Panels"))

    def arrange(self) -> None:
        """Put every dock where it is at first."""
        window, docks = self._window, self._docks
        for name, spec in self._specs.items():
            docks[name].setFloating(False)
            window.addDockWidget(_AREAS[spec.area], docks[name])
            docks[name].show()
        for name, spec in self._specs.items():
            if spec.above:
                window.splitDockWidget(
                    docks[name], docks[spec.above], Qt.Orientation.Vertical
                )
        for name, spec in self._specs.items():
            if spec.beside:
                window.tabifyDockWidget(docks[spec.beside], docks[name])
        for name, spec in self._specs.items():
            docks[name].setVisible(spec.is_open)
        for name in ("palette", "parameters"):
            docks[name].raise_()
        self.scale_width(window.theme.font_scale)
        bottom = [docks[one.name] for one in self._of("bottom")]
        window.resizeDocks(bottom, [180] * len(bottom), Qt.Orientation.Vertical)

    def scale_width(self, font_scale: float) -> None:
        """Give the docks beside the canvas the width that texts of a size need."""
        scale = min(max(font_scale, 1.0), _WIDEST)
        self._window.resizeDocks(
            [self._docks[name] for name in _WIDTHS],
            [round(width * scale) for width in _WIDTHS.values()],
            Qt.Orientation.Horizontal,
        )

    def _of(self, area: str) -> list[DockSpec]:
        return [spec for spec in self._specs.values() if spec.area == area]

    def toggle(self, name: str) -> bool:
        """Show a dock in front, or hide it if it is; returns whether it is there."""
        dock = self._docks[name]
        is_wanted = dock.isHidden() or dock.visibleRegion().isEmpty()
        if is_wanted:
            self.reveal(name)
        else:
            dock.hide()
        return is_wanted

    def set_working(self, *, is_working: bool) -> None:
        """Hide the docks on the start page, and bring them back as they were."""
        QTimer.singleShot(0, self._window, self._name_tabs)
        if is_working and self._before is not None:
            before, self._before = self._before, None
            self._window.restoreState(before, _LAYOUT_VERSION)
        elif not is_working and self._before is None:
            self._before = self._window.saveState(_LAYOUT_VERSION)
            for name, dock in self._docks.items():
                dock.setVisible(self._specs[name].on_start and dock.isVisible())

    def reveal(self, name: str) -> None:
        """Show a dock in front."""
        self.panel(name)
        self._docks[name].show()
        self._docks[name].raise_()

    def give_room(self, name: str, height: int) -> None:
        """Make a dock at least so high, at the cost of the one below it."""
        dock, below = self._docks[name], self._docks[self._specs[name].above]

        def grow() -> None:
            both = dock.height() + below.height()
            if dock.height() < height < both:
                self._window.resizeDocks(
                    [dock, below], [height, both - height], Qt.Orientation.Vertical
                )

        QTimer.singleShot(0, dock, grow)  # once it has its first place

    def save(self) -> str:
        """Return where everything is, as text."""
        state = self._before or self._window.saveState(_LAYOUT_VERSION)
        geometry = self._window.saveGeometry()
        return f"{_text(state)} {_text(geometry)}"

    def restore(self, text: str) -> bool:
        """Put everything where it was; False if the text is of another version."""
        state, _, geometry = text.partition(" ")
        if not state or not geometry:
            return False
        self._window.restoreGeometry(_bytes(geometry))
        if self._before is not None:
            self._before = _bytes(state)
            return True
        return bool(self._window.restoreState(_bytes(state), _LAYOUT_VERSION))


class _Dock(QDockWidget):
    def sizeHint(self) -> QSize:
        return QSize(290, 160)


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode("ascii")))
