from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import Canvas
from tests.gui.canvas.conftest import Hand

BLUR = "images -> gaussian.image"


def test_a_wire_is_drawn_from_output_to_input(hand: Hand) -> None:
    hand.drag(hand.out("gaussian", "result"), hand.into("threshold", "image"))
    assert "gaussian.result -> threshold.image" in hand.wires()
    assert "gaussian.result -> threshold.image" in hand.view.board.wires


def test_a_wire_is_drawn_backwards_from_an_input(hand: Hand) -> None:
    hand.drag(hand.into("threshold", "image"), hand.out("gaussian", "result"))
    assert "gaussian.result -> threshold.image" in hand.wires()


def test_a_wire_dropped_on_a_card_takes_the_port_that_fits(hand: Hand) -> None:
    hand.drag(hand.out("threshold", "mask"), hand.header("label_watershed"))
    assert "threshold.mask -> label_watershed.mask" in hand.wires()


def test_ports_that_fit_glow_and_others_fade(hand: Hand) -> None:
    hand.press(hand.out("gaussian", "result"))
    x, y = hand.out("gaussian", "result")
    hand.move((x + 40, y + 30))
    nodes = hand.view.board.nodes
    assert nodes["threshold"].look.glowing == {(False, "image")}
    assert nodes["images"].opacity() < 0.5
    assert nodes["threshold"].opacity() == 1.0
    hand.release((x + 40, y + 30))
    hand.key(Qt.Key.Key_Escape)
    assert all(item.look.glowing is None for item in nodes.values())


def test_a_port_is_hit_within_ten_pixels_at_any_zoom(hand: Hand) -> None:
    hand.editor.move({"threshold": (600, 900)})
    for zoom in (0.2, 0.5, 1.0, 2.0):
        hand.view.set_zoom(zoom)
        hand.view.centre(hand.view.board.nodes["gaussian"].pos())
        x, y = hand.out("gaussian", "result")
        for dx, dy in ((9, 0), (-9, 0), (0, 9), (0, -9)):
            pixel = hand.pixel((x, y))
            pixel.setX(pixel.x() + dx)
            pixel.setY(pixel.y() + dy)
            found = hand.view.board.port_at(
                hand.view.place(pixel), max(hand.view.reach(11), 12.0)
            )
            assert found is not None
            assert (found.node, found.name) == ("gaussian", "result")


def test_a_refused_wire_says_why_and_offers_the_remedy(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.refused) as told:
        hand.press(hand.out("gaussian", "result"))
        hand.move((700, 130))
        hand.move(hand.into("label_watershed", "mask"))
        assert "image" in hand.view.whisper.text()
        assert hand.view.whisper.isVisible()
        hand.release(hand.into("label_watershed", "mask"))
    assert "labels" in told.args[0]
    assert "Label and split objects (mask)" in told.args[0]
    assert "label_watershed" not in told.args[0]
    assert hand.view.card.isVisible()
    assert not hand.view.whisper.isVisible()
    assert hand.wires() == {BLUR}
    button = hand.view.card.findChildren(QPushButton)[0]
    assert "Threshold" in button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(hand.wires()) == 3
    assert not hand.view.card.isVisible()


def test_a_refused_end_leaves_the_wire_where_it_was(hand: Hand) -> None:
    hand.drag(hand.out("threshold", "mask"), hand.into("label_watershed", "mask"))
    before = hand.wires()
    hand.drag(hand.into("gaussian", "image"), hand.into("label_watershed", "mask"))
    assert hand.wires() == before
    assert hand.view.board.wires[BLUR].isVisible()


def test_an_end_is_pulled_to_another_port(hand: Hand) -> None:
    hand.drag(hand.into("gaussian", "image"), hand.into("threshold", "image"))
    assert hand.wires() == {"images -> threshold.image"}
    assert len(hand.editor.history) > 1
    hand.editor.undo()
    assert hand.wires() == {BLUR}


def test_the_near_end_of_a_wire_is_pulled(hand: Hand) -> None:
    hand.drag(hand.out("gaussian", "result"), hand.into("threshold", "image"))
    x, y = hand.out("gaussian", "result")
    hand.drag((x + 20, y), (400, 300), hand.out("images"))
    assert hand.wires() == {BLUR, "images -> threshold.image"}


