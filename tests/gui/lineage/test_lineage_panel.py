from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.lineage.graph import Arrow, Role
from bioimageit_flow.gui.experiment import experiment_panel, opened_experiment
from bioimageit_flow.gui.lineage import lineage_panel, show_lineage
from bioimageit_flow.gui.lineage.panel import LineagePanel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.provenance import tree
from tests.gui.lineage.conftest import RESULT

WAIT_MS = 20_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(window: MainWindow, place: Path, qtbot: QtBot) -> Iterator[LineagePanel]:
    """Return the panel with the history of the last result."""
    window.workspace.experiment.open(place)
    experiments = experiment_panel(window)
    qtbot.waitUntil(lambda: experiments.opened.contents is not None, timeout=WAIT_MS)
    experiment = opened_experiment(window)
    assert experiment is not None
    made = lineage_panel(window)
    show_lineage(window, experiment.find_item("values.csv"))
    qtbot.waitUntil(lambda: made.history is not None, timeout=WAIT_MS)
    yield made
    settle(made, qtbot)


def settle(panel: LineagePanel, qtbot: QtBot) -> None:
    backgrounds = (
        panel.background,
        panel.window_.background,
        experiment_panel(panel.window_).background,
    )
    qtbot.waitUntil(lambda: all(one.is_idle for one in backgrounds), timeout=WAIT_MS)


def titles(panel: LineagePanel) -> set[str]:
    return {f"{box.title} {box.count}" for box in panel.view.graph.boxes.values()}


def facts(panel: LineagePanel) -> dict[str, str]:
    found = {}
    for place in range(panel.facts.topLevelItemCount()):
        head = panel.facts.topLevelItem(place)
        assert head is not None
        for n in range(head.childCount()):
            found[head.child(n).text(0)] = head.child(n).text(1)
    return found


def click(panel: LineagePanel, title: str, *, twice: bool = False) -> None:
    item = next(one for one in panel.view.boxes.values() if one.box.title == title)
    panel.view.centerOn(item)
    at = panel.view.mapFromScene(item.sceneBoundingRect().center())
    press = QTest.mouseDClick if twice else QTest.mouseClick
    press(panel.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)


def test_the_history_is_drawn_with_many_alike_as_one(panel: LineagePanel) -> None:
    assert titles(panel) == {
        *("raw 6", "gaussian 6", "gaussian/image 6", "median 1", "values.csv 1")
    }
    assert panel.title.text() == "values.csv"
    assert facts(panel)["kind"] == "image"


def test_a_result_tells_the_annotations_of_what_it_came_from(
    panel: LineagePanel, qtbot: QtBot
) -> None:
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    raw = experiment.find_item("raw/3.tif")
    experiment.annotate([raw], {"condition": "drug"})
    made = next(
        one
        for one in experiment.items()
        if one.name == "3.tif" and one.dataset != raw.dataset
    )
    panel.show_item(made)
    qtbot.waitUntil(lambda: panel.title.text() == "3.tif", timeout=WAIT_MS)
    assert facts(panel)["condition"] == "drug"
    heads = [panel.facts.topLevelItem(n) for n in range(2)]
    assert [head.text(0) for head in heads if head is not None] == [
        "Annotations of what it came from",
        "Item",
    ]


def test_a_double_click_opens_what_is_folded(panel: LineagePanel) -> None:
    click(panel, "raw", twice=True)
    names = {one.box.title for one in panel.view.boxes.values()}
    assert {f"{n}.tif" for n in range(6)} <= names
    assert panel.fold.isEnabled()
    QTest.mouseClick(panel.fold, LEFT)
    assert "raw 6" in titles(panel)


def test_an_arrow_tells_its_edge_with_parameters_and_tool(panel: LineagePanel) -> None:
    arrow = next(one for one in panel.view.graph.arrows if one.edge)
    panel.view.choose(arrow)
    assert isinstance(panel.view.current, Arrow)
    assert "images -> " in panel.detail.text()
    assert "skimage/gaussian@1.0.0" in facts(panel).values()


def test_the_keys_walk_along_the_arrows(panel: LineagePanel) -> None:
    panel.view.setFocus()
    before = panel.title.text()
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    assert panel.title.text() != before
    QTest.keyClick(panel.view, Qt.Key.Key_Right)
    assert panel.title.text() == before
    QTest.keyClick(panel.view, Qt.Key.Key_Escape)
    assert panel.title.text() == ""


