"""The docks around the canvas: movable, hidden and restored, remembered."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from bioimageit_flow.gui.language import tr

_LAYOUT_VERSION: Final = 1

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)


class Docks:
    """The docks of a window by name.

    Parameters
    ----------
    window : QMainWindow
        Where they are.
    panels : mapping of str to QWidget
        What they hold: palette, outline, parameters, history, problems, tutorial.
    """

    def __init__(self, window: QMainWindow, panels: Mapping[str, QWidget]) -> None:
        self._window = window
        titles = {
            "palette": tr("Palette"),
            "outline": tr("Outline"),
            "parameters": tr("Parameters"),
            "history": tr("History"),
            "problems": tr("Problems"),
            "tutorial": tr("First steps"),
        }
        self._docks: dict[str, QDockWidget] = {}
        self._before: QByteArray | None = None
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
        )
        window.setTabPosition(
            Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.South
        )
        window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        for name, panel in panels.items():
            dock = _Dock(titles[name], window)
            dock.setObjectName(f"dock-{name}")
            dock.setWidget(panel)
            self._docks[name] = dock
        self.arrange()

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def arrange(self) -> None:
        """Put every dock where it is at first."""
        window, docks = self._window, self._docks
        places = {
            "palette": LEFT,
            "outline": LEFT,
            "tutorial": RIGHT,
            "parameters": RIGHT,
            "history": RIGHT,
            "problems": BOTTOM,
        }
        for name, area in places.items():
            docks[name].setFloating(False)
            window.addDockWidget(area, docks[name])
            docks[name].show()
        window.splitDockWidget(
            docks["tutorial"], docks["parameters"], Qt.Orientation.Vertical
        )
        window.tabifyDockWidget(docks["palette"], docks["outline"])
        window.tabifyDockWidget(docks["parameters"], docks["history"])
        docks["tutorial"].hide()
        docks["problems"].hide()
        docks["palette"].raise_()
        docks["parameters"].raise_()
        window.resizeDocks(
            [docks["palette"], docks["parameters"]],
            [270, 320],
            Qt.Orientation.Horizontal,
        )
        window.resizeDocks([docks["problems"]], [150], Qt.Orientation.Vertical)

    def set_working(self, *, is_working: bool) -> None:
        """Hide the docks on the start page, and bring them back as they were."""
        if is_working and self._before is not None:
            before, self._before = self._before, None
            self._window.restoreState(before, _LAYOUT_VERSION)
        elif not is_working and self._before is None:
            self._before = self._window.saveState(_LAYOUT_VERSION)
            for dock in self._docks.values():
                dock.hide()

    def reveal(self, name: str) -> None:
        """Show a dock in front."""
        self._docks[name].show()
        self._docks[name].raise_()

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
