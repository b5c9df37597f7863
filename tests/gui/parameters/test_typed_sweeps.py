"""A sweep that is typed into the form: what is no sweep is kept, and marked."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.form import FieldMode
from bioimageit_flow.gui.parameters.field_row import FieldRow
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.workflow.document import Sweep, Swept


def swept_row(window: MainWindow, setting: Swept) -> FieldRow:
    """Return the row of a parameter that is swept."""
    window.files.new()
    editor = window.editor
    assert editor is not None
    node = editor.add_tool("skimage/gaussian@1.0.0", (0, 0))
    editor.add_tool("skimage/gaussian@1.0.0", (0, 300))
    editor.set_parameter(node, "sigma", setting)
    editor.select([node])
    window.refresh()
    window.docks.reveal("parameters")
    row = window.parameters.rows["sigma"]
    assert row.field.mode is FieldMode.SWEEP
    return row


def retype(row: FieldRow, text: str) -> None:
    """Type in place of what is there."""
    row.other.selectAll()
    QTest.keyClicks(row.other, text)


def test_text_that_is_no_sweep_is_kept_and_marked(
    window: MainWindow, qtbot: QtBot
) -> None:
    row = swept_row(window, Swept(sweep=Sweep(values=(1, 2))))
    retype(row, "5, foo")
    editor = window.editor
    assert editor is not None
    (node,) = editor.selected_nodes
    other = next(one for one in editor.document.nodes if one != node)

    editor.select([other])
    window.refresh()
    editor.select([node])
    window.refresh()
    back = window.parameters.rows["sigma"]
    assert back.other.text() == "5, foo"
    assert "'foo' is not a number" in back.problem.text()
    assert any("foo" in problem.text for problem in editor.problems)
    editor.undo()
    assert "sigma" not in editor.document.nodes[node].parameters  # all of it, at once


def test_reason_says_what_is_wrong_with_a_range(
    window: MainWindow, qtbot: QtBot
) -> None:
    row = swept_row(window, Swept(sweep=Sweep(values=(1, 2))))
    retype(row, "1 to 5 step 0")
    qtbot.waitUntil(lambda: "step" in row.problem.text())
    retype(row, "1 to 5 step 2")
    qtbot.waitUntil(row.problem.isHidden)


def test_names_of_a_sweep_stay_when_its_values_are_typed(
    window: MainWindow, qtbot: QtBot
) -> None:
    row = swept_row(window, Swept(sweep=Sweep(values=(1, 2), zip="a", key="blur")))
    retype(row, "3, 4")
    QTest.keyClick(row.other, Qt.Key.Key_Tab)
    editor = window.editor
    assert editor is not None
    (node,) = editor.selected_nodes
    assert editor.document.nodes[node].parameters["sigma"] == Swept(
        sweep=Sweep(values=(3.0, 4.0), zip="a", key="blur")
    )


def test_boxes_without_a_common_parameter_say_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    one = editor.add_tool("skimage/gaussian@1.0.0", (0, 0))
    two = editor.add_tool("tables/plot-groups@1.0.0", (0, 300))
    editor.select([one, two])
    window.refresh()
    assert "no parameter in common" in "".join(
        label.text() for label in window.parameters.findChildren(QLabel)
    )
