"""The rows of a form, one below the other, made in parts that keep the window free."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from bioimageit_flow.editor.form import Field
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.parameters.field_row import FieldRow
from bioimageit_flow.gui.theme import Theme

FIRST: Final = 8
"""Rows that are there at once: about what a panel shows without scrolling."""

PART: Final = 5
"""Rows that follow in each turn of the event loop."""


class FieldColumn(QWidget):
    """Rows of fields; none is made before `begin`.

    Parameters
    ----------
    fields : sequence of Field
        From top to bottom.
    theme : Theme
        How they look.

    Attributes
    ----------
    edited : Signal
        With the name of a parameter and its new setting; None for the default.
    grown : Signal
        When rows were added.
    reached : Signal
        With the row that got the cursor.
    """

    edited = Signal(str, object)
    grown = Signal()
    reached = Signal(QWidget)

    def __init__(
        self, fields: Sequence[Field], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waiting = {field.name: field for field in fields}
        self._awaited = ""
        self._has_begun = False
        self._column = pieces.column(gap=12)
        self.setLayout(self._column)
        self.rows: dict[str, FieldRow] = {}
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(lambda: self._grow(PART))

    def __contains__(self, name: object) -> bool:
        return name in self.rows or name in self._waiting

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters from top to bottom, their rows made or not."""
        return (*self.rows, *self._waiting)

    @property
    def is_complete(self) -> bool:
        """Whether every row is there."""
        return not self._waiting

    def begin(self) -> None:
        """Make the first rows now and the others in the next turns."""
        if not self._has_begun:
            self._has_begun = True
            self._grow(FIRST)

    def stop(self) -> None:
        """Make no more rows: another form is shown."""
        self._next.stop()

    def show_fields(self, fields: Iterable[Field]) -> None:
        """Show new states of the same parameters, also of those not yet made."""
        for field in fields:
            if field.name in self.rows:
                self.rows[field.name].show_field(field)
            elif field.name in self._waiting:
                self._waiting[field.name] = field

    def focus(self, name: str) -> None:
        """Put the cursor into a row, as soon as it is there."""
        self.begin()
        self._awaited = name
        self._give_focus()

    def _give_focus(self) -> None:
        row = self.rows.get(self._awaited)
        if row is not None:
            self._awaited = ""
            self.reached.emit(row)
            row.constant.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _grow(self, count: int) -> None:
        for name in tuple(islice(self._waiting, count)):
            row = FieldRow(self._waiting.pop(name), self._theme, self)
            row.edited.connect(self.edited)
            self.rows[name] = row
            self._column.addWidget(row)
            row.show()
        self.grown.emit()
        self._give_focus()
        if self._waiting:
            self._next.start()
