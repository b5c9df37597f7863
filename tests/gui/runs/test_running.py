from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.language import Languages, tr
from bioimageit_flow.gui.runs.compare_dialog import CompareDialog
from bioimageit_flow.gui.runs.panel import RunsPanel
from bioimageit_flow.gui.runs.plan_dialog import PlanDialog
from bioimageit_flow.gui.viewer import viewer_of
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.ids import new_item_id, new_job_id
from bioimageit_flow.model.run import FailureCause, JobState, RunState
from bioimageit_flow.provenance.comparing import Change, Comparison, ResultPair
from bioimageit_flow.provenance.verdict import Sameness, Verdict
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.run_matrix import FailureGroup, RunMatrix
from bioimageit_flow.testing.in_process import InProcessJob
from tests.gui.runs.conftest import PATIENCE_MS
from tests.integration.engine.lab import Lab, add
from tests.integration.engine.test_resume import add_but_not_to_two

pytestmark = pytest.mark.usefixtures("threads")


def press(window: MainWindow, key: Qt.Key, *, shift: bool = False) -> None:
    page = window.page
    assert page is not None
    page.canvas.setFocus()
    modifier = Qt.KeyboardModifier.ControlModifier
    if shift:
        modifier |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(page.canvas, key, modifier)


def ended(qtbot: QtBot, panel: RunsPanel, count: int = 1) -> None:
    def is_over() -> bool:
        statuses = panel.control.statuses
        return (
            len(statuses) == count
            and not any(one.is_alive for one in statuses)
            and all(run.is_over for run in panel.control.followed.values())
        )

    qtbot.waitUntil(is_over, timeout=PATIENCE_MS)


def status_of(editor: Editor, node: str) -> tuple[NodeStatus, str]:
    view = editor.scene.nodes[node]
    return view.status, view.progress


def click(qtbot: QtBot, window: MainWindow, panel: RunsPanel, text: str) -> None:
    window.docks.reveal("runs")
    buttons = panel.findChildren(QPushButton)
    (button,) = [one for one in buttons if one.text() == text]
    qtbot.waitUntil(button.isVisible, timeout=PATIENCE_MS)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


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


def test_failures_are_grouped_and_tried_again_within_the_run(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    qtbot.waitUntil(
        lambda: panel.view.failures.tree.topLevelItemCount() == 1, timeout=PATIENCE_MS
    )
    assert status_of(editor, "add") == (NodeStatus.PARTIAL, "1 of 3 failed")
    group = panel.view.failures.tree.topLevelItem(0)
    assert group is not None
    assert group.child(0).text(0) == "image_002.ome.tif"

    lab.functions["test/add"] = add
    click(qtbot, lab_window, panel, "Try failed again")
    qtbot.waitUntil(
        lambda: panel.control.statuses[0].state is RunState.DONE, timeout=PATIENCE_MS
    )

    ended(qtbot, panel)
    assert status_of(editor, "add") == (NodeStatus.DONE, "3 done")


def many_failures(count: int) -> tuple[FailureGroup, ...]:
    names = {new_item_id(): f"image_{n:05}.tif" for n in range(count)}
    jobs = tuple(new_job_id() for _ in names)
    return (FailureGroup("add", FailureCause.TOOL_ERROR, "blurred", jobs, names),)


def test_thousands_of_failures_are_listed_a_page_at_a_time(
    qtbot: QtBot, lab_window: MainWindow, panel: RunsPanel
) -> None:
    failures = panel.view.failures
    tree = failures.tree
    panel.stack.setCurrentIndex(1)
    panel.view.tabs.setCurrentWidget(failures)
    failures.show_failures(many_failures(10_000))
    group = tree.topLevelItem(0)
    assert group is not None
    assert group.childCount() == 0
    tree.setCurrentItem(group)
    assert len(failures.items) == 10_000

    qtbot.waitUntil(tree.viewport().isVisible, timeout=PATIENCE_MS)
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert group.childCount() == 201
    more = group.child(200)
    assert more.text(0) == "9800 more"
    tree.scrollToItem(more)
    place = tree.visualItemRect(more).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)

    names = [group.child(n).text(0) for n in range(group.childCount())]
    assert names[:400] == [f"image_{n:05}.tif" for n in range(400)]
    assert names[400:] == ["9600 more"]


