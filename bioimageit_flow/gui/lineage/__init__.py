"""The lineage panel: where an item came from, and what was made from it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.gui.lineage.panel import LineagePanel
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.model.data import Item


def lineage_panel(window: "MainWindow") -> "LineagePanel":
    """Return the lineage panel of a window."""
    from bioimageit_flow.gui.lineage.panel import LineagePanel

    panel = window.docks.panel("lineage")
    assert isinstance(panel, LineagePanel)
    return panel


def show_lineage(window: "MainWindow", item: "Item") -> None:
    """Show the history of an item of the experiment that is open, in front."""
    window.docks.reveal("lineage")
    lineage_panel(window).show_item(item)
