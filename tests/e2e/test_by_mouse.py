"""From images in a folder to a p-value and back: mouse and keys alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.lineage.graph import Role
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.experiment import experiment_panel
from bioimageit_flow.gui.experiment.import_dialog import ImportDialog
from bioimageit_flow.gui.lineage import lineage_panel
from bioimageit_flow.gui.lineage.panel import LineagePanel
from bioimageit_flow.gui.runs.panel import RunsPanel, runs_panel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.run import JobState, RunState
from bioimageit_flow.session import Session
from bioimageit_flow.session.examples import Example, examples
from tests.e2e.engine_needed import require_container
from tests.gui.conftest import nothing_is_left, window, workspace

__all__ = ["nothing_is_left", "window", "workspace"]

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
SOON_MS = 20_000
RUN_MS = 60_000


class Newcomer:
    """Somebody who has a mouse and a keyboard, and waits for what comes."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    def wait(self, until: Callable[[], bool], at_most_ms: int = SOON_MS) -> None:
        self.qtbot.waitUntil(until, timeout=at_most_ms)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        self.wait(lambda: widget.isVisible() and widget.isEnabled())
        QTest.mouseClick(widget, LEFT, NONE, at if at is not None else QPoint())

    def choose(self, parent: QWidget, path: Path) -> None:
        """Paste a path into the dialog that is open, and accept."""
        (dialog,) = (one for one in parent.findChildren(QFileDialog) if one.isVisible())
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.selectAll()
        QApplication.clipboard().setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_V, CTRL)
        box = dialog.findChild(QDialogButtonBox)
        assert box is not None
        accept = QDialogButtonBox.ButtonRole.AcceptRole
        (button,) = (one for one in box.buttons() if box.buttonRole(one) is accept)
        answers: list[list[str]] = []
        # Qt may name the folder that is shown before the one that was typed
        dialog.filesSelected.connect(answers.append)
        self.click(button)
        self.wait(lambda: len(answers) == 1 and answers[0][-1] == str(path))

    def import_images(self, images: Path, from_name: str) -> None:
        """Import a folder, with keys from the names of its files."""
        panel = experiment_panel(self.window)
        self.click(panel.import_)
        (dialog,) = self.window.findChildren(ImportDialog)
        buttons = dialog.findChildren(QPushButton)
        self.click(next(one for one in buttons if one.text().startswith("Folder")))
        self.choose(dialog, images)
        self.click(dialog.from_name)
        QTest.keyClicks(dialog.from_name, from_name)
        self.wait(lambda: dialog.preview.columnCount() == 4)
        self.click(dialog.go)
        self.wait(lambda: dialog.go.text() == "Done")
        self.click(dialog.go)
        self.wait(lambda: panel.model.rowCount() == 40)

    def press_button(self, command: str) -> None:
        """Click the button of a command above the canvas."""
        action = self.window.actions_[command]
        (button,) = (
            one
            for one in self.window.findChildren(QToolButton)
            if one.defaultAction() is action and one.isVisible()
        )
        self.click(button)

    def drag_dataset(self, name: str, node: str) -> None:
        """Drag a dataset of the experiment onto a node of the canvas."""
        tree = experiment_panel(self.window).tree
        (found,) = tree.model_.findItems(name)
        data = tree.model_.mimeData([found.index()])
        assert self.window.page is not None
        view = self.window.page.canvas.view
        at = view.mapFromScene(view.board.nodes[node].sceneBoundingRect().center())
        copy = Qt.DropAction.CopyAction
        for event in (
            QDragEnterEvent(at, copy, data, LEFT, NONE),
            QDragMoveEvent(at, copy, data, LEFT, NONE),
            QDropEvent(QPointF(at), copy, data, LEFT, NONE),
        ):
            QApplication.sendEvent(view.viewport(), event)

    def open_cell(self, panel: RunsPanel, node: str) -> None:
        """Click the first cell of a node in the matrix of a run."""
        panel.view.tabs.setCurrentIndex(1)
        matrix = panel.view.matrix
        self.wait(lambda: matrix.table.rowCount() == 40)
        heads = [
            matrix.table.headerData(n, Qt.Orientation.Horizontal)
            for n in range(matrix.table.columnCount())
        ]
        cell = matrix.table.index(0, heads.index(node))
        matrix.scrollTo(cell)
        self.click(matrix.viewport(), matrix.visualRect(cell).center())
        self.wait(lambda: panel.view.job.title.text().startswith(node))

    def unfold(self, panel: LineagePanel, title: str) -> None:
        box = next(one for one in panel.view.boxes.values() if one.box.title == title)
        panel.view.centerOn(box)
        at = panel.view.mapFromScene(box.sceneBoundingRect().center())
        QTest.mouseDClick(panel.view.viewport(), LEFT, NONE, at)


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """Return the example; its images lie in ``tmp_path/data/images``."""
    (found,) = (one for one in examples() if one.name == "two_populations")
    found._make(tmp_path / "data")
    return found