def test_what_is_chosen_stays_so_while_more_fails(
    lab_window: MainWindow, panel: RunsPanel
) -> None:
    failures = panel.view.failures
    (all_,) = many_failures(30)
    few = replace(all_, jobs=all_.jobs[:3], items=dict(list(all_.items.items())[:3]))
    failures.show_failures([few])
    group = failures.tree.topLevelItem(0)
    assert group is not None
    second = group.child(1)
    failures.tree.setCurrentItem(second)
    chosen = failures.items
    failures.show_failures([few])
    assert failures.tree.topLevelItem(0) is group  # nothing new: nothing is touched

    failures.show_failures([all_])

    assert failures.items == chosen
    again = failures.tree.topLevelItem(0)
    assert again is not None
    assert again.isExpanded()
    assert again.childCount() == 30


def test_failure_leads_to_its_job(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    failures = panel.view.failures
    qtbot.waitUntil(lambda: failures.tree.topLevelItemCount() == 1, timeout=PATIENCE_MS)
    panel.view.tabs.setCurrentWidget(failures)
    group = failures.tree.topLevelItem(0)
    assert group is not None
    failures.tree.setCurrentItem(group.child(0))

    click(qtbot, lab_window, panel, "Show its job")

    title = panel.view.job.title
    qtbot.waitUntil(lambda: title.text().startswith("add"), timeout=PATIENCE_MS)
    assert title.text() == "add \u00b7 image_002.ome.tif"
    assert panel.view.job.isVisible()


def test_failing_item_is_given_up_with_a_reason(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    failures = panel.view.failures
    qtbot.waitUntil(lambda: failures.tree.topLevelItemCount() == 1, timeout=PATIENCE_MS)
    panel.view.tabs.setCurrentWidget(failures)
    group = failures.tree.topLevelItem(0)
    assert group is not None
    failures.tree.setCurrentItem(group)
    assert not failures.exclude.isEnabled()

    QTest.keyClicks(failures.reason, "blurred")
    QTest.mouseClick(failures.exclude, Qt.MouseButton.LeftButton)

    def is_excluded() -> bool:
        return [one.name for one in lab.experiment.items("raw") if one.excluded] == [
            "image_002.ome.tif"
        ]

    qtbot.waitUntil(is_excluded, timeout=PATIENCE_MS)


def test_cell_of_the_matrix_shows_its_job(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    table = panel.view.matrix.table
    qtbot.waitUntil(lambda: table.rowCount() == 3, timeout=PATIENCE_MS)

    panel.view.matrix.setCurrentIndex(table.index(1, 0))

    title = panel.view.job.title
    qtbot.waitUntil(lambda: title.text().startswith("add"), timeout=PATIENCE_MS)
    assert title.text() == "add \u00b7 image_002.ome.tif"
    assert "failed" in panel.view.job.facts.text()
    assert table.data(table.index(1, 0)) == "\u2717"
    panel.view.only_failed.setChecked(True)
    assert table.rowCount() == 1


def test_runs_are_starred_noted_and_filtered(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.run(lab.line())
    lab.run(lab.line(), set={"add.amount": 3})
    lab_window.workspace.experiment.contents_changed.emit()
    ended(qtbot, panel, count=2)

    panel.view.star.click()
    QTest.keyClicks(panel.view.note, "for the paper")
    QTest.keyClick(panel.view.note, Qt.Key.Key_Return)
    QTest.keyClicks(panel.runs.filter, "paper")

    assert panel.runs.model.rowCount() == 1
    assert panel.runs.model.item(0).text().startswith("\u2605")


def test_run_that_is_begun_in_a_terminal_appears(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    control = panel.control
    qtbot.waitUntil(lambda: control._folders is not None, timeout=PATIENCE_MS)
    assert panel.runs.model.rowCount() == 0

    lab.run(lab.line())  # the window is told nothing

    qtbot.waitUntil(lambda: panel.runs.model.rowCount() == 1, timeout=PATIENCE_MS)
    lab_window.docks.reveal("runs")
    panel.view.tabs.setCurrentIndex(2)
    nothing = panel.view.failures.nothing
    qtbot.waitUntil(nothing.isVisible, timeout=PATIENCE_MS)
    assert not panel.view.failures.retry.isVisible()


def test_any_two_runs_are_compared(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    first = lab.run(lab.line())
    lab.run(lab.line(), set={"add.amount": 3})
    lab.run(lab.line(), set={"add.amount": 4})
    lab_window.workspace.experiment.contents_changed.emit()
    ended(qtbot, panel, count=3)
    oldest = panel.runs.model.index(2, 0)
    at = panel.runs.list.visualRect(oldest).center()
    lab_window.docks.reveal("runs")
    QTest.mouseClick(panel.runs.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: panel._shown == first.summary.id, timeout=PATIENCE_MS)

    panel.view.others.popup(panel.view.mapToGlobal(panel.view.rect().center()))
    offered = panel.view.others.actions()
    assert len(offered) == 2
    menu = panel.view.others
    place = menu.actionGeometry(offered[0]).center()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)

    def shown() -> CompareDialog | None:
        found = lab_window.findChild(CompareDialog, "compareRuns")
        return found if isinstance(found, CompareDialog) else None

    qtbot.waitUntil(lambda: shown() is not None, timeout=PATIENCE_MS)
    dialog = shown()
    assert dialog is not None
    cells = [dialog.changes.item(0, column) for column in range(4)]
    words = [cell.text() for cell in cells if cell is not None]
    assert "4" in words[2]
    names = [dialog.moved.item(row, 0) for row in range(dialog.moved.rowCount())]
    (line, *_) = [
        row
        for row, cell in enumerate(names)
        if cell is not None and cell.text() == "add.result"
    ]
    cell = dialog.moved.item(line, 1)
    assert cell is not None
    result = cell.text()
    dialog.moved.setCurrentCell(line, 1)
    QTest.keyClick(dialog.moved, Qt.Key.Key_Return)

    viewer = viewer_of(lab_window)
    qtbot.waitUntil(lambda: viewer.tabs.count() == 1, timeout=PATIENCE_MS)
    page = viewer.page
    assert isinstance(page, ImagePage)
    qtbot.waitUntil(lambda: page.is_idle, timeout=PATIENCE_MS)
    runs = {one.id: one.folder for one in panel.control.statuses}
    assert page.area.b.title.text() == f"{runs[first.summary.id]}  \u00b7  {result}"
    assert page.area.a.title.text().startswith("2")
    assert page.area.a.title.text() != page.area.b.title.text()


def test_comparison_speaks_the_language_of_the_window(
    qtbot: QtBot, qapp: QApplication
) -> None:
    apart = "3 of 40 pixels differ, by up to 2.5 (1.00% of the range)"
    found = Comparison(
        "one",
        "two",
        1e-6,
        (
            Change("parameter", "add.amount", "3", "4"),
            Change("code", "add", "a", "b"),
            Change("jobs", "add", "0 failed", "2 failed"),
        ),
        (ResultPair("add", "image", "a", Verdict(Sameness.DIFFERENT, 0.01, apart)),),
        (),
        (),
    )
    languages = Languages(qapp)
    languages.use("fr")
    try:
        dialog = CompareDialog(found)
        qtbot.addWidget(dialog)
        kinds = [dialog.changes.item(row, 0) for row in range(3)]
        assert [one.text() for one in kinds if one] == ["paramètre", "code", "travaux"]
        failed = dialog.changes.item(2, 3)
        assert failed is not None
        assert failed.text() == tr("{count} failed", count=2) != "2 failed"
        words = dialog.moved.item(0, 2)
        assert words is not None
        assert words.text().startswith("3 pixels sur 40 diffèrent")
    finally:
        languages.use("en")


def test_cells_of_a_run_that_works_come_while_one_looks(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel)
    qtbot.waitUntil(
        lambda: (
            lab_window.background.is_idle
            and not panel._is_reading
            and panel.view.matrix.table.rowCount() > 1
        ),
        timeout=PATIENCE_MS,
    )
    matrix = panel.view.matrix
    matrix.setCurrentIndex(matrix.table.index(1, 0))
    whole = panel.view._matrix
    panel.view.show_matrix(RunMatrix(whole.nodes, whole.rows[1:]))
    assert matrix.currentIndex().row() == 0  # the same item, one row higher
    lab_window.docks.reveal("runs")
    qtbot.waitUntil(panel.isVisible, timeout=PATIENCE_MS)
    panel.view.tabs.setCurrentIndex(0)
    panel._read_at_s = panel._read_s = 0.0  # as if it had been read long ago

    panel._heard(panel.control.followed[panel._shown])
    assert not panel._is_reading  # nobody looks at single jobs

    panel.view.tabs.setCurrentIndex(1)
    qtbot.waitUntil(
        lambda: matrix.table.rowCount() == len(whole.rows), timeout=PATIENCE_MS
    )
    assert matrix.currentIndex().row() == 1


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
