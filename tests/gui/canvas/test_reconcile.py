from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.geometry import port_offset
from bioimageit_flow.editor.scene import NodeRole, NodeStatus, NodeView, PortView
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.gui.canvas.board import Board
from bioimageit_flow.gui.canvas.painting import Look, paint_node
from bioimageit_flow.gui.canvas.style import Style
from bioimageit_flow.gui.theme import CONTRAST, DARK, LIGHT, Theme
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import NodeState
from tests.gui.canvas.conftest import Hand


def test_only_what_changed_is_drawn_anew(hand: Hand, editor: Editor) -> None:
    nodes = dict(hand.view.board.nodes)
    wires = dict(hand.view.board.wires)
    editor.connect(("gaussian", "result"), ("threshold", "image"))
    assert all(hand.view.board.nodes[key] is item for key, item in nodes.items())
    assert all(hand.view.board.wires[key] is item for key, item in wires.items())
    assert len(hand.view.board.wires) == 2


def test_undo_and_redo_are_seen(hand: Hand, editor: Editor) -> None:
    editor.remove(["gaussian"])
    assert "gaussian" not in hand.view.board.nodes
    assert not hand.view.board.wires
    editor.undo()
    assert "gaussian" in hand.view.board.nodes
    wire = hand.view.board.wires["images -> gaussian.image"]
    assert wire.curve.line[-1] == hand.into("gaussian", "image")


def test_wires_end_at_their_ports_after_a_move(hand: Hand, editor: Editor) -> None:
    editor.move({"gaussian": (400, 333)})
    wire = hand.view.board.wires["images -> gaussian.image"]
    assert wire.curve.line[-1] == hand.into("gaussian", "image")
    assert wire.curve.line[0] == hand.out("images")


def test_frames_and_notes_come_and_go(hand: Hand, editor: Editor) -> None:
    note = editor.add_note("# Title", at=(10, 300))
    frame = editor.add_frame(["gaussian"], "Smooth")
    assert set(hand.view.board.notes) == {note}
    assert set(hand.view.board.frames) == {frame}
    editor.undo()
    editor.undo()
    assert not hand.view.board.notes
    assert not hand.view.board.frames


def test_an_invalid_wire_of_a_file_is_shown(qtbot: QtBot) -> None:
    text = """
schema: bioimageit-flow/workflow/1
id: 6f1d3c0e-2b8a-4c57-9d64-0a8f5e1b7c23
name: Broken
inputs: {images: {kind: image}}
nodes:
  lost: {tool: nobody/nothing@1.0.0, wires: {image: images}}
  labels: {tool: skimage/label-watershed@1.0.0, wires: {mask: images, wrong: images}}
"""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    editor = Editor(Workflow.loads(text))
    canvas.show_editor(editor)
    board = canvas.view.board
    assert board.nodes["lost"].view.role is NodeRole.MISSING
    assert "labels" in board.wires["images -> labels.mask"].view.problem
    assert "images -> labels.wrong" in board.wires
    canvas.show_editor(None)


def test_another_document_takes_the_place_of_the_first(
    hand: Hand, canvas: Canvas, editor: Editor
) -> None:
    other = Editor(Workflow("Other"))
    other.add_tool("skimage/median", at=(0, 0))
    zoom, middle = hand.view.zoom, canvas.middle()
    canvas.show_editor(other)
    assert set(hand.view.board.nodes) == {"median"}
    canvas.show_editor(editor)
    assert set(hand.view.board.nodes) == set(editor.scene.nodes)
    assert hand.view.zoom == zoom
    assert abs(canvas.middle()[0] - middle[0]) < 2
    other.add_tool("skimage/median")
    assert "median" not in hand.view.board.nodes


def test_an_empty_canvas_ignores_mouse_and_keys(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show()
    hand = Hand(canvas, Editor(Workflow("Nothing")))
    hand.drag((10, 10), (100, 100))
    hand.double_click((50, 50))
    hand.key(Qt.Key.Key_Backspace)
    canvas.paste()
    canvas.delete()
    canvas.fit()


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST])
@pytest.mark.parametrize("zoom", [0.1, 0.25, 0.5, 1.0, 2.0])
def test_every_kind_of_node_is_painted(theme: Theme, zoom: float, qtbot: QtBot) -> None:
    style = Style(theme)
    ports = tuple(
        PortView(str(kind), str(kind), kind, "X", takes_group=kind is Kind.TABLE)
        for kind in Kind
    )
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    image.fill(style.canvas)
    empty = image.copy()
    for role in NodeRole:
        for state in NodeState:
            for status in NodeStatus:
                view = NodeView(
                    "a",
                    role,
                    "A title that is much too long for its card",
                    "sub",
                    "Box",
                    0,
                    0,
                    inputs=ports,
                    outputs=ports,
                    state=state,
                    severity=Severity.WARNING,
                    status=status,
                    badge="x3",
                    is_selected=state is NodeState.BYPASS,
                )
                painter = QPainter(image)
                painter.translate(QPointF(20, 20))
                painter.scale(zoom, zoom)
                paint_node(painter, view, style, Look(glowing={(True, "image")}), zoom)
                paint_node(painter, view, style, Look(is_current=True), zoom)
                painter.end()
    assert image != empty


def test_a_node_with_another_port_is_laid_out_anew(qtbot: QtBot) -> None:
    surface = QGraphicsScene()
    board = Board(surface, Style(DARK))
    port = PortView("image", "image", Kind.IMAGE, "I")
    editor = Editor(Workflow("Test"))
    images = editor.add_dataset("images", "image", at=(0, 0))
    editor.add_tool("skimage/gaussian", at=(300, 0), connect_from=(images, None))
    board.show(editor.scene)
    node = editor.scene.nodes["gaussian"]
    taller = replace(node, inputs=(replace(port, name="first"), *node.inputs))
    board.show(replace(editor.scene, nodes={**editor.scene.nodes, "gaussian": taller}))
    wire = board.wires["images -> gaussian.image"]
    _, y = port_offset(taller, "image", is_output=False)
    assert wire.curve.line[-1][1] == y
    assert board.nodes["gaussian"].boundingRect().contains(QRectF(0, 0, 200, y))
    surface.clear()