@pytest.mark.container
def test_newcomer_imports_runs_and_traces_the_p_value_to_the_raw_images(
    window: MainWindow,
    qtbot: QtBot,
    example: Example,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_container(session)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)  # where dialogs begin
    newcomer = Newcomer(window, qtbot)
    place, images = tmp_path / "experiment", tmp_path / "data" / "images"

    window.docks.reveal("experiment")
    experiments = experiment_panel(window)
    newcomer.click(experiments.welcome.create_)
    newcomer.choose(window, place)
    newcomer.wait(lambda: experiments.opened.contents is not None)
    newcomer.import_images(images, "(?P<condition>[a-z]+)_(?P<replicate>[0-9]+)")

    newcomer.click(window.start.open)
    newcomer.choose(window, example.workflow_path)
    newcomer.wait(lambda: window.page is not None)
    editor = window.editor
    assert isinstance(editor, Editor)
    assert window.page is not None
    window.page.canvas.setFocus()
    QTest.keyClick(window.page.canvas, Qt.Key.Key_Home)
    newcomer.drag_dataset("raw", "images")
    assert window.workspace.experiment.bindings(editor) == {"images": "raw"}

    newcomer.press_button("run.all")
    window.docks.reveal("runs")
    runs = runs_panel(window)
    newcomer.wait(lambda: len(runs.control.statuses) == 1, RUN_MS)
    newcomer.wait(
        lambda: all(run.is_over for run in runs.control.followed.values()), RUN_MS
    )
    newcomer.wait(lambda: runs.control.statuses[0].state is RunState.DONE)
    assert runs.control.statuses[0].counts == {JobState.DONE: 82}
    newcomer.wait(lambda: editor.scene.nodes["compare"].status is NodeStatus.DONE)

    newcomer.open_cell(runs, "compare")
    newcomer.click(runs.view.job.trace_button)
    (menu,) = (one for one in runs.view.job.findChildren(QMenu) if one.isVisible())
    (p_value,) = (one for one in menu.actions() if one.text().startswith("test: "))
    newcomer.click(menu, menu.actionGeometry(p_value).center())
    lineage = lineage_panel(window)
    newcomer.wait(lambda: lineage.history is not None)
    asked = lineage._asked
    assert asked is not None
    experiment = experiments.opened.experiment
    assert experiment is not None
    (run,) = experiment.runs()
    (test,) = run.results("compare", "test")
    assert asked.id == test.item.id
    assert json.loads(test.path.read_text(encoding="utf-8"))["value"] < 0.001
    assert [one for one in example.verdict(run) if not one.is_good] == []

    newcomer.unfold(lineage, "raw")
    boxes = [one.box for one in lineage.view.boxes.values()]
    raw = {item.name for box in boxes if box.role is Role.RAW for item in box.items}
    assert raw == {path.name for path in images.iterdir()}
    assert len(raw) == 40
    for one in (window.background, experiments.background, lineage.background):
        newcomer.wait(lambda one=one: one.is_idle)  # type: ignore[misc]
