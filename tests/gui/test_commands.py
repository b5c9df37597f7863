"""Every command of the registry does its thing."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.commands import COMMANDS
from bioimageit_flow.gui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def drawn(window: MainWindow) -> MainWindow:
    """Return a window with two blurs in a row behind a dataset input."""
    QTest.mouseClick(window.start.new, LEFT)
    editor = window.editor
    assert editor is not None
    images = editor.add_dataset("images", "image", (0, 0))
    first = editor.add_tool("skimage/gaussian", (300, 0), connect_from=(images, None))
    editor.add_tool("skimage/gaussian", (600, 0), connect_from=(first, "result"))
    window.canvas_call(lambda page: page.canvas.fit())
    window.refresh()
    return window


def press_on_canvas(window: MainWindow, key: Qt.Key) -> None:
    assert window.page is not None
    window.page.canvas.view.setFocus()
    QTest.keyClick(window.page.canvas.view, key, NONE)


def test_every_command_has_a_handler(window: MainWindow) -> None:
    lacking = [one.id for one in COMMANDS if one.id not in window.actions_]

    assert lacking == []


def test_every_command_stands_in_a_menu(window: MainWindow) -> None:
    there: set[str] = set()

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            there.add(action.objectName())
            inner = action.menu()
            if isinstance(inner, QMenu):
                walk(inner)

    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        walk(menu)

    assert {one.id for one in COMMANDS} - there == set()


def test_commands_can_be_given_whatever_is_selected(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    first = drawn.editor
    assert first is not None
    text = first.copy(first.scene.nodes)
    failed = {}
    for command in COMMANDS:
        if command.id in ("file.quit", "file.close"):
            continue
        editor = drawn.workspace.new()
        editor.paste(text)
        for chosen in ((), ("gaussian",), ("images -> gaussian.image",)):
            drawn.documents.show_editor(editor)
            editor.select(chosen)
            drawn.refresh()
            with qtbot.captureExceptions() as exceptions:
                drawn.actions_[command.id].trigger()
            if exceptions:
                failed[command.id] = exceptions
            for dialog in drawn.findChildren(QDialog):
                dialog.close()
            for menu in drawn.findChildren(QMenu):
                menu.close()
            drawn.popup.close_search()
            drawn.command_palette.close_search()
        drawn.workspace.close(editor)
    qtbot.waitUntil(lambda: drawn.background.is_idle, timeout=30_000)

    assert failed == {}


def test_m_hides_the_minimap_in_every_tab_and_it_is_remembered(
    drawn: MainWindow,
) -> None:
    assert drawn.page is not None
    minimap = drawn.page.canvas.minimap
    before = minimap.is_wanted
    press_on_canvas(drawn, Qt.Key.Key_M)

    assert before
    assert not minimap.is_wanted
    assert not minimap.isVisible()
    assert not drawn.workspace.settings.shows_minimap
    assert not drawn.actions_["view.minimap"].isChecked()
    drawn.files.new()
    assert drawn.page is not None
    assert not drawn.page.canvas.minimap.is_wanted


@pytest.mark.parametrize("snaps", [True, False])
def test_boxes_snap_to_the_grid_as_long_as_they_shall(
    drawn: MainWindow, *, snaps: bool
) -> None:
    assert drawn.page is not None
    assert drawn.editor is not None
    if not snaps:
        drawn.actions_["arrange.snap"].trigger()
    canvas = drawn.page.canvas
    canvas.view.set_zoom(1.0)
    canvas.centre_on("images")
    node = drawn.editor.scene.nodes["images"]
    middle = canvas.view.viewport().mapFromGlobal(
        canvas.screen_point((node.x + 100, node.y + 20))
    )
    view = canvas.view.viewport()
    QTest.mousePress(view, LEFT, NONE, middle)
    for step in (QPoint(20, 90), QPoint(33, 167)):
        QTest.mouseMove(view, middle + step)
    QTest.mouseRelease(view, LEFT, NONE, middle + QPoint(33, 167))

    moved = drawn.editor.scene.nodes["images"]
    assert (moved.y % 20 == 0) is snaps
    assert moved.y != node.y


def test_selected_wire_is_bent_in_its_middle(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    key = "images -> gaussian.image"
    editor.select([key])
    drawn.actions_["add.reroute"].trigger()

    assert len(editor.scene.wires[key].waypoints) == 1


def test_selected_node_is_inserted_into_the_wire_chosen_by_keys(
    drawn: MainWindow,
) -> None:
    editor = drawn.editor
    assert editor is not None
    editor.add_tool("skimage/median", (0, 400))
    drawn.refresh()
    drawn.actions_["node.insert"].trigger()
    assert drawn.popup.isVisible()
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "gaussian")
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)

    wires = set(editor.scene.wires)
    assert "gaussian.result -> median.image" in wires
    assert "median.result -> gaussian_2.image" in wires


def test_node_and_wire_that_are_selected_are_joined(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    editor.add_tool("skimage/median", (0, 400))
    editor.select(["median", "images -> gaussian.image"])
    drawn.actions_["node.insert"].trigger()

    assert "median.result -> gaussian.image" in editor.scene.wires


def test_connect_lists_the_targets_of_the_selected_node(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    editor.add_tool("skimage/median", (0, 400))
    drawn.refresh()
    drawn.actions_["node.connect"].trigger()
    assert drawn.page is not None
    menu = drawn.page.canvas.view.findChild(QMenu, "canvasConnect")
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_Return)

    assert any("median" in key for key in editor.scene.wires)


def connect_menu(window: MainWindow, node: str) -> list[str]:
    editor = window.editor
    assert editor is not None
    editor.select([node])
    window.refresh()
    window.actions_["node.connect"].trigger()
    assert window.page is not None
    menu = window.page.canvas.view.findChildren(QMenu, "canvasConnect")[-1]
    said = [action.text() for action in menu.actions() if action.text()]
    menu.close()
    return said[:-1]  # the last one adds a tool


def test_connect_leaves_out_what_is_wired_and_says_what_would_be_replaced(
    drawn: MainWindow,
) -> None:
    assert drawn.editor is not None
    drawn.editor.add_tool("skimage/median", (0, 400))
    drawn.editor.add_tool("skimage/subtract-background", (300, 400))
    from_first = connect_menu(drawn, "gaussian")

    assert not any(one.startswith("Gaussian blur (gaussian_2)") for one in from_first)
    assert not any("instead" in one for one in from_first)
    assert len(from_first) == 2
    from_third = connect_menu(drawn, "median")
    replaced = [one for one in from_third if one.endswith("(instead of its wire)")]
    assert from_third[0].startswith("Subtract background")
    assert [one.split(" · ")[0] for one in replaced] == [
        "Gaussian blur (gaussian)",
        "Gaussian blur (gaussian_2)",
    ]


def test_search_for_another_tool_says_that_it_replaces(drawn: MainWindow) -> None:
    assert drawn.editor is not None
    drawn.editor.select(["gaussian"])
    drawn.refresh()
    drawn.actions_["node.swap"].trigger()
    said = [label.text() for label in drawn.popup.findChildren(QLabel)]

    assert "Enter replaces, Esc closes" in said


def test_alignment_has_keys_that_no_desktop_takes(drawn: MainWindow) -> None:
    assert drawn.editor is not None
    drawn.editor.select(["gaussian", "gaussian_2"])
    assert drawn.page is not None
    drawn.page.canvas.view.setFocus()
    keys = [one.toString() for one in drawn.actions_["arrange.align_left"].shortcuts()]
    drawn.actions_["arrange.align_left"].trigger()
    nodes = drawn.editor.scene.nodes

    assert keys == ["Alt+Shift+L", "Ctrl+Alt+Left"]
    assert nodes["gaussian"].x == nodes["gaussian_2"].x


def test_refused_wire_is_mended_from_the_line_of_the_window(
    drawn: MainWindow,
) -> None:
    editor, page = drawn.editor, drawn.page
    assert editor is not None
    assert page is not None
    editor.add_tool("skimage/measure-regions", (900, 0))
    page.canvas.fit()
    view = page.canvas.view
    ports = view.board.port_place
    start = view.pixel(QPointF(*ports(("gaussian_2", "result"), is_output=True)))
    end = view.pixel(QPointF(*ports(("measure_regions", "labels"), is_output=False)))
    QTest.mousePress(view.viewport(), LEFT, NONE, start)
    QTest.mouseMove(view.viewport(), start + QPoint(30, 10))
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), LEFT, NONE, end)
    button = next(one for one in drawn.message.findChildren(QPushButton))
    assert "labels" in drawn.message.text
    assert button.text().startswith("Insert")
    QTest.mouseClick(button, LEFT)

    assert any(key.endswith("measure_regions.labels") for key in editor.scene.wires)
    assert drawn.message.text == ""


def test_refusal_goes_when_the_workflow_is_edited(drawn: MainWindow) -> None:
    assert drawn.editor is not None
    drawn.message.say("No.", level="warning", until_edit=True)
    drawn.editor.add_note("Something else")

    assert drawn.message.text == ""


def test_tools_added_by_key_are_seen_whole_and_beside_each_other(
    window: MainWindow,
) -> None:
    window.files.new()
    page = window.page
    assert page is not None
    view = page.canvas.view
    view.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    for _ in range(3):
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Tab)
        field = QApplication.focusWidget()
        assert field is not None
        QTest.keyClicks(field, "median")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert window.editor is not None
        window.editor.select(())

    nodes = list(page.editor.scene.nodes.values())
    assert len(nodes) == 3
    seen = page.canvas.visible_area()
    assert seen.contains(nodes[0].x, nodes[0].y)
    assert seen.contains(nodes[0].x + nodes[0].width, nodes[0].y + nodes[0].height)
    for one in nodes:
        for other in nodes:
            if one is not other:
                assert (
                    abs(one.x - other.x) >= one.width
                    or abs(one.y - other.y) >= one.height
                )


def test_new_frame_is_given_its_title_at_once(drawn: MainWindow) -> None:
    assert drawn.editor is not None
    assert drawn.page is not None
    drawn.editor.select(list(drawn.editor.scene.nodes))
    drawn.actions_["add.frame"].trigger()
    inline = drawn.page.canvas.inline
    assert inline.isVisible()
    QTest.keyClicks(inline, "Prepare")
    QTest.keyClick(inline, Qt.Key.Key_Return)

    assert [one.title for one in drawn.editor.scene.frames.values()] == ["Prepare"]
