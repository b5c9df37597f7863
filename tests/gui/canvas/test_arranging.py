import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.gui.canvas.camera import SMALLEST
from tests.gui.canvas.conftest import Hand

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_click_selects_and_a_click_beside_selects_nothing(hand: Hand) -> None:
    hand.click(hand.header("gaussian"))
    assert hand.editor.selection == {"gaussian"}
    assert hand.view.board.nodes["gaussian"].view.is_selected
    hand.click((200, 400))
    assert hand.editor.selection == frozenset()


def test_shift_and_ctrl_add_to_the_selection(hand: Hand) -> None:
    hand.click(hand.header("gaussian"))
    hand.click(hand.header("threshold"), SHIFT)
    assert hand.editor.selection == {"gaussian", "threshold"}
    hand.click(hand.header("gaussian"), CTRL)
    assert hand.editor.selection == {"threshold"}


def test_a_box_selects_what_it_touches(hand: Hand) -> None:
    hand.drag((250, -60), (700, 120))
    assert hand.editor.selection == {"gaussian", "threshold"}
    hand.drag((880, 220), (1000, 400), keys=SHIFT)
    assert hand.editor.selection == {"gaussian", "threshold", "measure_regions"}


def test_a_drag_moves_the_selection_in_one_step(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    hand.click(hand.header("threshold"), SHIFT)
    steps = len(editor.history)
    x, y = hand.header("gaussian")
    hand.drag((x, y), (x + 63, y + 187), (x + 57, y + 337))
    first, second = editor.scene.nodes["gaussian"], editor.scene.nodes["threshold"]
    assert second.x - first.x == 300
    assert (first.x, first.y) != (300, 0)
    assert len(editor.history) == steps + 1
    editor.undo()
    assert editor.scene.nodes["gaussian"].x == 300
    assert hand.view.board.nodes["gaussian"].x() == 300


def test_with_ctrl_moves_are_free(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    x, y = hand.header("gaussian")
    hand.press((x, y), CTRL)
    for part in (0.5, 1.0):
        QApplication.sendEvent(hand.port, hand.moving((x + 33 * part, y + 207), CTRL))
    hand.release((x + 33, y + 207), CTRL)
    node = editor.scene.nodes["gaussian"]
    assert (node.x, node.y) == (333, 207)


def test_moves_snap_to_the_grid(hand: Hand, editor: Editor) -> None:
    x, y = hand.header("measure_regions")
    hand.drag((x, y), (x - 451, y + 153))
    node = editor.scene.nodes["measure_regions"]
    assert (node.x % 20, node.y % 20) == (0, 0)


def test_moves_snap_to_what_they_are_in_line_with(hand: Hand, editor: Editor) -> None:
    editor.move({"gaussian": (307, 3)})
    x, y = hand.header("measure_regions")
    way = 307 - 900 + 4
    hand.press((x, y))
    hand.move((x + way - 30, y + 30))
    hand.move((x + way, y + 30))
    assert hand.view.overlay._guides.isVisible()
    hand.release((x + way, y + 30))
    assert editor.scene.nodes["measure_regions"].x == 307


def test_wires_follow_their_nodes_while_they_are_dragged(hand: Hand) -> None:
    before = hand.view.board.wires["images -> gaussian.image"].curve.line[-1]
    x, y = hand.header("gaussian")
    hand.press((x, y))
    hand.move((x + 40, y + 60))
    hand.move((x + 80, y + 120))
    after = hand.view.board.wires["images -> gaussian.image"].curve.line[-1]
    assert after[1] > before[1] + 80
    hand.key(Qt.Key.Key_Escape)
    assert hand.view.board.wires["images -> gaussian.image"].curve.line[-1] == before
    hand.release((x + 80, y + 120))
    assert hand.editor.scene.nodes["gaussian"].x == 300


def test_a_frame_carries_its_nodes(hand: Hand, editor: Editor) -> None:
    frame = editor.add_frame(["gaussian", "threshold"], "Segment")
    editor.select(())
    left, top, _, _ = hand.view.board.frames[frame].area
    before = editor.scene.nodes["gaussian"].y
    hand.drag((left + 60, top + 12), (left + 60, top + 152))
    after = editor.scene.nodes["gaussian"].y
    assert after > before + 80
    assert editor.scene.nodes["threshold"].y == after
    # Its inside is canvas: a box can be drawn there.
    hand.drag((left + 10, after - 14), (left + 14, after - 10))
    assert editor.selection == frozenset()


def test_the_corner_of_a_frame_resizes_it(hand: Hand, editor: Editor) -> None:
    frame = editor.add_frame(["gaussian"], "Smooth")
    _, _, right, bottom = hand.view.board.frames[frame].area
    hand.drag((right - 6, bottom - 6), (right + 94, bottom + 54))
    shown = editor.scene.frames[frame]
    assert shown.x + shown.width > right + 60
    assert shown.y + shown.height > bottom + 20


def test_a_note_is_written_where_it_stands(hand: Hand, editor: Editor) -> None:
    note = editor.add_note("old", at=(100, 300))
    hand.double_click((140, 315))
    assert hand.canvas.inline.isVisible()
    QTest.keyClicks(hand.canvas.inline, "*new* text")
    QTest.keyClick(hand.canvas.inline, Qt.Key.Key_Return, CTRL)
    assert editor.scene.notes[note].text == "*new* text"
    assert not hand.canvas.inline.isVisible()


def test_escape_keeps_what_was_written_in_a_note(hand: Hand, editor: Editor) -> None:
    note = editor.add_note("old", at=(100, 300))
    hand.double_click((140, 315))
    QTest.keyClicks(hand.canvas.inline, "many words")
    QTest.keyClick(hand.canvas.inline, Qt.Key.Key_Escape)
    assert editor.scene.notes[note].text == "many words"
    assert not hand.canvas.inline.isVisible()


def test_f2_renames_and_escape_does_not(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(hand.canvas.inline, "Smooth")
    QTest.keyClick(hand.canvas.inline, Qt.Key.Key_Return)
    assert editor.scene.nodes["gaussian"].title == "Smooth"
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(hand.canvas.inline, "Other")
    QTest.keyClick(hand.canvas.inline, Qt.Key.Key_Escape)
    assert editor.scene.nodes["gaussian"].title == "Smooth"


def test_a_click_on_the_canvas_keeps_the_new_title(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(hand.canvas.inline, "Smooth")
    hand.click((200, 400))
    assert editor.scene.nodes["gaussian"].title == "Smooth"


def test_the_middle_button_pans(hand: Hand) -> None:
    middle = Qt.MouseButton.MiddleButton
    before = hand.view.place(QPoint(100, 100))
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(hand.port, middle, none, QPoint(400, 300))
    QTest.mouseMove(hand.port, QPoint(420, 310))
    QTest.mouseMove(hand.port, QPoint(450, 330))
    QTest.mouseRelease(hand.port, middle, none, QPoint(450, 330))
    after = hand.view.place(QPoint(100, 100))
    assert (before - after) == QPointF(50, 30)


def test_space_and_drag_pans_and_space_alone_asks_for_a_tool(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    before = hand.view.place(QPoint(100, 100))
    asked: list[object] = []
    canvas.search_requested.connect(lambda *what: asked.append(what))
    QTest.keyPress(hand.view, Qt.Key.Key_Space)
    hand.drag((400, 300), (460, 300))
    QTest.keyRelease(hand.view, Qt.Key.Key_Space)
    assert hand.view.place(QPoint(100, 100)) != before
    assert asked == []
    QTest.keyClick(hand.view, Qt.Key.Key_Space)
    assert len(asked) == 1


def _wheel(hand: Hand, at: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(hand.port.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hand.port, event)


def test_a_drag_to_the_edge_moves_on(hand: Hand, editor: Editor, qtbot: QtBot) -> None:
    hand.press(hand.header("gaussian"))
    before = hand.view.seen().left()
    pixel = QPoint(hand.port.width() - 3, 300)
    QTest.mouseMove(hand.port, pixel - QPoint(60, 0))
    QTest.mouseMove(hand.port, pixel)
    qtbot.waitUntil(lambda: hand.view.seen().left() > before + 60)
    QTest.mouseRelease(hand.port, Qt.MouseButton.LeftButton, pos=pixel)
    assert editor.scene.nodes["gaussian"].x > hand.view.seen().left() + 800


def test_a_drag_that_begins_at_the_edge_moves_nothing_before_it_has_left(
    hand: Hand,
) -> None:
    seen = hand.view.seen()
    start = QPoint(4, 400)
    QTest.mousePress(hand.port, Qt.MouseButton.LeftButton, pos=start)
    for step in range(8):
        QTest.mouseMove(hand.port, start + QPoint(0, 10 * step))
        assert not hand.view.edges.is_moving()
    QTest.mouseMove(hand.port, QPoint(300, 400))
    QTest.mouseMove(hand.port, start)
    assert hand.view.edges.is_moving()
    QTest.mouseMove(hand.port, QPoint(300, 400))
    assert not hand.view.edges.is_moving()
    QTest.mouseRelease(hand.port, Qt.MouseButton.LeftButton, pos=QPoint(300, 400))
    assert hand.view.seen().left() <= seen.left()


def test_the_wheel_zooms_at_the_cursor(hand: Hand) -> None:
    at = QPoint(333, 222)
    before = hand.view.place(at)
    _wheel(hand, at, 3)
    assert hand.view.zoom > 1.5
    here = hand.view.place(at)
    assert abs(here.x() - before.x()) < 1.5
    assert abs(here.y() - before.y()) < 1.5
    for _ in range(60):
        _wheel(hand, at, -1)
    assert hand.view.zoom == pytest.approx(SMALLEST)


def test_home_shows_everything(hand: Hand) -> None:
    hand.view.set_zoom(3.0)
    hand.key(Qt.Key.Key_Home)
    seen = hand.view.seen()
    for item in hand.view.board.nodes.values():
        left, top, right, bottom = item.area
        assert seen.contains(QPointF(left, top))
        assert seen.contains(QPointF(right, bottom))


def test_resizing_the_window_keeps_the_zoom(hand: Hand, canvas: Canvas) -> None:
    hand.view.set_zoom(0.7)
    canvas.resize(900, 500)
    QApplication.processEvents()
    assert abs(hand.view.zoom - 0.7) < 1e-6


def test_what_was_fitted_stays_fitted_until_it_is_moved(
    hand: Hand, canvas: Canvas
) -> None:
    hand.key(Qt.Key.Key_Home)
    canvas.fit()
    canvas.resize(800, 500)
    QApplication.processEvents()
    left, top, right, bottom = hand.view.board.bounds() or (0, 0, 0, 0)
    assert hand.view.seen().contains(QRectF(left, top, right - left, bottom - top))
    hand.view.pan(5, 0)
    zoom = hand.view.zoom
    canvas.resize(1200, 700)
    QApplication.processEvents()
    assert hand.view.zoom == zoom


def test_the_minimap_goes_where_it_is_clicked(hand: Hand, canvas: Canvas) -> None:
    hand.view.set_zoom(2.0)
    before = canvas.middle()
    assert canvas.minimap.isVisible()
    QTest.mouseClick(
        canvas.minimap,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(20, 40),
    )
    assert canvas.middle()[0] < before[0]


def test_a_double_click_on_nothing_asks_for_a_tool(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.search_requested) as asked:
        hand.double_click((200, 300))
    assert asked.args[2] is None


def test_the_right_button_asks_for_a_menu_and_selects(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.context_requested) as asked:
        hand.click(hand.header("gaussian"), button=Qt.MouseButton.RightButton)
    assert asked.args[2] == "gaussian"
    assert hand.editor.selection == {"gaussian"}


def test_dots_of_wires_between_moved_nodes_move_along(
    hand: Hand, editor: Editor
) -> None:
    key = "images -> gaussian.image"
    editor.add_waypoint(key, (260, 200))
    hand.click(hand.header("images"))
    hand.click(hand.header("gaussian"), SHIFT)
    x, y = hand.header("gaussian")
    hand.drag((x, y), (x + 1, y + 200))
    moved = editor.scene.nodes["gaussian"].y
    assert editor.scene.wires[key].waypoints == ((260, 200 + moved),)
