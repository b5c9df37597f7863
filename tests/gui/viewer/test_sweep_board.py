"""A setting is chosen by its score, written into the workflow, and recorded."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.sweep_board.board_page import BoardPage
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from bioimageit_flow.model.changes import ChangeKind
from tests.gui.viewer.conftest import PlainWindow
from tests.looking import LookingLab


def test_use_this_one_writes_the_value_and_records_the_choice(
    viewer: ViewerPanel,
    plain_window: PlainWindow,
    page: Callable[[], Page],
    lab: LookingLab,
    qtbot: QtBot,
) -> None:
    workflow = lab.workflow(is_swept=True)
    run = lab.experiment.run(workflow, bind={"images": "raw"})
    viewer.open_sweep_board(run, "segment")
    board = page()
    assert isinstance(board, BoardPage)
    assert board.truth.currentText() == "dataset truth"
    assert board.model.best == 1
    assert board.chosen.text() == "level = 120"
    assert board.reason.text() == "best mean F1 (1)"
    assert board.model.data(board.model.index(1, 0), 0x0101) == [
        "3 objects",
        "count error +1",
        "Dice 0.800",
        "IoU 0.667",
        "F1 0.800",
    ]

    QTest.mouseClick(board.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(viewer.message.isVisible)
    assert "is not open" in viewer.message.text()
    kinds = [change.kind for change in lab.experiment.changes()]
    assert ChangeKind.CHOOSE not in kinds

    plain_window.editor = Editor(workflow)
    with qtbot.waitSignal(board.used, timeout=20_000):
        QTest.mouseClick(board.use, Qt.MouseButton.LeftButton)
    nodes = plain_window.editor.document.nodes
    assert nodes["segment"].parameters["level"] == 120
    (change,) = lab.experiment.changes(1)
    assert (change.kind, change.note) == (ChangeKind.CHOOSE, "best mean F1 (1)")
    assert plain_window.editor.undo()


def test_a_number_is_no_truth_unless_its_name_says_so(
    viewer: ViewerPanel, page: Callable[[], Page], lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run(is_swept=True)
    experiment = lab.experiment
    experiment.rename_key("true_count", "replicate")
    experiment.delete(experiment.items("truth"))
    viewer.open_sweep_board(run, "segment")
    board = page()
    assert isinstance(board, BoardPage)
    offered = [board.truth.itemText(n) for n in range(board.truth.count())]
    assert "key replicate" in offered
    assert "dataset truth" not in offered
    assert board.truth.currentText() == "none"
    assert board.model.best is None


def test_without_a_reason_nothing_is_chosen(
    viewer: ViewerPanel,
    plain_window: PlainWindow,
    page: Callable[[], Page],
    lab: LookingLab,
    qtbot: QtBot,
) -> None:
    workflow = lab.workflow(is_swept=True)
    run = lab.experiment.run(workflow, bind={"images": "raw"})
    plain_window.editor = Editor(workflow)
    viewer.open_sweep_board(run, "segment")
    board = page()
    assert isinstance(board, BoardPage)
    board.choose(0)
    assert board.reason.text() == ""
    before = plain_window.editor.document
    QTest.mouseClick(board.use, Qt.MouseButton.LeftButton)
    assert plain_window.editor.document == before
    assert "why" in board.status.text()


def test_a_cell_opens_its_image_beside_the_other_settings(
    viewer: ViewerPanel,
    page: Callable[[], Page],
    image_page: Callable[[], ImagePage],
    lab: LookingLab,
    qtbot: QtBot,
) -> None:
    run = lab.run(is_swept=True)
    viewer.open_sweep_board(run, "segment")
    board = page()
    assert isinstance(board, BoardPage)
    board.view.activated.emit(board.model.index(2, 1))
    qtbot.waitUntil(lambda: viewer.tabs.count() == 2, timeout=20_000)
    opened = image_page()
    assert len(opened.steps) == 3
    assert opened.exhibit is not None
    assert opened.exhibit.related.image is not None
    assert opened.exhibit.related.image.name == "b.ome.tif"
