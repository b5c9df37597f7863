"""Looking at everything: images, objects in them, tables, plots, contact sheets.

pyqtgraph is imported by files of this package only, and not before something is shown.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from bioimageit_flow.gui.viewer.panel import ViewerPanel

__all__ = ["viewer_of"]


def viewer_of(window: "QMainWindow") -> "ViewerPanel":
    """Return the viewer of a window, made on first use.

    Parameters
    ----------
    window : QMainWindow
        The main window, whose dock ``viewer`` it is; any other gets a dock for it.
    """
    from bioimageit_flow.gui.viewer.docking import panel_in

    return panel_in(window)
