"""What a plan finds shows up while one draws, and old answers do not."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Experiment

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 60_000


@pytest.fixture
def drawn(window: MainWindow, tmp_path: Path) -> MainWindow:
    """Return a window with a blur of an input, and an experiment of two images."""
    with Experiment.create(
        tmp_path / "spots", session=window.workspace.session
    ) as experiment:
        paths = [tmp_path / f"{number}.tif" for number in range(2)]
        for path in paths:
            tifffile.imwrite(path, np.zeros((8, 8), np.uint8))
        experiment.import_files(paths, dataset="raw")
        experiment.import_files(paths[:1], dataset="other")
    window.files.new()
    assert window.editor is not None
    images = window.editor.add_dataset("images", "image", (0, 0))
    window.editor.add_tool("skimage/gaussian", connect_from=(images, None))
    window.workspace.experiment.open(tmp_path / "spots")
    return window


def codes(window: MainWindow) -> list[str]:
    assert window.editor is not None
    return [one.code for one in window.editor.problems]


def test_input_that_is_not_bound_is_bound_from_the_list(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "unbound-input" in codes(drawn), timeout=PATIENCE_MS)
    drawn.refresh()
    assert drawn.editor is not None
    drawn.docks.reveal("problems")
    problems = drawn.problems
    row = problems.model.index(0, 0)
    place = problems.list.visualRect(row).center()
    QTest.mouseClick(problems.list.viewport(), LEFT, pos=place)
    button = next(
        one for one in problems.findChildren(QPushButton) if one.text() == "Bind to raw"
    )
    QTest.mouseClick(button, LEFT)

    experiment = drawn.workspace.experiment
    assert experiment.bindings(drawn.editor) == {"images": "raw"}
    qtbot.waitUntil(lambda: "unbound-input" not in codes(drawn), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: drawn.plan_watch.known.jobs == 2, timeout=PATIENCE_MS)


def test_input_that_is_not_bound_takes_the_only_dataset(
    drawn: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    with Experiment.create(
        tmp_path / "one", session=drawn.workspace.session
    ) as experiment:
        experiment.import_files([tmp_path / "0.tif"], dataset="cells")
    state = drawn.workspace.experiment
    state.open(tmp_path / "one")
    assert drawn.editor is not None
    editor = drawn.editor

    qtbot.waitUntil(
        lambda: state.bindings(editor) == {"images": "cells"}, timeout=PATIENCE_MS
    )
    qtbot.waitUntil(lambda: drawn.plan_watch.known.jobs == 1, timeout=PATIENCE_MS)
    assert "unbound-input" not in codes(drawn)


def test_an_input_is_not_bound_to_data_of_another_kind(
    drawn: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    table = tmp_path / "counts.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with Experiment.create(
        tmp_path / "one", session=drawn.workspace.session
    ) as experiment:
        experiment.import_files([table], dataset="tables")
    state = drawn.workspace.experiment
    state.open(tmp_path / "one")

    assert drawn.editor is not None
    qtbot.waitUntil(
        lambda: drawn.plan_watch.known.datasets == ("tables",), timeout=PATIENCE_MS
    )
    assert drawn.plan_watch.known.obvious is None
    assert state.bindings(drawn.editor) == {}


def test_findings_follow_the_tab_in_front(drawn: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "unbound-input" in codes(drawn), timeout=PATIENCE_MS)
    drawn.files.new()
    drawn.refresh()

    assert codes(drawn) == []
    qtbot.waitUntil(lambda: drawn.background.is_idle, timeout=PATIENCE_MS)
    assert codes(drawn) == []


def test_without_an_experiment_nothing_is_said(drawn: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "unbound-input" in codes(drawn), timeout=PATIENCE_MS)
    drawn.workspace.experiment.open(None)

    qtbot.waitUntil(lambda: codes(drawn) == [], timeout=PATIENCE_MS)


def test_experiment_that_cannot_be_read_is_one_hint(
    drawn: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drawn.workspace.experiment.open(tmp_path / "nothing")

    qtbot.waitUntil(lambda: "plan" in codes(drawn), timeout=PATIENCE_MS)
