"""The few windows of their own: preferences, shortcuts, about."""

from typing import TYPE_CHECKING

from bioimageit_flow.gui.about_dialog import AboutDialog
from bioimageit_flow.gui.preferences_dialog import Choices, PreferencesDialog
from bioimageit_flow.gui.shortcuts_dialog import ShortcutsDialog, shortcuts

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


class Dialogs:
    """Opens dialogs; none of them stops the window behind it."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def preferences(self) -> None:
        """Open the settings."""
        self.settings("look")

    def shortcuts(self) -> None:
        """Open the settings with the list of keys."""
        self.settings("shortcuts")

    def settings(self, page: str = "") -> None:
        """Open the settings at a page."""
        from bioimageit_flow.gui.settings import open_settings

        open_settings(self._window, page)

    def look_page(self) -> PreferencesDialog:
        """Return theme, language and size of text, to stand in the settings."""
        settings = self._window.workspace.settings
        choices = Choices(settings.theme, settings.language, settings.font_scale)
        return PreferencesDialog(choices, self._take)

    def shortcuts_page(self) -> ShortcutsDialog:
        """Return the list of keys, to stand in the settings."""
        window = self._window
        listed = shortcuts(
            [
                (one.id, one.title, one.category, one.default_shortcut)
                for one in window.actions_.listed
            ],
            window.workspace.settings.shortcuts,
        )
        return ShortcutsDialog(listed, self._set_keys)

    def about(self) -> None:
        """Say what this program is."""
        AboutDialog(self._window.theme, self._window).open()

    def scale_by(self, factor: float) -> None:
        """Make all texts larger or smaller."""
        settings = self._window.workspace.settings
        scale = round(settings.font_scale * factor, 2)
        self._take(
            Choices(settings.theme, settings.language, min(max(scale, 0.8), 2.0))
        )

    def _take(self, choices: Choices) -> None:
        self._window.workspace.change_settings(
            theme=choices.theme,
            language=choices.language,
            font_scale=choices.font_scale,
        )
        self._window.look_changed.emit()

    def _set_keys(self, command: str, keys: str) -> None:
        window = self._window
        kept = dict(window.workspace.settings.shortcuts)
        defaults = {one.id: one.default_shortcut for one in window.actions_.listed}
        kept[command] = keys
        if defaults[command] == keys:
            del kept[command]
        window.workspace.change_settings(shortcuts=kept)
        window.actions_.set_keys(command, keys)
