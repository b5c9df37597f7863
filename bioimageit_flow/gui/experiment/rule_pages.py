"""The ways to annotate: one page for each, of which one is asked."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTabWidget,
    QWidget,
)

from bioimageit_flow.editor.experiment.annotate_form import (
    METADATA,
    AnnotateForm,
    Source,
)
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.folder_dialog import label_dialog
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.keys import KeyUse

_HEIGHT = 150


class RulePages(QTabWidget):
    """By hand, from names, folders, a table, or the headers of images.

    Parameters
    ----------
    keys : sequence of KeyUse
        The keys that are there, to be chosen from.
    changed : callable
        Called after every key.
    """

    def __init__(
        self,
        keys: Sequence[KeyUse],
        changed: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._keys = keys
        self._changed = changed
        self.key = QComboBox()
        self.key.setEditable(True)
        self.key.addItems([use.name for use in keys])
        self.key.setCurrentText("")
        self.key.setAccessibleName(tr("Key"))
        if edit := self.key.lineEdit():
            edit.setAccessibleName(tr("Key"))
        self.key.editTextChanged.connect(self._offer_values)
        self.value = self._line(tr("Value"), tr("nothing takes the key away"))
        self.separator = self._line(tr("Separator"))
        self.separator.setText("_")
        self.parts = self._line(tr("Keys of the parts"), "condition, n, -")
        self.expression = self._line(
            tr("Expression"), r"(?P<condition>[a-z]+)_(?P<n>\d+)"
        )
        self.folders = self._line(
            tr("Keys of the folders"), tr("patient/condition, the nearest last")
        )
        self.sheet = self._line(tr("Table"), tr("CSV or XLSX with a column of names"))
        self.column = self._line(tr("Column of names"), "name")
        self.facts = QListWidget()
        self.facts.setAccessibleName(tr("Facts of image headers"))
        self.facts.setFlow(QListWidget.Flow.LeftToRight)
        self.facts.setWrapping(True)
        self.facts.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.facts.setSpacing(4)
        for fact in METADATA:
            item = QListWidgetItem(fact)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.facts.addItem(item)
        self.facts.itemChanged.connect(lambda _item: changed())
        self._pressed = Qt.CheckState.Unchecked
        self.facts.itemPressed.connect(self._press)
        self.facts.itemClicked.connect(self._click)
        choose = pieces.button(tr("Choose\u2026"), self._ask_sheet)
        pages: tuple[tuple[Source, str, list[tuple[str, object]]], ...] = (
            (
                Source.HAND,
                tr("By hand"),
                [(tr("Key"), self.key), (tr("Value"), self.value)],
            ),
            (
                Source.SPLIT,
                tr("Parts of names"),
                [
                    (tr("Separator"), self.separator),
                    (tr("Annotation keys"), self.parts),
                ],
            ),
            (
                Source.REGEX,
                tr("Regular expression"),
                [(tr("Expression"), self.expression)],
            ),
            (Source.FOLDERS, tr("Folders"), [(tr("Annotation keys"), self.folders)]),
            (
                Source.SHEET,
                tr("Table"),
                [
                    (tr("Table"), pieces.row(self.sheet, choose)),
                    (tr("Column of names"), self.column),
                ],
            ),
            (Source.METADATA, tr("Image headers"), [("", self.facts)]),
        )
        self._sources = [source for source, _, _ in pages]
        for _source, title, rows in pages:
            form = QFormLayout()
            form.setContentsMargins(4, 12, 4, 4)
            form.setVerticalSpacing(8)
            form.setHorizontalSpacing(14)
            for name, field in rows:
                if isinstance(field, QWidget) and not name:
                    form.addRow(field)
                elif isinstance(field, QWidget):
                    form.addRow(name, field)
                else:
                    form.addRow(name, field)  # type: ignore[call-overload]
            self.addTab(pieces.holder(form), title)
        self.setMaximumHeight(_HEIGHT)
        self.setAccessibleName(tr("Where the values come from"))
        self.currentChanged.connect(lambda _place: changed())

    def _line(self, name: str, hint: str = "") -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(hint)
        made.textChanged.connect(lambda _text: self._changed())
        return made

    def form(self) -> AnnotateForm:
        """Return what is asked for."""
        checked = [
            self.facts.item(place).text()
            for place in range(self.facts.count())
            if self.facts.item(place).checkState() is Qt.CheckState.Checked
        ]
        return AnnotateForm(
            source=self._sources[self.currentIndex()],
            key=self.key.currentText(),
            value=self.value.text(),
            separator=self.separator.text(),
            parts=self.parts.text(),
            expression=self.expression.text(),
            folders=self.folders.text(),
            sheet=self.sheet.text(),
            column=self.column.text(),
            facts={fact: fact for fact in checked},
        )

    def _press(self, fact: QListWidgetItem) -> None:
        self._pressed = fact.checkState()

    def _click(self, fact: QListWidgetItem) -> None:
        """Turn a fact that was clicked on its name; Qt does so for the box alone."""
        if fact.checkState() is self._pressed:
            is_on = self._pressed is Qt.CheckState.Checked
            fact.setCheckState(
                Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked
            )

    def _offer_values(self, name: str) -> None:
        use = next((one for one in self._keys if one.name == name.strip()), None)
        choices: tuple[str, ...] = ()
        if use is not None and use.key is not None:
            choices = use.key.choices or (
                ("true", "false") if use.type == "boolean" else ()
            )
        self.value.setCompleter(QCompleter(list(choices), self.value))
        self._changed()

    def _ask_sheet(self) -> None:
        dialog = QFileDialog(self, tr("A table"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        label_dialog(dialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("CSV, XLSX (*.csv *.tsv *.txt *.xlsx)")
        dialog.fileSelected.connect(lambda path: self.sheet.setText(str(Path(path))))
        dialog.open()