def test_the_workflow_of_the_run_comes_back_as_it_was(
    panel: LineagePanel, qtbot: QtBot
) -> None:
    window = panel.window_
    assert panel.workflow.isVisible()
    QTest.mouseClick(panel.workflow, LEFT)
    qtbot.waitUntil(lambda: window.editor is not None, timeout=WAIT_MS)
    editor = window.editor
    assert editor is not None
    assert set(editor.document.nodes) == {"gaussian", "median"}
    assert editor.path is None
    assert editor.selection == {"median"}
    assert window.workspace.experiment.bindings(editor) == {"images": "raw"}


def test_what_was_made_from_an_item_can_be_left_out(
    panel: LineagePanel, qtbot: QtBot
) -> None:
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    panel.show_item(experiment.find_item("raw/3.tif"))
    qtbot.waitUntil(lambda: panel.title.text() == "3.tif", timeout=WAIT_MS)
    assert "values.csv 1" in titles(panel)
    QTest.mouseClick(panel.forward, LEFT)
    qtbot.waitUntil(lambda: len(panel.view.boxes) == 1, timeout=WAIT_MS)


def test_of_a_long_history_some_is_shown_and_all_is_counted(
    panel: LineagePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not panel.says.isVisible()
    monkeypatch.setattr(tree, "WHOLE", 5)
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    panel.show_item(experiment.find_item("values.csv"))
    qtbot.waitUntil(lambda: "raw 6" not in titles(panel), timeout=WAIT_MS)
    assert "A long history of 7 jobs: 4" in panel.says.text()
    assert panel.says.isVisible()
    raws = [one for one in panel.view.boxes.values() if one.box.role is Role.RAW]
    assert len(raws) == 3


def test_another_experiment_clears_the_picture(panel: LineagePanel) -> None:
    panel.window_.workspace.experiment.open(None)
    assert panel.view.boxes == {}
    assert panel.says.isVisible()


def offers(window: MainWindow) -> dict[str, QPushButton]:
    return {
        one.text(): one
        for one in window.message.findChildren(QPushButton)
        if one.isVisible()
    }


def test_a_result_that_is_dropped_brings_its_workflow_back(
    panel: LineagePanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window = panel.window_
    file = tmp_path / "renamed and moved.csv"
    file.write_text(RESULT, encoding="utf-8")
    window.files.dropped([str(file)], None, None)
    qtbot.waitUntil(lambda: "was made by" in window.message.text, timeout=WAIT_MS)
    assert "median" in window.message.text
    QTest.mouseClick(offers(window)["Its workflow, at this item"], LEFT)
    assert window.editor is not None
    assert window.editor.selection == {"median"}
    qtbot.waitUntil(lambda: panel.title.text() == "values.csv", timeout=WAIT_MS)


def test_the_branch_of_a_file_without_a_stamp_is_that_of_its_run(
    panel: LineagePanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window = panel.window_
    file = tmp_path / "renamed and moved.csv"
    file.write_text(RESULT, encoding="utf-8")
    window.files.dropped([str(file)], None, None)
    qtbot.waitUntil(lambda: "was made by" in window.message.text, timeout=WAIT_MS)

    QTest.mouseClick(offers(window)["Only its branch"], LEFT)

    assert window.editor is not None
    document = window.editor.workflow.document
    assert document.name == "What made median.values"
    assert "median" in document.nodes
    assert window.editor.selection == {"median"}


def test_a_file_that_nobody_made_becomes_an_input(
    panel: LineagePanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window = panel.window_
    file = tmp_path / "cells.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    window.files.dropped([str(file)], None, None)
    qtbot.waitUntil(lambda: window.editor is not None, timeout=WAIT_MS)
    assert window.editor is not None
    assert list(window.editor.document.inputs) == ["cells"]


def test_opening_a_file_that_is_no_workflow_says_so(
    panel: LineagePanel, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "cells.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    assert not panel.window_.files.open(file)
    message = panel.window_.message
    qtbot.waitUntil(lambda: "cells.csv is no workflow" in message.text, timeout=WAIT_MS)
