"""A form of many parameters is made in parts, and what is folded is not made."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.form import Field, Form
from bioimageit_flow.gui.parameters.field_column import FIRST, PART
from bioimageit_flow.gui.parameters.field_row import FieldRow
from bioimageit_flow.gui.parameters.panel import ParametersPanel
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.parameter import ParameterType


def wide(plain: int, advanced: int = 0, value: int = 1) -> Form:
    """Return a form of one node with so many whole numbers."""
    return Form(
        ("node",),
        tuple(
            Field(
                f"p{place}",
                f"Parameter {place}",
                ParameterType.INT,
                value=value,
                is_advanced=place >= plain,
            )
            for place in range(plain + advanced)
        ),
    )


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ParametersPanel]:
    """Return a panel, shown."""
    made = ParametersPanel(LIGHT)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.deleteLater()


def shown(panel: ParametersPanel, form: Form) -> int:
    """Show a form and return how many rows that made."""
    panel.show_form(form, title="Box", subtitle="")
    return len(panel.findChildren(FieldRow))


def test_a_form_of_forty_begins_with_some_rows_and_grows_in_parts(
    panel: ParametersPanel, qtbot: QtBot
) -> None:
    assert shown(panel, wide(40)) == FIRST
    assert panel.has_field("p39")
    parts = [FIRST]
    panel._columns[0].grown.connect(lambda: parts.append(len(panel.rows)))
    qtbot.waitUntil(lambda: panel.is_complete)

    steps = [new - old for old, new in pairwise(parts)]
    assert list(panel.rows) == [f"p{place}" for place in range(40)]
    assert max(steps) <= PART
    below = [row.y() for row in panel.rows.values()]
    assert below == sorted(below)


def test_folded_rows_are_made_when_they_are_opened(
    panel: ParametersPanel, qtbot: QtBot
) -> None:
    assert shown(panel, wide(3, advanced=30)) == 3
    assert panel.is_complete

    panel.advanced_button.click()
    assert len(panel.rows) == 3 + FIRST
    qtbot.waitUntil(lambda: panel.is_complete)
    assert len(panel.rows) == 33
    assert all(row.isVisible() for row in panel.rows.values())


def test_rows_that_are_not_yet_made_show_the_newest_state(
    panel: ParametersPanel, qtbot: QtBot
) -> None:
    shown(panel, wide(40))
    assert shown(panel, wide(40, value=7)) == FIRST
    qtbot.waitUntil(lambda: panel.is_complete)

    assert {row.field.value for row in panel.rows.values()} == {7}


def test_the_cursor_goes_to_a_row_as_soon_as_it_is_made(
    panel: ParametersPanel, qtbot: QtBot
) -> None:
    panel.activateWindow()
    shown(panel, wide(20, advanced=20))
    panel.focus_field("p38")
    assert "p38" not in panel.rows

    qtbot.waitUntil(lambda: "p38" in panel.rows)
    row = panel.rows["p38"]
    qtbot.waitUntil(lambda: row.constant.field.hasFocus())  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not row.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: panel.is_complete)


def test_another_selection_ends_the_making_of_rows(
    panel: ParametersPanel, qtbot: QtBot
) -> None:
    shown(panel, wide(40))
    column = panel._columns[0]
    panel.show_nothing()
    with qtbot.waitSignal(column.destroyed):
        assert len(column.rows) == FIRST

    assert panel.rows == {}


def test_the_page_of_a_tool_is_made_when_it_is_opened(window: MainWindow) -> None:
    window.files.new()
    assert window.editor is not None
    window.editor.add_tool("skimage/gaussian", (0, 0))
    window.refresh()
    panel = window.parameters
    assert panel.findChildren(QTextBrowser) == []

    panel.open_about()
    assert len(panel.findChildren(QTextBrowser)) == 1
