from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import Canvas
from tests.gui.canvas.conftest import Hand


def test_arrows_walk_the_wires(hand: Hand) -> None:
    hand.click(hand.header("images"))
    hand.key(Qt.Key.Key_Right)
    assert hand.editor.selection == {"gaussian"}
    assert hand.view.board.nodes["gaussian"].look.is_current
    hand.key(Qt.Key.Key_Left)
    assert hand.editor.selection == {"images"}
    assert not hand.view.board.nodes["gaussian"].look.is_current


def test_what_the_keyboard_comes_to_is_told_in_words(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.announced) as told:
        hand.key(Qt.Key.Key_Right)
    assert "images" in told.args[0]


def test_tab_walks_the_ports_of_the_current_node(hand: Hand) -> None:
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Right)
    node = hand.view.board.nodes["gaussian"]
    hand.key(Qt.Key.Key_Tab)
    assert node.look.port == (False, "image")
    hand.key(Qt.Key.Key_Tab)
    assert node.look.port == (True, "result")
    hand.key(Qt.Key.Key_Backtab)
    assert node.look.port == (False, "image")


def test_tab_walks_the_ports_of_a_node_that_was_clicked(hand: Hand) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_Tab)
    assert hand.view.board.nodes["gaussian"].look.port == (False, "image")


def test_tab_without_a_node_asks_for_a_tool(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.search_requested):
        hand.key(Qt.Key.Key_Tab)


def test_c_connects_to_what_is_chosen_from_the_list(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[0].startswith("Threshold")
    assert not any("images" in text for text in texts)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert "gaussian.result -> threshold.image" in hand.wires()


def test_c_offers_the_search_for_the_port(
    hand: Hand, canvas: Canvas, qtbot: QtBot
) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    with qtbot.waitSignal(canvas.search_requested) as asked:
        QTest.keyClick(menu, Qt.Key.Key_Up)
        QTest.keyClick(menu, Qt.Key.Key_Return)
    assert asked.args[2] == ("gaussian", "result")


def test_c_searches_at_once_where_no_port_fits(
    hand: Hand, editor: Editor, canvas: Canvas, qtbot: QtBot
) -> None:
    editor.remove(set(editor.scene.nodes) - {"gaussian"})
    hand.click(hand.header("gaussian"))
    with qtbot.waitSignal(canvas.search_requested) as asked:
        hand.key(Qt.Key.Key_C)
    assert asked.args[2] == ("gaussian", "result")
    assert not isinstance(QApplication.activePopupWidget(), QMenu)


def test_enter_goes_to_the_parameters_of_what_is_selected(
    hand: Hand, editor: Editor, canvas: Canvas, qtbot: QtBot
) -> None:
    editor.select(["gaussian"])  # as a node is that was just added
    with qtbot.waitSignal(canvas.activated) as told:
        hand.key(Qt.Key.Key_Return)
    assert told.args == ["gaussian"]


def test_shift_arrows_move_what_is_selected(hand: Hand, editor: Editor) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert editor.scene.nodes["gaussian"].y == 20


def test_ctrl_arrows_add_what_they_come_to(hand: Hand) -> None:
    hand.click(hand.header("images"))
    hand.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert hand.editor.selection == {"images", "gaussian"}


def test_delete_removes_what_is_selected(hand: Hand) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_Delete)
    assert "gaussian" not in hand.editor.scene.nodes
    assert hand.wires() == set()


def test_escape_selects_nothing(hand: Hand) -> None:
    hand.click(hand.header("gaussian"))
    hand.key(Qt.Key.Key_Escape)
    assert hand.editor.selection == frozenset()


def test_the_canvas_says_what_it_holds(canvas: Canvas) -> None:
    assert canvas.view.accessibleName()
    assert "5" in canvas.view.accessibleDescription()


def test_keys_that_mean_nothing_here_go_to_the_window(
    editor: Editor, qtbot: QtBot
) -> None:
    heard: list[int] = []

    class Window(QWidget):
        def keyPressEvent(self, event: QKeyEvent) -> None:
            heard.append(event.key())

    window = Window()
    qtbot.addWidget(window)
    canvas = Canvas(window)
    canvas.show_editor(editor)
    window.show()
    QTest.keyClick(canvas.view, Qt.Key.Key_Q)
    QTest.keyClick(canvas.view, Qt.Key.Key_Right)
    assert heard == [Qt.Key.Key_Q]
    canvas.show_editor(None)


def test_the_graph_is_built_by_keyboard_alone(hand: Hand, editor: Editor) -> None:
    """Walk to the threshold, wire it to the labels, and name it."""
    hand.key(Qt.Key.Key_Right)
    for _ in range(2):
        hand.key(Qt.Key.Key_Right)
    assert editor.selection == {"threshold"}
    hand.key(Qt.Key.Key_Tab)
    hand.key(Qt.Key.Key_Tab)
    hand.key(Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert "threshold.mask -> label_watershed.mask" in hand.wires()
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(hand.canvas.inline, "Cells")
    QTest.keyClick(hand.canvas.inline, Qt.Key.Key_Return)
    assert editor.scene.nodes["threshold"].title == "Cells"
    hand.key(Qt.Key.Key_Right)
    assert editor.selection == {"label_watershed"}
