"""The window is made anew in another language, with all that was open."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.application import EditorApplication
from bioimageit_flow.gui.settings import SETTINGS, open_settings
from bioimageit_flow.gui.settings.dialog import SettingsDialog
from tests.gui.conftest import nothing_is_left, workspace

__all__ = ["nothing_is_left", "workspace"]

WAIT_MS = 20_000


def test_another_language_keeps_panels_and_settings_open(
    qapp: QApplication,
    qtbot: QtBot,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    made = EditorApplication(qapp, workspace)
    made.window.show()
    made.window.docks.reveal("experiment")
    open_settings(made.window)
    settings = made.window.findChild(SettingsDialog)
    assert settings is not None
    box = settings.look.language
    first = made.window

    box.setCurrentIndex(box.findData("fr"))
    box.activated.emit(box.currentIndex())

    qtbot.waitUntil(lambda: made.window is not first, timeout=WAIT_MS)
    try:
        assert not made.window.docks["experiment"].isHidden()
        again = made.window.findChild(QDialog, SETTINGS)
        assert isinstance(again, SettingsDialog)
        assert again.windowTitle() == "Réglages"
        again.accept()
    finally:
        made._languages.use("en")
        made.window.retire()
        made.deleteLater()
