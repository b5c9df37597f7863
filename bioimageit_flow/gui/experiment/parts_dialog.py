"""Keys from the parts of names, for those who do not write regular expressions."""

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.naming import split_name

_MOST = 12


class PartsDialog(QDialog):
    """One line for each part of a name.

    Parameters
    ----------
    name : str
        A file name to begin with.
    take : callable
        Told the separator and the key of each part.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[str, list[str]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys from the parts of names"))
        self._stem = split_name(name)[0] if name else ""
        self._take = take
        self.separator = QLineEdit("_")
        self.separator.setMaximumWidth(60)
        self.separator.setAccessibleName(tr("Separator"))
        self.separator.textChanged.connect(lambda _text: self._fill())
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.fields: list[QLineEdit] = []
        row = pieces.row(pieces.label(tr("Separator")), self.separator, None)
        self.cancel = pieces.button(tr("Cancel"), self.reject)
        take_them = pieces.button(tr("Take them"), self._done, role="primary")
        take_them.setDefault(True)
        buttons = pieces.row(None, self.cancel, take_them)
        self.setLayout(
            pieces.column(
                pieces.label(name, "heading"),
                row,
                pieces.label(
                    tr("Name the parts that you want; leave the others empty."),
                    "muted",
                ),
                self.form,
                buttons,
                margin=18,
                gap=12,
            )
        )
        self.setMinimumWidth(380)
        self._fill()

    def _fill(self) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        self.fields = []
        separator = self.separator.text()
        parts = self._stem.split(separator) if separator else [self._stem]
        for part in parts[:_MOST]:
            field = QLineEdit()
            field.setPlaceholderText(tr("no key"))
            field.setAccessibleName(tr("Key of the part {part}", part=part))
            self.fields.append(field)
            self.form.addRow(part or "\u2014", field)
        # Fields that are made later would come after the buttons
        order = [self.separator, *self.fields, self.cancel]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _done(self) -> None:
        keys = [field.text().strip() for field in self.fields]
        while keys and not keys[-1]:
            keys.pop()
        if keys and self.separator.text():
            self._take(self.separator.text(), keys)
        self.accept()
