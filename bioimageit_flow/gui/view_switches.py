"""Switches of the canvas: minimap and snapping, for every tab, remembered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


def view_switches(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Return what the switches do."""

    def minimap() -> None:
        workspace = window.workspace
        workspace.change_settings(shows_minimap=not workspace.settings.shows_minimap)
        for page in window.documents.pages:
            page.canvas.minimap.set_wanted(workspace.settings.shows_minimap)
        show_switches(window)

    def snap() -> None:
        workspace = window.workspace
        workspace.change_settings(snaps=not workspace.settings.snaps)
        for page in window.documents.pages:
            page.canvas.view.snaps = workspace.settings.snaps
        show_switches(window)

    return {"view.minimap": minimap, "arrange.snap": snap}


def show_switches(window: "MainWindow") -> None:
    """Tick the commands that are switched on, and the panels that are open."""
    settings = window.workspace.settings
    window.actions_.tick("view.minimap", is_on=settings.shows_minimap)
    window.actions_.tick("arrange.snap", is_on=settings.snaps)
    for name in window.docks:
        window.actions_.tick(f"view.{name}", is_on=not window.docks[name].isHidden())
