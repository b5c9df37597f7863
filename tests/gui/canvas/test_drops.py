from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import TOOL_TYPE, Canvas
from tests.gui.canvas.conftest import Hand

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def _drop(hand: Hand, data: QMimeData, at: tuple[float, float]) -> None:
    """Send what Qt sends when something is dragged in and dropped."""
    pixel = hand.pixel(at)
    for event in (
        QDragEnterEvent(pixel, COPY, data, LEFT, NONE),
        QDragMoveEvent(pixel, COPY, data, LEFT, NONE),
        QDropEvent(QPointF(pixel), COPY, data, LEFT, NONE),
    ):
        QApplication.sendEvent(hand.port, event)


def _tool(ref: str) -> QMimeData:
    data = QMimeData()
    data.setData(TOOL_TYPE, ref.encode())
    return data


def test_a_tool_from_the_palette_is_added_where_it_is_dropped(
    hand: Hand, editor: Editor
) -> None:
    _drop(hand, _tool("skimage/median"), (400, 300))
    node = editor.scene.nodes["median"]
    assert abs(node.x - 400) < 130
    assert abs(node.y - 300) < 60


def test_a_tool_dropped_on_a_wire_is_inserted(hand: Hand) -> None:
    _drop(hand, _tool("skimage/median"), hand.middle("images -> gaussian.image"))
    assert hand.wires() == {"images -> median.image", "median.result -> gaussian.image"}


def test_boxes_make_room_for_a_tool_dropped_on_their_wire(hand: Hand) -> None:
    _drop(hand, _tool("skimage/median"), hand.middle("images -> gaussian.image"))
    nodes = hand.editor.scene.nodes
    left, new, right = (nodes[name].x for name in ("images", "median", "gaussian"))
    assert new - left >= 240
    assert right - new >= 240


def test_an_unknown_tool_is_refused_in_words(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.refused) as told:
        _drop(hand, _tool("nobody/nothing"), (400, 300))
    assert "nobody/nothing" in told.args[0]


def test_files_are_passed_on_with_their_place(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/data/a.tif"), QUrl("https://a.b/c.tif")])
    with qtbot.waitSignal(canvas.files_dropped) as told:
        _drop(hand, data, (400, 300))
    assert told.args[0] == ["/data/a.tif"]
    assert abs(told.args[1].x() - 400) < 2


def test_text_of_nodes_is_pasted_where_it_is_dropped(
    hand: Hand, editor: Editor
) -> None:
    data = QMimeData()
    data.setText(editor.copy(["gaussian"]))
    _drop(hand, data, (400, 400))
    assert len(editor.scene.nodes) == 6


def test_copy_and_paste_go_through_the_clipboard(
    hand: Hand, canvas: Canvas, editor: Editor
) -> None:
    hand.click(hand.header("gaussian"))
    canvas.copy()
    assert "skimage/gaussian" in QGuiApplication.clipboard().text()
    canvas.paste()
    assert len(editor.scene.nodes) == 6
    QGuiApplication.clipboard().clear()


def test_nonsense_on_the_clipboard_is_refused_in_words(
    canvas: Canvas, qtbot: QtBot
) -> None:
    QGuiApplication.clipboard().setText("hello, this is no workflow: [")
    with qtbot.waitSignal(canvas.refused):
        canvas.paste()
    QGuiApplication.clipboard().clear()
