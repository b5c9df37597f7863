"""While one zooms, a frame paints few boxes; at rest all are sharp."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.gui.canvas.stills import FRESH_WHILE_ZOOMING
from tests.benchmarks.canvas import graph


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[Canvas]:
    made = Canvas()
    made.resize(1000, 800)
    made.show()
    made.show_editor(graph(60, columns=8))
    QApplication.processEvents()
    yield made
    qtbot.waitUntil(lambda: made.view.stills.is_sharp, timeout=10_000)
    made.show_editor(None)
    made.close()
    made.deleteLater()


def wheel(canvas: Canvas, turn: int) -> None:
    port = canvas.view.viewport()
    at = QPointF(400, 300)
    event = QWheelEvent(
        at,
        QPointF(port.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)
    port.repaint()


def seen(canvas: Canvas) -> QImage:
    return canvas.view.viewport().grab().toImage()


def test_a_frame_of_zooming_paints_few_boxes_and_the_last_is_sharp(
    canvas: Canvas, qtbot: QtBot
) -> None:
    stills = canvas.view.stills
    made = []
    for turn in (-120,) * 8 + (120,) * 6:
        wheel(canvas, turn)
        made.append(stills.made)
    assert max(made) <= FRESH_WHILE_ZOOMING
    assert not stills.is_sharp
    coarse = seen(canvas)

    qtbot.waitUntil(lambda: stills.is_sharp, timeout=10_000)
    sharp = seen(canvas)
    assert coarse != sharp
    for item in canvas.view.board.nodes.values():
        item.set_style(item._style)  # every picture anew
    qtbot.waitUntil(lambda: stills.is_sharp, timeout=10_000)
    assert seen(canvas) == sharp


def test_what_looks_otherwise_is_painted_anew(canvas: Canvas) -> None:
    editor = canvas.editor
    assert editor is not None
    before = seen(canvas)
    editor.select(["n5"])
    QApplication.processEvents()
    assert seen(canvas) != before
    editor.select([])
    QApplication.processEvents()
    assert seen(canvas) == before


def test_pictures_of_boxes_that_are_gone_are_dropped(canvas: Canvas) -> None:
    stills = canvas.view.stills
    editor = canvas.editor
    assert editor is not None
    seen(canvas)
    assert stills.kept > 0
    editor.remove(list(editor.document.nodes))
    QApplication.processEvents()
    assert stills.kept <= 1  # the dataset input
