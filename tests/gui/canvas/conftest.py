"""A canvas on which tests press, drag and type as a user does."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.workflow import Workflow

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


class Hand:
    """Mouse and keyboard on a canvas, in points of the scene."""

    def __init__(self, canvas: Canvas, editor: Editor) -> None:
        self.canvas = canvas
        self.editor = editor
        self.view = canvas.view
        self.port = canvas.view.viewport()

    def pixel(self, at: tuple[float, float]) -> QPoint:
        return self.view.pixel(QPointF(*at))

    def out(self, node: str, port: str | None = None) -> tuple[float, float]:
        """Return the middle of an output port."""
        return self.view.board.port_place((node, port), is_output=True)

    def into(self, node: str, port: str) -> tuple[float, float]:
        """Return the middle of an input port."""
        return self.view.board.port_place((node, port), is_output=False)

    def header(self, node: str) -> tuple[float, float]:
        """Return a point on the title of a node."""
        left, top, _, _ = self.view.board.nodes[node].area
        return left + 110, top + 20

    def middle(self, key: str) -> tuple[float, float]:
        """Return the middle of a wire."""
        return self.view.board.wires[key].curve.middle

    def press(
        self,
        at: tuple[float, float],
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        QTest.mousePress(self.port, button, keys, self.pixel(at))

    def move(self, at: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
        """Move the mouse with what is pressed, as Qt delivers it."""
        QTest.mouseMove(self.port, self.pixel(at))
        QApplication.processEvents()

    def moving(self, at: tuple[float, float], keys: Qt.KeyboardModifier) -> QMouseEvent:
        """Return a move with a key held, which QTest cannot send."""
        pixel = QPointF(self.pixel(at))
        return QMouseEvent(
            QEvent.Type.MouseMove,
            pixel,
            QPointF(self.port.mapToGlobal(pixel)),
            Qt.MouseButton.NoButton,
            LEFT,
            keys,
        )

    def release(
        self,
        at: tuple[float, float],
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        QTest.mouseRelease(self.port, button, keys, self.pixel(at))

    def drag(
        self,
        start: tuple[float, float],
        *ways: tuple[float, float],
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Press, move through some points, and release at the last."""
        self.press(start, keys, button)
        here = start
        for way in ways:
            for part in (0.25, 0.6, 1.0):
                self.move(
                    (
                        here[0] + (way[0] - here[0]) * part,
                        here[1] + (way[1] - here[1]) * part,
                    )
                )
            here = way
        self.release(here, keys, button)

    def click(
        self,
        at: tuple[float, float],
        keys: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        QTest.mouseClick(self.port, button, keys, self.pixel(at))

    def double_click(self, at: tuple[float, float]) -> None:
        self.click(at)
        QTest.mouseDClick(self.port, Qt.MouseButton.LeftButton, NONE, self.pixel(at))

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)

    def wires(self) -> set[str]:
        return set(self.editor.scene.wires)


@pytest.fixture
def editor() -> Editor:
    """A small graph: images -> blur, and three nodes without wires."""
    made = Editor(Workflow("Test"))
    images = made.add_dataset("images", "image", at=(0, 0))
    made.add_tool("skimage/gaussian", at=(300, 0), connect_from=(images, None))
    made.add_tool("skimage/threshold", at=(600, 0))
    made.add_tool("skimage/label-watershed", at=(900, 0))
    made.add_tool("skimage/measure-regions", at=(900, 240))
    made.select(())
    return made


@pytest.fixture
def canvas(qtbot: QtBot, editor: Editor) -> Iterator[Canvas]:
    """A canvas that shows the graph at its natural size."""
    shown = Canvas()
    qtbot.addWidget(shown)
    shown.resize(1400, 700)
    shown.show_editor(editor)
    shown.show()
    qtbot.waitExposed(shown)
    shown.view.set_zoom(1.0)
    shown.view.centre(QPointF(560, 160))
    shown.view.setFocus()
    yield shown
    shown.show_editor(None)


@pytest.fixture
def hand(canvas: Canvas, editor: Editor) -> Hand:
    return Hand(canvas, editor)
