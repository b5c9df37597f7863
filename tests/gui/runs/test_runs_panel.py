from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.language import Languages, tr
from bioimageit_flow.gui.runs.compare_dialog import CompareDialog
from bioimageit_flow.gui.runs.failures_view import FailuresView
from bioimageit_flow.gui.runs.panel import RunsPanel
from bioimageit_flow.gui.viewer import viewer_of
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.ids import new_item_id, new_job_id
from bioimageit_flow.model.run import FailureCause, RunState
from bioimageit_flow.provenance.comparing import Change, Comparison, ResultPair
from bioimageit_flow.provenance.verdict import Sameness, Verdict
from bioimageit_flow.session.run_matrix import FailureGroup, RunMatrix
from tests.gui.runs.acting import click, ended, press, status_of
from tests.gui.runs.conftest import PATIENCE_MS
from tests.integration.engine.lab import Lab, add
from tests.integration.engine.test_resume import add_but_not_to_two

pytestmark = pytest.mark.usefixtures("threads")


def failed_group(
    qtbot: QtBot, panel: RunsPanel
) -> tuple[FailuresView, QTreeWidgetItem]:
    """Look at the only group of failures, once the run has ended."""
    ended(qtbot, panel)
    failures = panel.view.failures
    qtbot.waitUntil(lambda: failures.tree.topLevelItemCount() == 1, timeout=PATIENCE_MS)
    panel.view.tabs.setCurrentWidget(failures)
    group = failures.tree.topLevelItem(0)
    assert group is not None
    return failures, group


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
    failures, group = failed_group(qtbot, panel)
    failures.tree.setCurrentItem(group.child(0))

    click(qtbot, lab_window, panel, "Show its job")

    title = panel.view.job.title
    qtbot.waitUntil(lambda: title.text().startswith("add"), timeout=PATIENCE_MS)
    assert title.text() == "add \u00b7 image_002.ome.tif"
    assert panel.view.job.isVisible()


def test_another_setting_is_for_the_next_run_only(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    state = lab_window.workspace.experiment
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    failures, group = failed_group(qtbot, panel)
    ended(qtbot, panel)
    failures.tree.setCurrentItem(group.child(0))
    click(qtbot, lab_window, panel, "Run these with another setting")
    assert state.bindings(editor)["images"].startswith("items ")

    lab.functions["test/add"] = add
    editor.set_parameter("add", "amount", 7)
    press(lab_window, Qt.Key.Key_R)
    ended(qtbot, panel, count=2)

    assert status_of(editor, "add") == (NodeStatus.DONE, "1 done")
    assert state.bindings(editor) == {"images": "raw"}


def test_failing_item_is_given_up_with_a_reason(
    qtbot: QtBot, lab: Lab, lab_window: MainWindow, panel: RunsPanel, editor: Editor
) -> None:
    lab.functions["test/add"] = add_but_not_to_two
    press(lab_window, Qt.Key.Key_R)
    failures, group = failed_group(qtbot, panel)
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
