"""Settings: how the window looks, where jobs run, what they may use, and doctor."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

SETTINGS: Final = "settings"
"""The name of the dialog among the children of its window."""


def open_settings(window: "MainWindow", page: str = "") -> None:
    """Open the settings, or bring them to the front.

    Parameters
    ----------
    page : str
        ``look``, ``shortcuts``, ``runs``, ``folders``, ``doctor`` or ``about``; empty
        for the first.
    """
    from bioimageit_flow.gui.settings.dialog import SettingsDialog

    found = window.findChild(SettingsDialog)
    dialog = found if isinstance(found, SettingsDialog) else SettingsDialog(window)
    dialog.show_page(page)
    dialog.open()
