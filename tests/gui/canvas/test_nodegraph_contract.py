"""What is relied on of NodeGraphQt 0.6.44; it is pinned, and owns nothing here."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
)
from pytestqt.qtbot import QtBot

import bioimageit_flow
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.gui.canvas.nodegraph import (
    AbstractNodeItem,
    NodeScene,
    NodeViewer,
    PipeItem,
)
from bioimageit_flow.gui.canvas.wires import WireItem
from tests.gui.canvas.conftest import Hand


def test_the_version_is_the_pinned_one() -> None:
    assert version("NodeGraphQt") == "0.6.44"


def test_its_classes_are_those_of_qt() -> None:
    assert issubclass(NodeViewer, QGraphicsView)
    assert issubclass(NodeScene, QGraphicsScene)
    assert issubclass(AbstractNodeItem, QGraphicsItem)
    assert issubclass(PipeItem, QGraphicsPathItem)


def test_it_uses_the_same_qt_as_the_window() -> None:
    import Qt

    assert Qt.__binding__ == "PySide6"


def test_it_is_imported_in_one_module_alone() -> None:
    package = Path(bioimageit_flow.__file__).parent
    using = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "import NodeGraphQt" in (text := path.read_text("utf-8"))
        or "from NodeGraphQt" in text
    }
    assert using == {"gui/canvas/nodegraph.py"}


def test_importing_and_using_it_says_nothing() -> None:
    program = (
        "from PySide6.QtWidgets import QApplication\n"
        "application = QApplication([])\n"
        "from bioimageit_flow.gui.canvas import Canvas\n"
        "Canvas()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_the_view_has_what_is_thrown_away(qtbot: QtBot) -> None:
    viewer = NodeViewer()
    qtbot.addWidget(viewer)
    thrown = "_search_widget _ctx_menu_bar _rubber_band"
    names = f"{thrown} _LIVE_PIPE _SLICER_PIPE _cursor_text".split()
    for name in names:
        assert hasattr(viewer, name)
    viewer._search_widget.deleteLater()


def test_nothing_of_it_is_left_as_a_window(canvas: Canvas) -> None:
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, 52)  # deferred deletes
    names = {type(one).__name__ for one in QApplication.topLevelWidgets()}
    assert "TabSearchMenuWidget" not in names


def test_its_lists_hold_our_items(hand: Hand) -> None:
    assert set(hand.view.all_nodes()) == set(hand.view.board.nodes.values())
    assert hand.view.all_pipes() == list(hand.view.board.wires.values())


def test_items_leave_the_scene_by_delete(hand: Hand) -> None:
    node = hand.view.board.nodes["gaussian"]
    wire = hand.view.board.wires["images -> gaussian.image"]
    hand.editor.remove(["gaussian"])
    assert node.scene() is None
    assert wire.scene() is None


def test_wires_are_painted_by_qt_without_python() -> None:
    assert WireItem.paint is QGraphicsPathItem.paint
    assert "boundingRect" not in vars(PipeItem)
    assert "shape" not in vars(PipeItem)


@pytest.mark.parametrize("flag", ["ItemIsMovable", "ItemIsSelectable"])
def test_qt_neither_moves_nor_selects_items(hand: Hand, flag: str) -> None:
    value = getattr(QGraphicsItem.GraphicsItemFlag, flag)
    for item in (*hand.view.board.nodes.values(), *hand.view.board.wires.values()):
        assert not item.flags() & value
