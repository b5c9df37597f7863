from pathlib import Path
from threading import Event, Thread

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.runs.panel import RunsPanel
from bioimageit_flow.gui.runs.plan_dialog import PlanDialog
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Experiment
from bioimageit_flow.testing.in_process import InProcessJob
from tests.gui.runs.acting import ended, press, status_of
from tests.gui.runs.conftest import PATIENCE_MS
from tests.integration.engine.lab import Lab, add

pytestmark = pytest.mark.usefixtures("threads")


def test_key_runs_the_workflow_over_the_only_dataset(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)

    assert panel.control.statuses[0].state is RunState.DONE
    assert status_of(editor, "add") == (NodeStatus.DONE, "3 done")
    assert status_of(editor, "join") == (NodeStatus.DONE, "1 done")
    assert "7" in lab_window.message.text


def test_first_try_takes_three_items(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.experiment.import_files([lab.image(number) for number in range(4, 9)])

    press(lab_window, Qt.Key.Key_R, shift=True)
    ended(qtbot, panel)

    assert panel.control.statuses[0].counts == {JobState.DONE: 7}
    qtbot.waitUntil(
        lambda: "The other 11 jobs" in lab_window.message.text, timeout=PATIENCE_MS
    )


def test_selected_node_runs_with_what_it_needs(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    editor.select(["measure"])
    action = lab_window.actions_["run.to_here"]
    qtbot.waitUntil(action.isEnabled)
    action.trigger()
    ended(qtbot, panel)

    assert panel.control.statuses[0].counts == {JobState.DONE: 6}


def test_what_would_run_is_shown_and_can_be_run(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    def shown() -> PlanDialog:
        lab_window.actions_["run.plan"].trigger()
        qtbot.waitUntil(lambda: dialogs(lab_window) != [], timeout=PATIENCE_MS)
        (dialog,) = dialogs(lab_window)
        return dialog

    dialog = shown()
    told = {
        row[0]: row[1:7]
        for row in (
            [cell_of(dialog, line, column) for column in range(7)]
            for line in range(dialog.nodes.rowCount())
        )
    }
    assert told["add"] == ["3", "", "3", "", "", "not run before"]
    assert dialog.problems.text() == ""  # that nothing was bound is over
    assert dialog.run.isEnabled()
    assert told["measure"][:4] == ["3", "", "", "3"]
    assert panel.control.statuses == []

    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    ended(qtbot, panel)
    assert panel.control.statuses[0].counts == {JobState.DONE: 7}

    again = shown()
    assert "7 jobs, 7 of them reused" in again.verdict.text()
    again.reject()
    editor.set_parameter(["add"], "amount", "many")
    wrong = shown()
    assert not wrong.run.isEnabled()
    assert "amount" in wrong.problems.text()
    wrong.reject()


def dialogs(window: MainWindow) -> list[PlanDialog]:
    return [one for one in window.findChildren(PlanDialog) if one.isVisible()]


def cell_of(dialog: PlanDialog, line: int, column: int) -> str:
    item = dialog.nodes.item(line, column)
    return "" if item is None else item.text()


def test_run_of_a_terminal_does_not_take_the_place_of_what_is_read(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    chosen = panel.runs.current
    assert chosen

    lab.run(lab.line(), set={"add.amount": 3})
    qtbot.waitUntil(lambda: panel.runs.model.rowCount() == 2, timeout=PATIENCE_MS)

    assert panel.runs.current == chosen


def test_plan_is_painted_before_anything_runs(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab_window.workspace.experiment.bind(editor, "images", "raw")

    qtbot.waitUntil(
        lambda: status_of(editor, "add") == (NodeStatus.READY, "3 to run"),
        timeout=PATIENCE_MS,
    )


def test_edit_after_a_run_shows_what_would_run_again(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)

    editor.set_parameter("add", "amount", 5)

    qtbot.waitUntil(
        lambda: status_of(editor, "add") == (NodeStatus.STALE, "3 of 3 to run"),
        timeout=PATIENCE_MS,
    )
    page = lab_window.page
    assert page is not None
    view = page.canvas.view
    node = view.board.nodes["add"]
    at = view.mapFromScene(node.pos() + QPointF(20, 12))
    QTest.mouseMove(view.viewport(), at)
    tip = view.viewport().toolTip
    qtbot.waitUntil(lambda: "amount" in tip(), timeout=PATIENCE_MS)
    assert "5" in tip()
    event = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)
    assert QToolTip.text() == tip()
    QToolTip.hideText()


def test_run_that_cannot_begin_says_why(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab_window.workspace.experiment.bind(editor, "images", "nowhere")

    press(lab_window, Qt.Key.Key_R)

    qtbot.waitUntil(lambda: "nowhere" in lab_window.message.text, timeout=PATIENCE_MS)
    ended(qtbot, panel)
    assert panel.control.statuses[0].state is RunState.FAILED


def test_window_finds_a_run_that_works_when_it_is_opened(
    qtbot: QtBot,
    lab: Lab,
    lab_window: MainWindow,
    panel: RunsPanel,
    editor: Editor,
    threads: list[Thread],
) -> None:
    run = lab.experiment.start(editor.workflow, bind={"images": "raw"})

    lab_window.workspace.experiment.contents_changed.emit()

    qtbot.waitUntil(lambda: bool(panel.control.statuses), timeout=PATIENCE_MS)
    ended(qtbot, panel)
    assert panel.control.statuses[0].id == run


def test_workflow_of_a_run_opens_as_it_was(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    editor.set_parameter("add", "amount", 50)

    panel.view.asked.emit("workflow")

    qtbot.waitUntil(lambda: len(lab_window.workspace.editors) == 2, timeout=PATIENCE_MS)
    opened = lab_window.workspace.editors[-1]
    assert opened.workflow.document.nodes["add"].parameters == {"amount": 10}


def test_runs_of_another_experiment_are_let_go(
    qtbot: QtBot,
    lab_window: MainWindow,
    panel: RunsPanel,
    editor: Editor,
    tmp_path: Path,
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    Experiment.create(tmp_path / "other").close()

    lab_window.workspace.experiment.open(tmp_path / "other")

    qtbot.waitUntil(
        lambda: not panel.control.statuses and not panel.control.followed,
        timeout=PATIENCE_MS,
    )
    assert panel.runs.model.rowCount() == 0


def test_queued_run_leaves_the_canvas_to_the_one_that_works(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    may_go_on = Event()

    def wait_and_add(job: InProcessJob) -> None:
        may_go_on.wait(30)
        add(job)

    lab.functions["test/add"] = wait_and_add
    try:
        press(lab_window, Qt.Key.Key_R)
        qtbot.waitUntil(
            lambda: status_of(editor, "add")[0] is NodeStatus.RUNNING,
            timeout=PATIENCE_MS,
        )
        first = panel.control.of(editor)
        assert first is not None

        press(lab_window, Qt.Key.Key_R)
        qtbot.waitUntil(
            lambda: (
                [one.state for one in panel.control.statuses]
                == [RunState.QUEUED, RunState.RUNNING]
            ),
            timeout=PATIENCE_MS,
        )

        assert panel.control.of(editor) is first
        assert status_of(editor, "add")[0] is NodeStatus.RUNNING
    finally:
        may_go_on.set()
    ended(qtbot, panel, count=2)
    assert status_of(editor, "add") == (NodeStatus.REUSED, "3 reused")


def test_edit_after_a_run_that_was_found_shows_what_would_run_again(
    qtbot: QtBot,
    lab: Lab,
    lab_window: MainWindow,
    panel: RunsPanel,
    editor: Editor,
    threads: list[Thread],
) -> None:
    may_go_on = Event()

    def wait_and_add(job: InProcessJob) -> None:
        may_go_on.wait(30)
        add(job)

    lab.functions["test/add"] = wait_and_add
    try:
        lab_window.workspace.experiment.bind(editor, "images", "raw")
        lab.experiment.start(editor.workflow, bind={"images": "raw"})
        lab_window.workspace.experiment.contents_changed.emit()
        qtbot.waitUntil(
            lambda: status_of(editor, "add")[0] is NodeStatus.RUNNING,
            timeout=PATIENCE_MS,
        )
    finally:
        may_go_on.set()
    ended(qtbot, panel)
    assert status_of(editor, "add") == (NodeStatus.DONE, "3 done")

    editor.set_parameter("add", "amount", 5)

    qtbot.waitUntil(
        lambda: status_of(editor, "add") == (NodeStatus.STALE, "3 of 3 to run"),
        timeout=PATIENCE_MS,
    )
