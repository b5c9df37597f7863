"""Where the viewer of a window is made."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import DARK, Theme
from bioimageit_flow.gui.viewer.panel import ViewerPanel

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


def make(window: "MainWindow") -> ViewerPanel:
    """Return the viewer of a main window, still empty; for the list of docks."""
    return ViewerPanel(window, window.theme)


def panel_in(window: QMainWindow) -> ViewerPanel:
    """Return the viewer of a window; a window without one gets a dock for it."""
    docks = getattr(window, "docks", None)
    found = docks.panel("viewer") if docks else window.findChild(ViewerPanel)
    if isinstance(found, ViewerPanel):
        return found
    theme = getattr(window, "theme", DARK)
    assert isinstance(theme, Theme)
    panel = ViewerPanel(window, theme)
    dock = QDockWidget(tr("Viewer"), window)
    dock.setObjectName("dock-viewer")
    dock.setWidget(panel)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    dock.hide()
    return panel
