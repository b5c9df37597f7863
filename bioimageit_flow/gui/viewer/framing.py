"""The frame of the viewer: it opens as a window of its own, and may be put back."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QWidget

_SIZE: Final = QSize(1280, 820)
_SHOWN: Final = "was_shown"


def bring_forward(panel: QWidget) -> None:
    """Show the dock that a panel is in; the first time as a window of its own."""
    dock = dock_of(panel)
    if dock is None:
        panel.show()
        return
    if not dock.property(_SHOWN):
        dock.setProperty(_SHOWN, 1)
        dock.topLevelChanged.connect(lambda _is_alone: _frame(dock))
        if not dock.isFloating():
            dock.setFloating(True)
        dock.resize(_fitting(dock))
        _frame(dock)
        if (screen := dock.screen()) is not None:
            place = dock.geometry()
            place.moveCenter(screen.availableGeometry().center())
            dock.setGeometry(place)
    dock.show()
    dock.raise_()
    if dock.isFloating():
        dock.activateWindow()


def dock_of(widget: QWidget) -> QDockWidget | None:
    """Return the dock that a widget is in."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent


def _frame(dock: QDockWidget) -> None:
    """Give a dock that stands alone the frame of a window, to be made as large."""
    if dock.isFloating() and not dock.windowFlags() & Qt.WindowType.CustomizeWindowHint:
        is_shown = dock.isVisible()
        dock.setWindowFlags(
            Qt.WindowType.Window
            | Qt.WindowType.CustomizeWindowHint
            | Qt.WindowType.WindowTitleHint
            | Qt.WindowType.WindowSystemMenuHint
            | Qt.WindowType.WindowMinMaxButtonsHint
            | Qt.WindowType.WindowCloseButtonHint
        )
        if is_shown:
            dock.show()


def _fitting(dock: QDockWidget) -> QSize:
    screen = dock.screen()
    return _SIZE if screen is None else _SIZE.boundedTo(screen.availableSize() * 0.9)
