"""Import by mouse: which files, what their names say, and what came of it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTabWidget,
    QTreeWidgetItem,
    QWidget,
)

from bioimageit_flow.editor.experiment.columns import said
from bioimageit_flow.editor.experiment.import_form import ImportForm, expression_of
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.tables import fit, retitle, table
from bioimageit_flow.gui.experiment.work_dialog import WorkDialog
from bioimageit_flow.gui.folder_dialog import ask_folder
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.import_preview import ImportPreview

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel
    from bioimageit_flow.session import ImportReport

_PAUSE_MS: Final = 300
_NAMES: Final = 50
"""How many names are looked at for one that has parts."""


class ImportDialog(WorkDialog):
    """Files and folders, what is known of them, a preview, and then the import.

    Parameters
    ----------
    panel : ExperimentPanel
        Of the experiment.
    dataset : str
        Where they go unless somebody says otherwise.
    files : tuple of Path
        What is given already.
    """

    def __init__(
        self, panel: "ExperimentPanel", dataset: str, files: tuple[Path, ...] = ()
    ) -> None:
        super().__init__(
            panel.background,
            tr("Import"),
            tr("Import"),
            panel.window_,
            QSize(980, 640),
        )
        self.setAcceptDrops(True)
        self._panel = panel
        self._form = ImportForm(dataset=dataset)
        self._asked = 0
        self._is_finished = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._look)
        self._build(dataset)
        self.add_files(files)
        self._look()

    def _build(self, dataset: str) -> None:
        self.files = QListWidget()
        self.files.setAccessibleName(tr("Files and folders"))
        self.files.setMaximumHeight(96)
        theme = self._panel.window_.theme
        self.files.setStyleSheet(
            f"QListWidget {{ background: {theme.field}; border-radius: 6px;"
            f" border: 1px solid {theme.border}; }}"
        )
        self.files.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        buttons = pieces.column(
            pieces.button(tr("Files\u2026"), self._ask_files),
            pieces.button(tr("Folder\u2026"), self._ask_folder),
            pieces.button(tr("Remove"), self._remove),
            None,
        )
        self.dataset = self._line(dataset, tr("Dataset"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("Kind"))
        self.kind.addItem(tr("As their content says"), "")
        for kind in Kind:
            self.kind.addItem(tr(str(kind)), str(kind))
        self.kind.currentIndexChanged.connect(lambda _place: self._changed())
        self.way = QComboBox()
        self.way.setAccessibleName(tr("How"))
        self.way.addItem(tr("Copy into the experiment"), False)
        self.way.addItem(tr("Leave them where they are"), True)
        self.way.currentIndexChanged.connect(lambda _place: self._changed())
        self.include = self._line("", tr("Only files like"), "*.tif *.czi")
        self.match = self._line("", tr("Only paths that match"), r"_ch00\.tif$")
        self.from_name = self._line(
            "", tr("Keys from names"), r"(?P<condition>[a-z]+)_(?P<n>\d+)"
        )
        self.parts = pieces.button(tr("By parts\u2026"), self._ask_parts)
        self.from_folders = self._line(
            "", tr("Keys from folders"), tr("patient/condition, the nearest last")
        )
        self.sheet = self._line("", tr("Table"), tr("CSV or XLSX with a row per file"))
        self.column = self._line("", tr("Column of files"), "path")
        self.given = self._line("", tr("For all files"), "batch=7, stain=DAPI")
        left = QFormLayout()
        right = QFormLayout()
        for form in (left, right):
            form.setHorizontalSpacing(12)
            form.setVerticalSpacing(7)
            form.setContentsMargins(0, 0, 0, 0)
        left.addRow(tr("Dataset"), self.dataset)
        left.addRow(tr("How"), self.way)
        left.addRow(tr("Kind"), self.kind)
        left.addRow(tr("Only files like"), self.include)
        left.addRow(tr("Only paths that match"), self.match)
        right.addRow(tr("Keys from names"), pieces.row(self.from_name, self.parts))
        right.addRow(tr("Keys from folders"), self.from_folders)
        choose = pieces.button(tr("Choose\u2026"), self._ask_sheet)
        right.addRow(tr("Table"), pieces.row(self.sheet, choose))
        right.addRow(tr("Column of files"), self.column)
        right.addRow(tr("For all files"), self.given)
        forms = pieces.row(gap=24)
        forms.addLayout(left, 1)
        forms.addLayout(right, 1)
        self.preview = table(tr("What would be imported"))
        titles = (tr("File"), tr("Why"), tr("What to do"))
        self.left_out = table(tr("Left out"), *titles)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.preview, tr("What would be imported"))
        self.tabs.addTab(self.left_out, tr("Left out"))
        self.body.addLayout(pieces.row(self.files, buttons, gap=8))
        self.body.addLayout(forms)
        self.body.addWidget(self.tabs, 1)
        self.save = pieces.button(tr("Save the report\u2026"), self._save)
        self.save.hide()
        self.buttons.insertWidget(0, self.save)

    def _line(self, text: str, name: str, hint: str = "") -> QLineEdit:
        made = QLineEdit(text)
        made.setAccessibleName(name)
        made.setPlaceholderText(hint)
        made.textChanged.connect(lambda _text: self._changed())
        return made

    # What is asked

    def add_files(self, paths: tuple[Path, ...]) -> None:
        """Take files and folders."""
        self._form = self._form.with_files(paths)
        self.files.clear()
        for path in self._form.files:
            self.files.addItem(str(path))
        self._changed()

    def _remove(self) -> None:
        gone = {item.text() for item in self.files.selectedItems()}
        kept = tuple(path for path in self._form.files if str(path) not in gone)
        self._form = replace(self._form, files=())
        self.add_files(kept)

    def _read_form(self) -> ImportForm:
        self._form = replace(
            self._form,
            dataset=self.dataset.text(),
            is_reference=bool(self.way.currentData()),
            include=self.include.text(),
            match=self.match.text(),
            from_name=self.from_name.text(),
            from_folders=self.from_folders.text(),
            sheet=self.sheet.text(),
            path_column=self.column.text(),
            annotations=self.given.text(),
            kind=str(self.kind.currentData() or ""),
        )
        return self._form

    def _changed(self) -> None:
        self._later.start()

    # The preview

    def _look(self) -> None:
        """Look, in a thread, what would be imported."""
        if self.is_working or self._is_finished:
            return
        form = self._read_form()
        self._asked += 1
        mine = self._asked
        classic = form.classic_folder
        if form.is_empty or classic is not None:
            retitle(self.preview, tr("File"))
            self.go.setEnabled(classic is not None)
            self.say(
                tr(
                    "A classic BioImageIT experiment: its annotations, results and "
                    "their history come along."
                )
                if classic is not None
                else tr("Choose files or folders, or drop them here."),
            )
            return

        def done(found: ImportPreview) -> None:
            if mine == self._asked and not self.is_working and not self._is_gone:
                self._show(found)

        self._background.run(form.preview, done, self.refuse)

    def _show(self, found: ImportPreview) -> None:
        retitle(self.preview, tr("File"), *found.keys, "")
        for line in found.lines:
            cells = [said(line.values.get(key)) for key in found.keys]
            why = tr("does not fit") if line.problem else ""
            row = QTreeWidgetItem([line.name, *cells, why])
            row.setToolTip(0, line.name)
            row.setToolTip(len(cells) + 1, line.problem)
            self.preview.addTopLevelItem(row)
        fit(self.preview)
        self._show_left_out(
            [
                ("skipped", one.path, one.reason, one.remedy)
                for one in found.passed[:500]
            ]
            + [
                ("refused", one.path, one.reason, one.remedy)
                for one in found.refused[:500]
            ]
        )
        self.tabs.setTabText(
            0, tr("What would be imported ({count})", count=f"{found.count:,}")
        )
        left = len(found.passed) + len(found.refused)
        self.tabs.setTabText(1, tr("Left out ({count})", count=f"{left:,}"))
        self.go.setEnabled(bool(found.count) and not found.problem)
        if found.problem:
            self.say(f"{found.problem} {found.remedy}".strip(), "error")
        elif found.count > len(found.lines):
            self.say(tr("The first {count} are shown.", count=f"{len(found.lines):,}"))
        else:
            self.say("")

    def _show_left_out(self, rows: list[tuple[str, str, str, str]]) -> None:
        self.left_out.clear()
        for _state, path, reason, remedy in rows:
            row = QTreeWidgetItem([path, reason, remedy])
            for place, text in enumerate((path, reason, remedy)):
                row.setToolTip(place, text)
            self.left_out.addTopLevelItem(row)
        fit(self.left_out)

    # The import

    def begin(self) -> None:
        """Import what is asked for; once that is done, close."""
        if self._is_finished:
            self.accept()
            return
        experiment = self._panel.opened.experiment
        if experiment is None:
            return
        self._later.stop()
        form = self._read_form()
        self._dim(is_on=False)
        self.work(
            lambda progress: form.import_all(experiment, progress),
            self._done,
            tr("Looking for files\u2026"),
        )

    def _dim(self, *, is_on: bool) -> None:
        for widget in self.findChildren(QWidget):
            is_choice = isinstance(widget, QLineEdit | QComboBox | QPushButton)
            if is_choice and widget not in (self.go, self.stop, self.save):
                widget.setEnabled(is_on)

    def stopped(self) -> None:
        """Say that what was imported so far stays."""
        self._dim(is_on=True)
        self.say(
            tr("Cancelled. What was imported stays; import again to go on."), "warning"
        )
        self._panel.window_.workspace.experiment.contents_changed.emit()

    def refuse(self, error: FlowError) -> None:
        """Say why nothing can be imported."""
        self._dim(is_on=True)
        super().refuse(error)

    def _done(self, report: "ImportReport") -> None:
        self._is_finished = True
        self._report = report
        imported = len(report.items)
        self._show_left_out(
            [
                ("refused", one.path, one.reason, one.remedy)
                for one in report.refused[:1000]
            ]
            + [
                ("skipped", one.path, one.reason, one.remedy)
                for one in report.skipped[:1000]
            ]
        )
        retitle(self.preview, tr("Imported"), tr("File"))
        for file in report.imported[:1000]:
            for item in file.items:
                self.preview.addTopLevelItem(QTreeWidgetItem([item.name, file.path]))
        fit(self.preview)
        left = len(report.refused) + len(report.skipped)
        self.tabs.setTabText(0, tr("Imported ({count})", count=f"{imported:,}"))
        self.tabs.setTabText(1, tr("Left out ({count})", count=f"{left:,}"))
        self.tabs.setCurrentIndex(1 if report.refused else 0)
        words = tr(
            "{imported} imported, {skipped} skipped, {refused} refused.",
            imported=f"{imported:,}",
            skipped=f"{len(report.skipped):,}",
            refused=f"{len(report.refused):,}",
        )
        notes = " ".join(report.notes[:3])
        self.say(f"{words} {notes}".strip(), "warning" if report.refused else "muted")
        self.go.setText(tr("Done"))
        self.stop.hide()
        self.save.show()
        self._panel.window_.workspace.experiment.contents_changed.emit()
        self._panel.tree.choose(report.dataset)

    def _save(self) -> None:
        def write(path: str) -> None:
            self._panel.window_.attempt(lambda: self._report.save(Path(path)))

        dialog = QFileDialog(self, tr("Save the report"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.selectFile("import.csv")
        dialog.fileSelected.connect(write)
        dialog.open()

    # Choosing

    def _ask_files(self) -> None:
        self._ask(tr("Files to import"), QFileDialog.FileMode.ExistingFiles, self._took)

    def _ask_folder(self) -> None:
        ask_folder(self, tr("A folder to import"), lambda one: self.add_files((one,)))

    def _ask_sheet(self) -> None:
        mode = QFileDialog.FileMode.ExistingFile
        self._ask(tr("A table"), mode, lambda paths: self.sheet.setText(paths[0]))

    def _took(self, paths: list[str]) -> None:
        self.add_files(tuple(Path(path) for path in paths))

    def _ask(self, title: str, mode: QFileDialog.FileMode, call: object) -> None:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        assert callable(call)
        dialog.filesSelected.connect(call)
        dialog.open()

    def _ask_parts(self) -> None:
        from bioimageit_flow.gui.experiment.parts_dialog import PartsDialog

        rows = map(self.preview.topLevelItem, range(_NAMES))
        names = [row.text(0).rpartition("/")[2] for row in rows if row is not None]
        name = max(names, key=lambda one: one.count("_"), default="")

        def take(separator: str, keys: list[str]) -> None:
            self.from_name.setText(expression_of(separator, keys))

        PartsDialog(name, take, self).open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls() and not self.is_working:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        urls = event.mimeData().urls()
        self.add_files(tuple(Path(u.toLocalFile()) for u in urls if u.isLocalFile()))
        event.acceptProposedAction()

    def _end(self) -> None:
        self._later.stop()
        super()._end()