def test_a_pulled_end_dropped_on_nothing_removes_the_wire(hand: Hand) -> None:
    hand.drag(hand.into("gaussian", "image"), (200, 300))
    assert hand.wires() == set()


def test_a_wire_dropped_on_nothing_asks_for_a_tool(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.search_requested) as asked:
        hand.drag(hand.out("gaussian", "result"), (650, 300))
    scene_at, _, port = asked.args
    assert port == ("gaussian", "result")
    assert abs(scene_at.x() - 650) < 2


def test_escape_gives_the_wire_up(hand: Hand) -> None:
    hand.press(hand.out("gaussian", "result"))
    hand.move((500, 200))
    hand.move(hand.into("threshold", "image"))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.into("threshold", "image"))
    assert hand.wires() == {BLUR}
    assert not hand.view.loose.isVisible()


def test_alt_drag_cuts_the_wires_it_crosses(hand: Hand) -> None:
    hand.drag(hand.out("gaussian", "result"), hand.into("threshold", "image"))
    assert len(hand.wires()) == 2
    x, y = hand.middle(BLUR)
    hand.drag((x, y - 60), (x, y + 60), keys=Qt.KeyboardModifier.AltModifier)
    assert hand.wires() == {"gaussian.result -> threshold.image"}


def test_ctrl_and_the_right_button_cut_as_well(hand: Hand) -> None:
    x, y = hand.middle(BLUR)
    hand.drag(
        (x, y - 60),
        (x, y + 60),
        keys=Qt.KeyboardModifier.ControlModifier,
        button=Qt.MouseButton.RightButton,
    )
    assert hand.wires() == set()


def test_ctrl_click_on_a_wire_asks_what_to_insert(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.insert_requested) as asked:
        hand.click(hand.middle(BLUR), Qt.KeyboardModifier.ControlModifier)
    assert asked.args[2] == BLUR


def test_a_node_dropped_on_a_wire_is_inserted(hand: Hand, editor: Editor) -> None:
    hand.drag(hand.out("threshold", "mask"), hand.into("label_watershed", "mask"))
    median = editor.add_tool("skimage/median", at=(300, 300))
    x, y = hand.middle(BLUR)
    steps = len(editor.history)
    start = hand.header(median)
    hand.drag(start, (x, y))
    assert f"images -> {median}.image" in hand.wires()
    assert f"{median}.result -> gaussian.image" in hand.wires()
    assert BLUR not in hand.wires()
    assert len(editor.history) == steps + 1
    ends = [editor.scene.nodes[one] for one in ("images", median, "gaussian")]
    for left, right in pairwise(ends):
        assert left.x + left.width < right.x  # they made room


def test_ctrl_delete_joins_what_was_before_and_after(hand: Hand) -> None:
    hand.drag(hand.out("gaussian", "result"), hand.into("threshold", "image"))
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert hand.wires() == {"images -> threshold.image"}
    assert "gaussian" not in hand.view.board.nodes


def test_a_wire_is_selected_by_a_click_and_deleted_by_a_key(hand: Hand) -> None:
    hand.click(hand.middle(BLUR))
    assert hand.editor.selection == {BLUR}
    hand.key(Qt.Key.Key_Delete)
    assert hand.wires() == set()


def test_a_double_click_on_a_wire_bends_it_and_another_straightens_it(
    hand: Hand, editor: Editor
) -> None:
    at = hand.middle(BLUR)
    hand.double_click(at)
    assert len(editor.scene.wires[BLUR].waypoints) == 1
    dot = editor.scene.wires[BLUR].waypoints[0]
    hand.drag(dot, (dot[0], dot[1] + 80))
    x, y = editor.scene.wires[BLUR].waypoints[0]
    assert (x % 10, y % 10) == (0, 0)
    assert y > dot[1] + 60
    hand.double_click((x, y))
    assert editor.scene.wires[BLUR].waypoints == ()


def test_a_wire_dragged_at_its_middle_gets_a_bend(hand: Hand, editor: Editor) -> None:
    editor.move({"threshold": (600, 400)})
    hand.drag(hand.out("gaussian", "result"), hand.into("label_watershed", "intensity"))
    key = "gaussian.result -> label_watershed.intensity"
    x, y = hand.middle(key)
    hand.drag((x, y), (x, y + 150))
    assert len(editor.scene.wires[key].waypoints) == 1
