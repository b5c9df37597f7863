from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.experiment import opened_experiment
from bioimageit_flow.gui.experiment.dragging import dragged
from bioimageit_flow.gui.experiment.panel import ExperimentPanel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Experiment
from tests.gui.experiment.conftest import WAIT_MS, settle, shown_names

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
COPY = Qt.DropAction.CopyAction


def column(panel: ExperimentPanel, title: str) -> int:
    titles = [one.title for one in panel.model.columns]
    return titles.index(title)


def click_row(
    panel: ExperimentPanel, row: int, keys: Qt.KeyboardModifier = NONE, title: str = ""
) -> QPoint:
    place = column(panel, title) if title else 0
    at = panel.view.visualRect(panel.model.index(row, place)).center()
    QTest.mouseClick(panel.view.viewport(), LEFT, keys, at)
    return at


def drop(window: MainWindow, data: QMimeData, at: QPoint) -> None:
    assert window.page is not None
    port = window.page.canvas.view.viewport()
    for event in (
        QDragEnterEvent(at, COPY, data, LEFT, NONE),
        QDragMoveEvent(at, COPY, data, LEFT, NONE),
        QDropEvent(QPointF(at), COPY, data, LEFT, NONE),
    ):
        QApplication.sendEvent(port, event)


def test_items_stand_in_a_table_with_their_annotations(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    assert shown_names(panel, qtbot)[0] == "control_0.tif"
    assert [one.title for one in panel.model.columns[:3]] == ["name", "condition", "n"]
    cell = panel.model.index(4, column(panel, "condition"))
    assert cell.data() == "drug"
    assert panel.name.text() == "Spots"
    assert panel.count.text() == "6 items"


def test_small_pictures_come_a_little_later(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    index = panel.model.index(0, 0)
    role = Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: isinstance(index.data(role), QPixmap), timeout=WAIT_MS)
    assert index.data(role).deviceIndependentSize().width() <= 40


def test_a_query_is_typed_with_what_is_offered(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    field = panel.query.field
    field.setFocus()
    QTest.keyClicks(field, "cond")
    assert panel.query.popup.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.keyClicks(field, "dr")
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "condition = drug "
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3, timeout=WAIT_MS)
    assert shown_names(panel, qtbot) == ["drug_0.tif", "drug_1.tif", "drug_2.tif"]


def test_a_mistake_in_a_query_is_told_with_its_place(panel: ExperimentPanel) -> None:
    field = panel.query.field
    field.setFocus()
    QTest.keyClicks(field, "n = = 3")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.query.says.isVisible()
    assert "character 5" in panel.query.says.text()
    assert panel.model.rowCount() == 6
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not panel.query.says.isVisible()


def test_a_key_that_no_item_has_is_named_with_those_like_it(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    field, says = panel.query.field, panel.query.says
    QTest.keyClicks(field, "conditon = drug")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0, timeout=WAIT_MS)
    said = "No item has the key 'conditon'; did you mean 'condition'?"
    assert says.isVisible()
    assert says.text() == said
    for _ in range(len("on = drug")):
        QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, "ion = drug")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3, timeout=WAIT_MS)
    assert not says.isVisible()
    settle(panel, qtbot)


