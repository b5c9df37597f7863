"""The window as a user meets it: real clicks and keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.gui.dialogs import Dialogs
from bioimageit_flow.gui.diff_view import DiffView
from bioimageit_flow.gui.parameters.values import NumberEditor
from bioimageit_flow.gui.run_commands import RunCommands
from bioimageit_flow.gui.shortcuts_dialog import ShortcutsDialog
from bioimageit_flow.gui.theme import DARK, LIGHT
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.workflow.comparing import compare
from bioimageit_flow.workflow.document import FromAnnotation, Swept

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def type_keys(text: str, widget: QWidget | None = None) -> None:
    """Type where the keys go."""
    target = widget or QApplication.focusWidget()
    assert target is not None
    QTest.keyClicks(target, text)


def press(
    key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClick(target, key, modifier)


@pytest.fixture
def drawn(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Return a window with a blur wired to a dataset input."""
    QTest.mouseClick(window.start.new, LEFT)
    press(Qt.Key.Key_I, CTRL)
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_Tab)
    type_keys("gaussian")
    press(Qt.Key.Key_Return)
    editor = window.editor
    assert editor is not None
    editor.connect(("images", None), ("gaussian", "image"))
    editor.select(["gaussian"])
    window.refresh()
    return window


def number_field(window: MainWindow, name: str) -> QLineEdit:
    found = window.parameters.rows[name].constant
    assert isinstance(found, NumberEditor)
    return found.field


class Windows(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
        ):
            self.shown.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_nothing_flashes_up_beside_the_window(
    drawn: MainWindow, qapp: QApplication
) -> None:
    windows = Windows()
    qapp.installEventFilter(windows)
    assert drawn.editor is not None
    for chosen in ("images", "gaussian"):
        drawn.editor.select([chosen])
        drawn.refresh()
    drawn.parameters.open_about()
    drawn.newcomers.begin_tutorial()
    drawn.message.say("something", level="warning")
    drawn.set_theme(DARK)
    qapp.removeEventFilter(windows)

    assert windows.shown == []


def test_start_page_offers_the_examples(window: MainWindow) -> None:
    card = window.start.findChild(QWidget, "example-two_populations")

    assert card is not None
    assert window.toolbar.isHidden()
    assert window.docks["palette"].isHidden()


def test_new_shows_canvas_and_panels(window: MainWindow, qtbot: QtBot) -> None:
    QTest.mouseClick(window.start.new, LEFT)

    assert window.page is not None
    assert window.page.canvas.isVisible()
    assert window.docks["parameters"].isVisible()
    assert window.page.hint.isVisible()


def test_search_finds_misspelt_tool_and_enter_adds_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    QTest.mouseClick(window.start.new, LEFT)
    press(Qt.Key.Key_Tab)
    assert window.popup.isVisible()

    type_keys("gausian")
    assert window.popup.entries[0] == "Gaussian blur"
    press(Qt.Key.Key_Return)

    assert window.editor is not None
    assert list(window.editor.document.nodes) == ["gaussian"]
    assert not window.popup.isVisible()


def test_ctrl_enter_adds_and_stays(window: MainWindow, qtbot: QtBot) -> None:
    QTest.mouseClick(window.start.new, LEFT)
    press(Qt.Key.Key_Tab)
    type_keys("median")
    press(Qt.Key.Key_Return, CTRL)
    press(Qt.Key.Key_Return, CTRL)

    assert window.editor is not None
    assert len(window.editor.document.nodes) == 2
    assert window.popup.isVisible()
    press(Qt.Key.Key_Escape)
    assert not window.popup.isVisible()


def test_palette_adds_by_double_click_and_remembers_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    QTest.mouseClick(window.start.new, LEFT)
    window.palette_panel.focus_search()
    type_keys("median")
    index = window.palette_panel.model.index(0, 0)
    place = window.palette_panel.tree.visualRect(index).center()
    view = window.palette_panel.tree.viewport()
    QTest.mouseClick(view, LEFT, pos=place)
    QTest.mouseDClick(view, LEFT, pos=place)

    assert window.editor is not None
    assert "median" in window.editor.document.nodes
    assert window.workspace.settings.recent_tools == ("skimage/median",)


