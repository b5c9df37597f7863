"""The start page names the experiment that the window works with."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Experiment


def test_experiment_is_named_and_leads_to_its_panel(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    assert window.start.experiment.isHidden()
    place = tmp_path / "cells" / "experiment"
    Experiment.create(place).close()
    window.workspace.experiment.open(place)
    button = window.start.experiment
    assert button.isVisible()
    assert button.text() == "Experiment cells/experiment"
    assert button.toolTip() == str(place)

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.editor is not None
    qtbot.waitUntil(lambda: window.docks["experiment"].isVisible())
    window.workspace.experiment.open(None)
    window.documents.show_editor(None)
    assert window.start.experiment.isHidden()
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=20_000)
