"""The keys of annotations: declared, renamed, cleared, deleted."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.work_dialog import WorkDialog
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.keys import KeyType, KeyUse
from bioimageit_flow.session import Experiment

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel


class KeysDialog(WorkDialog):
    """Every key with its type and use, and a form for the one that is chosen."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(
            panel.background, tr("Annotation keys"), "", panel.window_, QSize(820, 520)
        )
        self._panel = panel
        self._uses: dict[str, KeyUse] = {}
        self._wanted = ""  # what was declared or renamed is chosen once it is read
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("Annotation keys"))
        self.list.setHeaderLabels(
            [tr("Key"), tr("Type"), tr("Unit"), tr("Items"), tr("Description")]
        )
        self.list.currentItemChanged.connect(lambda *_items: self._show_one())
        self.name = self._line(tr("Name"))
        self.type = QComboBox()
        self.type.setAccessibleName(tr("Type"))
        for type_ in KeyType:
            self.type.addItem(tr(str(type_)), str(type_))
        self.unit = self._line(tr("Unit"))
        self.choices = self._line(tr("Choices"))
        self.choices.setPlaceholderText("control, drug, washout")
        self.about = self._line(tr("Description"))
        self.type.currentIndexChanged.connect(lambda _place: self._enable())
        form = QFormLayout()
        form.setVerticalSpacing(7)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Type"), self.type)
        form.addRow(tr("Unit"), self.unit)
        form.addRow(tr("Choices"), self.choices)
        form.addRow(tr("Description"), self.about)
        self.save = pieces.button(tr("Declare"), self._declare, role="primary")
        self.rename = pieces.button(tr("Rename"), self._rename)
        self.clear = pieces.button(tr("Clear all values\u2026"), self._ask_clear)
        self.delete = pieces.button(tr("Delete\u2026"), self._ask_delete)
        self.fresh = pieces.button(tr("New key"), self._new)
        row = pieces.row(
            self.fresh, self.clear, self.delete, None, self.rename, self.save
        )
        self.body.addWidget(self.list, 1)
        self.body.addLayout(form)
        self.body.addLayout(row)
        panel.opened.read.connect(self._fill)
        self._fill()

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.textChanged.connect(lambda _text: self._enable())
        return made

    def _fill(self, *_contents: object) -> None:
        contents = self._panel.opened.contents
        current = self._wanted or self._current()
        self._uses = {use.name: use for use in contents.keys} if contents else {}
        self.list.blockSignals(True)
        self.list.clear()
        for use in self._uses.values():
            unit = use.key.unit if use.key else ""
            about = use.key.description if use.key else ""
            type_ = tr(use.type) if use.key else f"({tr(use.type)})"
            if use.key and use.key.choices:
                type_ = f"{type_}: {', '.join(use.key.choices)}"
            row = QTreeWidgetItem([use.name, type_, unit, f"{use.items:,}", about])
            row.setToolTip(1, type_)
            self.list.addTopLevelItem(row)
            if use.name == current:
                self.list.setCurrentItem(row)
                self._wanted = ""
        self.list.blockSignals(False)
        for place, width in enumerate((180, 190, 80, 80)):
            self.list.setColumnWidth(place, width)
        self._enable()

    def _current(self) -> str:
        item = self.list.currentItem()
        return item.text(0) if item is not None else ""

    def _show_one(self) -> None:
        use = self._uses.get(self._current())
        key = use.key if use else None
        self.name.setText(use.name if use else "")
        type_ = str(key.type) if key else (use.type if use else "text")
        self.type.setCurrentIndex(max(0, self.type.findData(type_)))
        self.unit.setText(key.unit if key else "")
        self.choices.setText(", ".join(key.choices) if key else "")
        self.about.setText(key.description if key else "")
        self.go.hide()  # a question was about the key that was chosen before
        self.say("")
        self._enable()

    def _new(self) -> None:
        self.list.setCurrentIndex(QModelIndex())
        self._show_one()
        self.name.setFocus()

    def _enable(self) -> None:
        name, current = self.name.text().strip(), self._current()
        type_ = str(self.type.currentData())
        self.unit.setEnabled(type_ in ("number", "integer"))
        self.choices.setEnabled(type_ == "choice")
        is_new_name = bool(name) and name != current
        self.save.setEnabled(bool(name) and (not current or not is_new_name))
        self.rename.setEnabled(bool(current) and is_new_name)
        self.clear.setEnabled(bool(current))
        self.delete.setEnabled(bool(current))

    # What is done

    def _do(
        self, work: Callable[[Experiment], object], words: str, choose: str = ""
    ) -> None:
        experiment = self._panel.opened.experiment
        if experiment is None or self.is_working:
            return

        def done(_result: object) -> None:
            self.say(words)
            self._wanted = choose
            self._panel.window_.workspace.experiment.contents_changed.emit()

        self.work(lambda _progress: work(experiment), done)

    def _declare(self) -> None:
        name, type_ = self.name.text().strip(), str(self.type.currentData())
        unit = self.unit.text() if self.unit.isEnabled() else ""
        about = self.about.text()
        text = self.choices.text() if self.choices.isEnabled() else ""
        choices = [one.strip() for one in text.split(",") if one.strip()]

        def work(experiment: Experiment) -> object:
            return experiment.declare_key(
                name, type_, unit=unit, description=about, choices=choices
            )

        self._do(work, tr("{name} is declared.", name=name), name)

    def _rename(self) -> None:
        old, new = self._current(), self.name.text().strip()
        self._do(
            lambda experiment: experiment.rename_key(old, new),
            tr("{old} is called {new} now.", old=old, new=new),
            new,
        )

    def _ask_clear(self) -> None:
        name = self._current()
        self._ask(
            tr("Take {name} away from every item? It stays declared.", name=name),
            tr("Clear"),
            lambda experiment: experiment.clear_key(name),
            tr("{name} has no values now; Undo brings them back.", name=name),
        )

    def _ask_delete(self) -> None:
        name = self._current()
        self._ask(
            tr("Delete {name} with all its values?", name=name),
            tr("Delete"),
            lambda experiment: experiment.delete_key(name),
            tr("{name} is gone; Undo brings it back.", name=name),
        )

    def _ask(
        self,
        question: str,
        verb: str,
        work: Callable[[Experiment], object],
        words: str,
    ) -> None:
        """Ask in the line of the dialog; the button that answers is its own."""
        self.say(question, "warning")
        self.go.setText(verb)
        self.go.show()
        self._answer = partial(self._do, work, words)
        self.go.setFocus()

    def begin(self) -> None:
        """Do what was asked about."""
        self.go.hide()
        self._answer()