def test_added_dataset_inputs_stand_left_of_the_tools_and_are_seen(
    drawn: MainWindow,
) -> None:
    assert drawn.editor is not None
    assert drawn.page is not None
    canvas = drawn.page.canvas
    canvas.setFocus()
    before = set(drawn.editor.scene.nodes)

    QTest.keyClick(canvas, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)

    (added,) = set(drawn.editor.scene.nodes) - before
    nodes = drawn.editor.scene.nodes
    tools = [node.x for node in nodes.values() if node.role is NodeRole.TOOL]
    assert nodes[added].x < min(tools)
    assert canvas.visible_area().contains(nodes[added].x + 20, nodes[added].y + 20)


def test_typed_value_is_set_and_undone_as_one_step(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    field = number_field(drawn, "sigma")
    field.setFocus()
    field.selectAll()

    type_keys("2.75", field)
    assert editor.document.nodes["gaussian"].parameters == {"sigma": 2.75}
    editor.undo()

    assert editor.document.nodes["gaussian"].parameters == {}


def test_invalid_value_is_kept_and_marked(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    field = number_field(drawn, "sigma")
    field.selectAll()

    type_keys("many", field)
    drawn.refresh()

    row = drawn.parameters.rows["sigma"]
    assert field.text() == "many"
    assert row.problem.text()
    assert field.property("state") == "bad"
    assert drawn.problems.model.rowCount() == 1


def test_tab_walks_from_value_to_value_and_then_over_the_buttons(
    drawn: MainWindow,
) -> None:
    rows = list(drawn.parameters.rows.values())
    shown = [row for row in rows if row.isVisible()]
    assert len(shown) > 1
    shown[0].constant.setFocus()
    walked = []
    for _ in range(2 * len(shown) + 3):
        widget = QApplication.focusWidget()
        assert widget is not None
        walked.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    values = [row.constant.focusProxy() for row in shown]

    assert walked[: len(values)] == values
    assert [one for one in walked if one in shown[0].buttons]
    names = {one.accessibleName() for row in rows for one in row.buttons}
    assert len(names) == 3 * len(rows)


def test_arrow_steps_a_number_and_reset_takes_it_back(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    editor = drawn.editor
    assert editor is not None
    field = number_field(drawn, "sigma")
    before = float(field.text())
    QTest.keyClick(field, Qt.Key.Key_Up)
    drawn.refresh()
    assert float(field.text()) > before

    QTest.mouseClick(drawn.parameters.rows["sigma"].reset, LEFT)

    assert editor.document.nodes["gaussian"].parameters == {}


def test_parameter_becomes_sweep_and_annotation(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    row = drawn.parameters.rows["sigma"]
    modes = {action.text(): action for action in row.mode.menu().actions()}
    modes["Several values in turn (sweep)"].trigger()
    row.other.selectAll()
    type_keys("1, 2, 4", row.other)
    swept = editor.document.nodes["gaussian"].parameters["sigma"]
    assert isinstance(swept, Swept)
    assert swept.sweep.values == (1.0, 2.0, 4.0)

    modes["From an annotation of each item"].trigger()
    row.other.selectAll()
    type_keys("width", row.other)

    given = editor.document.nodes["gaussian"].parameters["sigma"]
    assert given == FromAnnotation(annotation="width")


def test_refused_wire_is_said_in_a_line(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    labels = editor.add_tool("skimage/measure-regions", at=(600, 0))

    done = drawn.attempt(
        lambda: editor.connect(("gaussian", "result"), (labels, "labels"))
    )

    assert not done
    assert "labels" in drawn.message.text


def test_problem_can_be_clicked_and_fixed(drawn: MainWindow, qtbot: QtBot) -> None:
    editor = drawn.editor
    assert editor is not None
    editor.set_parameter("gaussian", "sigma", -3)
    editor.select(())
    drawn.refresh()
    drawn.docks.reveal("problems")
    panel = drawn.problems
    QApplication.processEvents()
    place = panel.list.visualRect(panel.model.index(0, 0)).center()

    QTest.mouseClick(panel.list.viewport(), LEFT, pos=place)
    assert editor.selection == {"gaussian"}
    button = panel.findChildren(QWidget)
    fix = next(
        one for one in button if getattr(one, "text", str)().startswith("Set sigma")
    )
    QTest.mouseClick(fix, LEFT)

    assert editor.document.nodes["gaussian"].parameters == {}


def test_long_problem_is_shown_whole(drawn: MainWindow, qtbot: QtBot) -> None:
    drawn.docks.reveal("problems")
    panel = drawn.problems
    QApplication.processEvents()

    def height(text: str) -> int:
        panel.show_problems([Problem("any", Severity.ERROR, text)], lambda _one: ())
        QApplication.processEvents()
        return panel.list.visualRect(panel.model.index(0, 0)).height()

    line = panel.list.fontMetrics().height()
    short, long = height("Short."), height("A sentence of many words. " * 40)
    assert short < 3 * line
    width = panel.list.fontMetrics().horizontalAdvance(
        "A sentence of many words. " * 40
    )
    lines = width // panel.list.viewport().width()
    assert lines >= 2
    assert long - short >= (lines - 1) * line


def test_outline_equals_the_canvas_and_selects(drawn: MainWindow, qtbot: QtBot) -> None:
    editor = drawn.editor
    assert editor is not None
    drawn.docks.reveal("outline")
    tree, model = drawn.outline.tree, drawn.outline.model
    rows = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert rows == [view.title for view in editor.scene.nodes.values()]

    place = tree.visualRect(model.index(0, 0)).center()
    QTest.mouseClick(tree.viewport(), LEFT, pos=place)

    assert editor.selection == {"images"}


def test_history_jumps_back(drawn: MainWindow, qtbot: QtBot) -> None:
    editor = drawn.editor
    assert editor is not None
    drawn.docks.reveal("history")
    panel = drawn.history
    QApplication.processEvents()
    place = panel.list.visualRect(panel.model.index(1, 0)).center()

    QTest.mouseClick(panel.list.viewport(), LEFT, pos=place)

    assert list(editor.document.inputs) == ["images"]
    assert not editor.document.nodes


def test_find_goes_to_a_parameter(drawn: MainWindow) -> None:
    editor = drawn.editor
    assert editor is not None
    editor.select(())
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_F, CTRL)

    type_keys("sigma")

    assert editor.selection == {"gaussian"}
    assert "sigma" in drawn.find_bar.says.text().lower()


def test_command_palette_does_a_command(drawn: MainWindow) -> None:
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_P, CTRL | Qt.KeyboardModifier.ShiftModifier)

    type_keys("select all")
    press(Qt.Key.Key_Return)

    assert drawn.editor is not None
    assert drawn.editor.selection == {"images", "gaussian"}


def test_command_palette_knows_what_the_command_line_calls_a_command(
    drawn: MainWindow,
) -> None:
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_P, CTRL | Qt.KeyboardModifier.ShiftModifier)

    type_keys("doctor")
    press(Qt.Key.Key_Return)

    assert drawn.start.isVisible()
    assert drawn.page is None


def test_close_of_unsaved_asks_in_a_line(drawn: MainWindow, qtbot: QtBot) -> None:
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_W, CTRL)

    assert drawn.editor is not None
    assert "not saved" in drawn.message.text
    drawn.message.press_first_offer()
    dialog = drawn.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()
    QApplication.processEvents()
    assert drawn.editor is not None


def test_saved_file_has_its_picture_on_the_start_page(
    drawn: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    editor = drawn.editor
    assert editor is not None
    path = tmp_path / "blur.flow.yaml"
    drawn.workspace.save(editor, path)
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_S, CTRL)

    picture = drawn.workspace.picture_path(path)
    qtbot.waitUntil(picture.exists, timeout=30_000)
    assert not QImage(str(picture)).isNull()
    assert "Saved as blur.flow.yaml" in drawn.message.text
    assert not editor.is_modified


def test_change_by_another_program_is_noticed(
    drawn: MainWindow, tmp_path: Path
) -> None:
    editor = drawn.editor
    assert editor is not None
    path = tmp_path / "blur.flow.yaml"
    drawn.workspace.save(editor, path)
    path.write_text(path.read_text().replace("name: blur", "name: Elsewhere"))

    drawn.watching.look_at_disk()
    assert "Another program" in drawn.message.text
    drawn.message.press_first_offer()

    assert editor.title == "Elsewhere"


def test_saving_asks_before_it_loses_what_another_program_wrote(
    drawn: MainWindow, tmp_path: Path
) -> None:
    editor = drawn.editor
    assert editor is not None
    path = tmp_path / "blur.flow.yaml"
    drawn.workspace.save(editor, path)
    path.write_text(path.read_text().replace("name: blur", "name: Elsewhere"))
    editor.add_note("mine")
    drawn.navigation.focus_canvas()
    press(Qt.Key.Key_S, CTRL)

    assert "name: Elsewhere" in path.read_text()
    assert "Another program" in drawn.message.text
    keep = next(
        button
        for button in drawn.message.findChildren(QPushButton)
        if button.text() == "Keep mine"
    )
    QTest.mouseClick(keep, Qt.MouseButton.LeftButton)
    assert "name: blur" in path.read_text()
    assert not editor.is_modified


def test_change_by_another_program_is_noticed_while_one_works(
    drawn: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    editor = drawn.editor
    assert editor is not None
    path = tmp_path / "blur.flow.yaml"
    drawn.workspace.save(editor, path)
    path.write_text(path.read_text().replace("name: blur", "name: Elsewhere"))

    qtbot.waitUntil(lambda: "Another program" in drawn.message.text, timeout=30_000)


def test_dropped_file_opens_and_dropped_images_become_input(
    window: MainWindow, tmp_path: Path
) -> None:
    image = tmp_path / "cells.tif"
    image.write_bytes(b"")
    window.files.dropped([str(image)], None, None)
    assert window.editor is not None
    assert list(window.editor.document.inputs) == ["cells"]

    path = tmp_path / "other.flow.yaml"
    window.workspace.save(window.editor, path)
    window.workspace.close(window.editor)
    window.files.dropped([str(path)], None, None)

    assert window.editor is not None
    assert window.editor.path == path


def test_run_command_names_experiment_and_bindings(
    drawn: MainWindow, tmp_path: Path
) -> None:
    editor = drawn.editor
    assert editor is not None
    drawn.workspace.save(editor, tmp_path / "blur.flow.yaml")
    drawn.workspace.experiment.open(tmp_path / "spots")

    RunCommands(drawn).copy_run_command()

    text = QApplication.clipboard().text()
    assert text.startswith("bioimageit-flow run ")
    assert f"--experiment {tmp_path / 'spots'} --bind images=raw" in text


def test_every_control_has_an_accessible_name(drawn: MainWindow) -> None:
    def is_named(widget: QWidget) -> bool:
        text = getattr(widget, "text", str)()
        return bool(widget.accessibleName() or text)

    kinds = ("QToolButton", "QPushButton", "QTreeView", "QListView", "QComboBox")
    silent = [
        f"{type(one).__name__} in {type(one.parent()).__name__}"
        for one in drawn.findChildren(QWidget)
        if type(one).__name__ in kinds
        and one.isVisible()
        and not one.objectName().startswith("qt_")
        and not isinstance(one.parent(), QLineEdit)  # Qt's own clear button
        and not is_named(one)
    ]

    assert silent == []


def test_layout_is_remembered(drawn: MainWindow) -> None:
    drawn.docks["history"].hide()
    text = drawn.docks.save()
    drawn.docks.arrange()
    assert not drawn.docks["history"].isHidden()

    assert drawn.docks.restore(text)

    assert drawn.docks["history"].isHidden()


def test_right_place_of_search_is_inside_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    QTest.mouseClick(window.start.new, LEFT)
    corner = window.mapToGlobal(QPoint(window.width() - 5, window.height() - 5))

    window.popup.open(lambda _text: (), at=corner)

    assert window.rect().contains(window.popup.geometry())
    press(Qt.Key.Key_Escape)


def button_of(parent: QWidget, words: str) -> QPushButton:
    return next(one for one in parent.findChildren(QPushButton) if one.text() == words)


def test_keys_can_be_changed_and_are_remembered(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    Dialogs(drawn).shortcuts()
    dialog = drawn.findChild(ShortcutsDialog)
    assert dialog is not None
    dialog.field.setFocus()
    type_keys("Arrange", dialog.field)
    group = dialog.proxy.index(0, 0)
    dialog.tree.setCurrentIndex(dialog.proxy.index(0, 0, group))
    QTest.keyClick(dialog.keys, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "arrange.layout" in drawn.workspace.settings.shortcuts)

    assert drawn.workspace.settings.shortcuts["arrange.layout"] == "Ctrl+S"
    assert drawn.workspace.settings.shortcuts["file.save"] == ""
    assert drawn.actions_["arrange.layout"].shortcut().toString() == "Ctrl+S"
    (says,) = (
        label
        for label in dialog.findChildren(QLabel)
        if label.text().startswith("Ctrl+S was taken from")
    )
    QTest.mouseClick(button_of(dialog, "Reset all"), LEFT)
    assert says.text() == ""
    assert drawn.actions_["file.save"].shortcut().toString() == "Ctrl+S"
    dialog.accept()


def test_a_message_makes_room_for_the_overview(drawn: MainWindow) -> None:
    page, editor = drawn.page, drawn.editor
    assert page is not None
    assert editor is not None
    drawn.resize(1500, 950)
    for number in range(8):
        editor.add_tool("skimage/gaussian", (300.0 * number, 300.0))
    page.canvas.fit()
    drawn.message.say("something", level="warning")
    map_, bar = page.canvas.minimap, drawn.message
    assert not map_.isVisible()
    page.canvas.view.set_zoom(1.5)
    QApplication.processEvents()

    assert map_.isVisible()
    corner = map_.mapTo(drawn, QPoint(0, 0))
    assert bar.mapTo(drawn, QPoint(bar.width(), 0)).x() <= corner.x()


def test_a_shortcut_that_is_reset_gives_back_what_it_had_taken(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    Dialogs(drawn).shortcuts()
    dialog = drawn.findChild(ShortcutsDialog)
    assert dialog is not None
    dialog.field.setFocus()
    type_keys("Arrange", dialog.field)
    group = dialog.proxy.index(0, 0)
    dialog.tree.setCurrentIndex(dialog.proxy.index(0, 0, group))
    QTest.keyClick(dialog.keys, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "arrange.layout" in drawn.workspace.settings.shortcuts)
    QTest.mouseClick(button_of(dialog, "Reset"), LEFT)

    assert drawn.workspace.settings.shortcuts == {}
    assert drawn.actions_["file.save"].shortcut().toString() == "Ctrl+S"
    assert drawn.actions_["arrange.layout"].shortcut().toString() == "Ctrl+L"
    dialog.accept()


def test_esc_closes_and_is_no_key_of_a_command(drawn: MainWindow) -> None:
    Dialogs(drawn).shortcuts()
    dialog = drawn.findChild(ShortcutsDialog)
    assert dialog is not None
    group = dialog.proxy.index(0, 0)
    dialog.tree.setCurrentIndex(dialog.proxy.index(0, 0, group))
    shut: list[int] = []
    dialog.finished.connect(shut.append)
    QTest.keyClick(dialog.keys, Qt.Key.Key_Escape)

    assert shut == [QDialog.DialogCode.Rejected]
    assert drawn.workspace.settings.shortcuts == {}


def test_two_workflows_are_shown_side_by_side(
    drawn: MainWindow, tmp_path: Path
) -> None:
    editor = drawn.editor
    assert editor is not None
    before = editor.workflow.document
    editor.set_parameter("gaussian", "sigma", 3.0)
    found = compare(before, editor.workflow.document)

    view = DiffView(found, "before", "after", LIGHT, drawn)

    assert [view.model.item(0, column).text() for column in (1, 2)] == ["", "3.0"]
    view.deleteLater()
