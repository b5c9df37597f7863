import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsItem
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.runs.panel import RunsPanel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.run import JobState, RunState
from tests.gui.runs.conftest import PATIENCE_MS
from tests.integration.engine.lab import Lab

pytestmark = pytest.mark.usefixtures("threads")


def pictures(window: MainWindow) -> dict[str, QGraphicsItem]:
    assert window.page is not None
    return dict(window.page.canvas.previews.shown)


def has_results(panel: RunsPanel, editor: Editor) -> bool:
    """Say whether the panel knows of a run that has begun and ended."""
    newest = panel.control.newest_of(editor)
    return newest is not None and newest.state is RunState.DONE


def press(window: MainWindow, key: Qt.Key) -> None:
    assert window.page is not None
    window.page.canvas.setFocus()
    QTest.keyClick(window.page.canvas, key)


def test_page_down_steps_through_the_items_of_a_run(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.experiment.run(editor.workflow, bind={"images": "raw"})
    lab_window.workspace.experiment.contents_changed.emit()
    cursor = panel.cursor_item
    qtbot.waitUntil(lambda: has_results(panel, editor), timeout=PATIENCE_MS)

    press(lab_window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: cursor.name == "image_001.ome.tif", timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: set(pictures(lab_window)) == {"images", "add"}, timeout=PATIENCE_MS
    )
    press(lab_window, Qt.Key.Key_PageDown)
    press(lab_window, Qt.Key.Key_PageDown)
    press(lab_window, Qt.Key.Key_PageUp)

    assert cursor.name == "image_002.ome.tif"
    lab_window.actions_["run.hide_items"].trigger()
    assert pictures(lab_window) == {}


def test_pictures_go_with_their_node(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.experiment.run(editor.workflow, bind={"images": "raw"})
    lab_window.workspace.experiment.contents_changed.emit()
    qtbot.waitUntil(lambda: has_results(panel, editor), timeout=PATIENCE_MS)
    press(lab_window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: "add" in pictures(lab_window), timeout=PATIENCE_MS)

    editor.select(["add"])
    lab_window.actions_["edit.delete"].setEnabled(True)
    lab_window.actions_["edit.delete"].trigger()

    assert set(pictures(lab_window)) == {"images"}
    editor.undo()
    assert set(pictures(lab_window)) == {"images", "add"}


def test_item_that_was_made_turns_to_its_raw_item(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    run = lab.experiment.run(editor.workflow, bind={"images": "raw"})
    (table,) = [
        one
        for one in run.results("measure", "table")
        if [root.name for root in lab.experiment.lineage(one.item).raw_items()]
        == ["image_003.ome.tif"]
    ]

    panel.look_at(table.item.id)

    qtbot.waitUntil(
        lambda: panel.cursor_item.name == "image_003.ome.tif", timeout=PATIENCE_MS
    )
    qtbot.waitUntil(lambda: bool(pictures(lab_window)), timeout=PATIENCE_MS)


def test_without_a_run_the_window_says_what_to_do(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_PageDown)

    assert "Run the workflow" in lab_window.message.text


def test_the_item_that_is_shown_is_tried_and_the_others_stay_within_reach(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.experiment.run(editor.workflow, bind={"images": "raw"})
    lab_window.workspace.experiment.contents_changed.emit()
    cursor = panel.cursor_item
    qtbot.waitUntil(lambda: has_results(panel, editor), timeout=PATIENCE_MS)
    press(lab_window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: cursor.item is not None, timeout=PATIENCE_MS)
    press(lab_window, Qt.Key.Key_PageDown)
    assert cursor.name == "image_002.ome.tif"
    editor.set_parameter("add", "amount", 7)

    assert lab_window.page is not None
    alt = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(lab_window.page.canvas, Qt.Key.Key_R, alt)

    def is_tried() -> bool:
        newest = panel.control.newest_of(editor)
        return newest is not None and newest.counts == {JobState.DONE: 2}

    qtbot.waitUntil(is_tried, timeout=PATIENCE_MS)
    tried = lab.experiment.find_run("last")
    (made,) = tried.results("add", "result")
    assert made.name.startswith("image_002")
    qtbot.waitUntil(
        lambda: cursor.count == 3 and cursor.name == "image_002.ome.tif",
        timeout=PATIENCE_MS,
    )
    press(lab_window, Qt.Key.Key_PageDown)
    assert cursor.name == "image_003.ome.tif"
    qtbot.waitUntil(
        lambda: set(pictures(lab_window)) == {"images", "add"}, timeout=PATIENCE_MS
    )


def test_without_pictures_the_first_item_is_tried(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab_window.actions_["run.try_one"].trigger()
    qtbot.waitUntil(lambda: has_results(panel, editor), timeout=PATIENCE_MS)

    (made,) = lab.experiment.find_run("last").results("add", "result")
    assert made.name.startswith("image_001")