def test_a_click_on_a_title_sorts_and_turns(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    header = panel.view.horizontalHeader()

    def click() -> list[str]:
        place = column(panel, "n")
        x = header.sectionViewportPosition(place) + header.sectionSize(place) // 2
        at = QPoint(x, header.height() // 2)
        QTest.mouseClick(header.viewport(), LEFT, NONE, at)
        settle(panel, qtbot)
        return shown_names(panel, qtbot)

    assert click()[:2] == ["control_0.tif", "drug_0.tif"]
    assert click()[:2] == ["control_2.tif", "drug_2.tif"]


def test_a_cell_is_edited_and_the_change_taken_back(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    click_row(panel, 0, title="condition")
    panel.view.setCurrentIndex(panel.model.index(0, column(panel, "condition")))
    QTest.keyClick(panel.view, Qt.Key.Key_F2)
    editor = panel.view.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "washout")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    cell = panel.model.index(0, column(panel, "condition"))
    qtbot.waitUntil(lambda: cell.data() == "washout", timeout=WAIT_MS)
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    item = experiment.find_item("control_0.tif")
    assert item.annotations == {"condition": "washout", "n": 0}

    qtbot.waitUntil(panel.undo.isEnabled, timeout=WAIT_MS)
    QTest.mouseClick(panel.undo, LEFT)
    qtbot.waitUntil(lambda: cell.data() == "control", timeout=WAIT_MS)
    settle(panel, qtbot)


def test_undo_goes_back_change_by_change_until_there_is_none(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    items = experiment.items()
    experiment.annotate(items, {"batch": 7})
    experiment.delete_key("condition")
    panel.window_.workspace.experiment.contents_changed.emit()
    for tip in (one.note for one in experiment.changes()):
        qtbot.waitUntil(partial(_tells, panel, tip), timeout=WAIT_MS)
        assert panel.undo.isEnabled()
        QTest.mouseClick(panel.undo, LEFT)
    qtbot.waitUntil(lambda: not panel.undo.isEnabled(), timeout=WAIT_MS)
    assert experiment.items()[0].annotations == items[0].annotations
    settle(panel, qtbot)


def _tells(panel: ExperimentPanel, tip: str) -> bool:
    return tip in panel.undo.toolTip()


def test_a_key_hidden_in_one_experiment_is_shown_in_another(
    panel: ExperimentPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    place = panel.window_.workspace.experiment.path
    assert place is not None
    panel.view._show_column(
        column(panel, "condition"), panel.model.columns[1], is_shown=False
    )
    assert panel.view.isColumnHidden(column(panel, "condition"))
    other = Experiment.create(tmp_path / "other")
    other.declare_key("condition", "text")
    other.close()
    panel.commands.open(tmp_path / "other")
    qtbot.waitUntil(lambda: panel.name.text() == "other", timeout=WAIT_MS)
    settle(panel, qtbot)
    assert not panel.view.isColumnHidden(column(panel, "condition"))


def test_a_dataset_is_dropped_on_an_input(
    window: MainWindow, panel: ExperimentPanel, qtbot: QtBot
) -> None:
    window.files.new()
    editor, page = window.editor, window.page
    assert editor is not None
    assert page is not None
    name = editor.add_dataset("pictures", at=(0.0, 0.0))
    canvas = page.canvas
    canvas.fit()
    view = canvas.view.board.nodes[name].area
    at = canvas.view.pixel(QPointF(view[0] + 60, view[1] + 15))
    data = panel.tree.model_.mimeData([panel.tree.model_.index(0, 0)])
    drop(window, data, at)
    state = window.workspace.experiment
    assert state.bindings(editor) == {"pictures": "raw"}
    qtbot.waitUntil(
        lambda: editor.scene.nodes[name].subtitle == "pictures = raw (6)",
        timeout=WAIT_MS,
    )
    settle(panel, qtbot)


def test_a_query_dropped_on_the_ground_becomes_an_input(
    window: MainWindow, panel: ExperimentPanel, qtbot: QtBot
) -> None:
    window.files.new()
    panel.query.put("condition = drug")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3, timeout=WAIT_MS)
    data = panel.drag_data()
    assert data is not None
    drop(window, data, QPoint(120, 90))
    editor = window.editor
    assert editor is not None
    (name,) = editor.document.inputs
    bound = window.workspace.experiment.bindings(editor)
    assert bound == {name: "raw where condition = drug"}
    settle(panel, qtbot)


def test_data_dropped_on_a_tool_are_wired_to_it(
    window: MainWindow, panel: ExperimentPanel, qtbot: QtBot
) -> None:
    window.files.new()
    editor, page = window.editor, window.page
    assert editor is not None
    assert page is not None
    node = editor.add_tool("skimage/gaussian", at=(0.0, 0.0))
    page.canvas.fit()
    left, top, _, _ = page.canvas.view.board.nodes[node].area
    shown_names(panel, qtbot)
    click_row(panel, 1)
    click_row(panel, 3, CONTROL)
    data = panel.drag_data()
    assert data is not None
    drop(window, data, page.canvas.view.pixel(QPointF(left + 60, top + 15)))
    (name,) = editor.document.inputs
    assert f"{name} -> {node}.image" in editor.scene.wires
    bound = window.workspace.experiment.bindings(editor)[name]
    assert bound.startswith("items ")
    assert bound.count(",") == 1
    settle(panel, qtbot)


def test_data_of_another_kind_are_refused_in_words(
    window: MainWindow, panel: ExperimentPanel, qtbot: QtBot
) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    editor.add_dataset("numbers", "table")
    found = panel.dragged()
    assert found is not None
    panel.watch.bind(editor, "numbers", found)
    assert "table" in window.message.text
    assert window.workspace.experiment.bindings(editor) == {}
    settle(panel, qtbot)


def test_an_input_is_bound_without_a_mouse(
    window: MainWindow, panel: ExperimentPanel, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QMenu

    window.files.new()
    editor = window.editor
    assert editor is not None
    editor.add_dataset("pictures")
    menu = panel.commands.bind_menu(QMenu(panel), panel.dragged())
    menu.actions()[0].trigger()
    assert window.workspace.experiment.bindings(editor) == {"pictures": "raw"}
    settle(panel, qtbot)


def test_what_is_dragged_is_what_is_selected(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    click_row(panel, 2)
    data = panel.drag_data()
    found = dragged(data) if data is not None else None
    assert found is not None
    assert found.binding.startswith("items ")
    panel.view.selectAll()
    data = panel.drag_data()
    found = dragged(data) if data is not None else None
    assert found is not None
    assert found.binding == "raw"


def test_the_welcome_opens_and_says_what_cannot_be_opened(
    window: MainWindow, panel: ExperimentPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window.workspace.experiment.open(None)
    assert panel.pages.currentWidget() is panel.welcome
    assert opened_experiment(window) is None
    window.workspace.experiment.open(tmp_path / "nothing")
    qtbot.waitUntil(panel.welcome.says.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: "no experiment" in panel.welcome.says.text().lower(), timeout=WAIT_MS
    )
    recent = panel.welcome.recent
    at = recent.visualRect(panel.welcome.model.index(0, 0)).center()
    QTest.mouseClick(recent.viewport(), LEFT, NONE, at)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 6, timeout=WAIT_MS)
    settle(panel, qtbot)


def test_a_new_experiment_is_made_and_opened(
    window: MainWindow, panel: ExperimentPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    panel.commands.create(tmp_path / "fresh")
    qtbot.waitUntil(lambda: panel.name.text() == "fresh", timeout=WAIT_MS)
    assert panel.nothing.isVisible()
    settle(panel, qtbot)


def test_what_others_changed_is_seen(
    panel: ExperimentPanel, place: Path, qtbot: QtBot
) -> None:
    with Experiment.open(place) as other:
        other.annotate(other.items("raw"), {"batch": 7})
    panel.window_.workspace.experiment.contents_changed.emit()
    qtbot.waitUntil(
        lambda: "batch" in [one.title for one in panel.model.columns], timeout=WAIT_MS
    )
    settle(panel, qtbot)


@pytest.mark.parametrize("name", ["dark", "contrast"])
def test_the_panel_takes_other_colours(panel: ExperimentPanel, name: str) -> None:
    from bioimageit_flow.gui.theme import THEMES

    panel.window_.set_theme(THEMES[name])
    assert panel.view.isVisible()


def test_too_many_single_rows_are_refused_and_never_cut(
    panel: ExperimentPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from bioimageit_flow.gui.experiment import commands

    shown_names(panel, qtbot)
    monkeypatch.setattr(commands, "_MOST_LOOKED_AT", 1)
    monkeypatch.setattr(commands, "MOST_CHOSEN", 1)
    click_row(panel, 1)
    click_row(panel, 3, CONTROL)
    assert panel.commands.chosen() == []
    assert "2 rows are selected" in panel.window_.message.text
    assert panel.commands.scope() is None


def test_selected_rows_that_were_not_read_yet_are_taken_all_the_same(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    panel.view.choose(2)
    panel.model.show(panel.model.browsing, panel.model.columns)
    panel.view.choose(2)
    assert [item.name for item in panel.commands.chosen()] == ["control_2.tif"]
    scope = panel.commands.scope()
    assert scope is not None
    assert len(scope.chosen) == 1
    settle(panel, qtbot)


def test_select_all_takes_the_rows_and_no_boxes(
    panel: ExperimentPanel, window: MainWindow, qtbot: QtBot
) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    editor.add_dataset("pictures", at=(0.0, 0.0))
    editor.select(())
    panel.view.setFocus()
    panel.query.put("condition = drug")
    settle(panel, qtbot)

    QTest.keyClick(panel.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)

    assert panel.view.is_all_chosen()
    assert editor.selected_nodes == ()
    found = panel.dragged()
    assert found is not None
    assert found.binding == "raw where condition = drug"


def test_filter_stays_where_it_is_when_nothing_meets_it(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    before = panel.query.field.mapTo(panel, QPoint(0, 0))

    panel.query.put("conditoin = nothing")
    qtbot.waitUntil(panel.nothing.isVisible, timeout=WAIT_MS)
    assert "'conditoin'; did you mean 'condition'?" in panel.query.says.text()
    panel.query.put("condition = nothing")
    assert not panel.query.says.isVisible()

    assert panel.query.field.mapTo(panel, QPoint(0, 0)) == before


def test_long_sentence_below_the_table_does_not_widen_the_panel(
    panel: ExperimentPanel,
) -> None:
    before = panel.minimumSizeHint().width()

    panel.count.setText("The file cannot be read. " * 40)

    assert panel.minimumSizeHint().width() == before


def test_arrow_of_the_order_lies_beside_the_title(panel: ExperimentPanel) -> None:
    header = panel.view.horizontalHeader()
    place = column(panel, "n")
    before = header.sectionSizeFromContents(place).width()
    words = header.fontMetrics().horizontalAdvance("n")

    # room for the title, its margins, and an arrow
    assert before >= words + 8 + 22
