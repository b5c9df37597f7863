"""Care of files: what lies where, whether it is whole, what can go, what was moved."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QFormLayout,
    QLineEdit,
    QTreeWidgetItem,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.tables import fit, table
from bioimageit_flow.gui.experiment.work_dialog import Progress, WorkDialog
from bioimageit_flow.gui.folder_dialog import ask_folder
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.model.chosen import DiskUse
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel
    from bioimageit_flow.model.changes import Change
    from bioimageit_flow.session import Relocation, Verification
    from bioimageit_flow.session.care import Cleaning

_MOST = 2000
_PATH_WIDTH = 460


class _Care(WorkDialog):
    def __init__(
        self, panel: "ExperimentPanel", title: str, verb: str, size: QSize
    ) -> None:
        super().__init__(panel.background, title, verb, panel.window_, size)
        self._panel = panel

    def tell(self) -> None:
        """Tell everybody that something changed."""
        self._panel.window_.workspace.experiment.contents_changed.emit()


class DiskDialog(_Care):
    """Bytes by dataset and run."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(panel, tr("Disk use"), "", QSize(760, 460))
        self.list = table(
            tr("Disk use"),
            tr("Dataset"),
            tr("Items"),
            tr("In the experiment"),
            tr("Elsewhere"),
            tr("Cleaned or deleted"),
        )
        self.list.setRootIsDecorated(True)
        self.body.addWidget(self.list, 1)
        experiment = panel.opened.experiment
        if experiment is not None:
            self.work(
                lambda _progress: experiment.disk_use(),
                self._show,
                tr("Counting\u2026"),
            )

    def _show(self, uses: list[DiskUse]) -> None:
        runs: dict[str, list[DiskUse]] = {}
        for use in uses:
            run, slash, _ = use.dataset.partition("/")
            if slash:
                runs.setdefault(run, []).append(use)
            else:
                self.list.addTopLevelItem(_disk_row(use.dataset, [use]))
        for run, own in runs.items():
            row = _disk_row(run, own)
            for use in own:
                row.addChild(_disk_row(use.dataset.partition("/")[2], [use]))
            self.list.addTopLevelItem(row)
        fit(self.list)
        self.list.setColumnWidth(0, 300)
        whole = sum(use.present for use in uses)
        self.say(
            tr(
                "At most {size} in the experiment: what datasets share counts in each.",
                size=format_bytes(whole),
            )
        )


def _disk_row(title: str, uses: list[DiskUse]) -> QTreeWidgetItem:
    numbers = [
        f"{sum(use.items for use in uses):,}",
        *(
            format_bytes(total) if total else ""
            for total in (
                sum(use.present for use in uses),
                sum(use.referenced for use in uses),
                sum(use.missing for use in uses),
            )
        ),
    ]
    row = QTreeWidgetItem([title, *numbers])
    for place in range(1, 5):
        row.setTextAlignment(place, Qt.AlignmentFlag.AlignRight)
    return row


def _file_row(path: str, *others: str) -> QTreeWidgetItem:
    row = QTreeWidgetItem([path, *others])
    row.setToolTip(0, path)
    return row


class VerifyDialog(_Care):
    """Reads every file and compares it with its checksum."""

    def __init__(self, panel: "ExperimentPanel", dataset: str | None) -> None:
        super().__init__(panel, tr("Verify the files"), tr("Verify"), QSize(720, 400))
        self._dataset = dataset
        what = dataset or tr("every dataset")
        self.body.addWidget(
            pieces.label(
                tr(
                    "Every file of {what} is read and compared with its checksum.",
                    what=what,
                ),
                wraps=True,
            )
        )
        self.list = table(
            tr("Files that are not as they were"), tr("File"), tr("Item"), tr("What")
        )
        # the end of a path says which file it is
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.body.addWidget(self.list, 1)

    def begin(self) -> None:
        """Verify."""
        experiment, dataset = self._panel.opened.experiment, self._dataset
        if experiment is None:
            return
        self.list.clear()

        def run(progress: Progress) -> object:
            return experiment.verify(dataset, progress=lambda files: progress(files, 0))

        self.work(run, self._show)

    def _show(self, found: "Verification") -> None:
        for fault in found.faults[:_MOST]:
            what = tr("gone") if fault.is_missing else tr("changed")
            self.list.addTopLevelItem(_file_row(fault.path, fault.item, what))
        fit(self.list, _PATH_WIDTH)
        size = format_bytes(found.bytes)
        many = tr("{count} files read, {size}.", count=f"{found.files:,}", size=size)
        read = tr("1 file read, {size}.", size=size) if found.files == 1 else many
        if found.is_good:
            self.say(f"{read} {tr('Every file is as it was.')}")
            return
        count = len(found.faults)
        many = tr("{count} files are gone or changed.", count=f"{count:,}")
        words = tr("1 file is gone or changed.") if count == 1 else many
        if found.missing_folders:
            gone = ", ".join(found.missing_folders[:3])
            words += " " + tr(
                "These folders are gone; relocate them if they moved: {gone}.",
                gone=gone,
            )
        self.say(f"{read} {words}", "error")


class CleanDialog(_Care):
    """Says which results can be dropped, and drops them."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(panel, tr("Clean results"), tr("Clean"), QSize(640, 420))
        self._plan: Cleaning | None = None
        self.body.addWidget(
            pieces.label(
                tr(
                    "Results that their recipe makes again need not lie on the disk. "
                    "Their bytes are dropped; what is known of them stays, and they "
                    "are made anew when they are needed."
                ),
                wraps=True,
            )
        )
        self.ends = QCheckBox(tr("Also the last results, which nothing was made from"))
        self.ends.toggled.connect(lambda _is: self._look())
        self.list = table(tr("What is kept"), tr("Kept because"), tr("Results"))
        self.body.addWidget(self.ends)
        self.body.addWidget(self.list, 1)
        self._look()

    def _look(self) -> None:
        experiment, with_ends = self._panel.opened.experiment, self.ends.isChecked()
        if experiment is not None and not self.is_working:
            self.ends.setEnabled(False)
            self.work(
                lambda _progress: experiment.plan_cleaning(with_ends=with_ends),
                self._show,
                tr("Looking at every result\u2026"),
            )

    def _show(self, plan: "Cleaning") -> None:
        self._plan = plan
        self.ends.setEnabled(True)
        self.list.clear()
        for why, count in plan.kept.items():
            self.list.addTopLevelItem(QTreeWidgetItem([said(why), f"{count:,}"]))
        fit(self.list)
        self.list.setColumnWidth(0, 460)
        self.go.setEnabled(bool(plan.results))
        self.say(
            tr(
                "{count} results can be cleaned; that frees {size}.",
                count=f"{len(plan.results):,}",
                size=format_bytes(plan.bytes),
            )
        )

    def begin(self) -> None:
        """Drop their bytes."""
        experiment, plan = self._panel.opened.experiment, self._plan
        if experiment is None or plan is None or not plan.results:
            return

        def done(_removal: object) -> None:
            self.tell()
            self._panel.window_.message.say(
                tr("{size} freed.", size=format_bytes(plan.bytes)), level="good"
            )
            self.accept()

        self.work(lambda _progress: experiment.clean(plan), done, tr("Cleaning\u2026"))


class RelocateDialog(_Care):
    """Asks where a folder of referenced files lies now."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(
            panel, tr("Relocate a folder"), tr("Relocate"), QSize(640, 360)
        )
        self.body.addWidget(
            pieces.label(
                tr(
                    "Files that were left where they are can be moved as a whole; they "
                    "are known by their content."
                ),
                wraps=True,
            )
        )
        self.old, self.new = QLineEdit(), QLineEdit()
        form = QFormLayout()
        for words, field in (
            (tr("Old folder"), self.old),
            (tr("New folder"), self.new),
        ):
            field.setAccessibleName(words)
            field.textChanged.connect(lambda _text: self._enable())
            choose = pieces.button(tr("Choose\u2026"), partial(self._ask, field))
            form.addRow(words, pieces.row(field, choose))
        stay = tr("Not found in the new folder")
        self.list = table(tr("Not found"), stay, tr("What"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.body.addLayout(form)
        self.body.addWidget(self.list, 1)
        self._enable()
        experiment = panel.opened.experiment
        if experiment is not None:
            self.work(
                lambda _progress: experiment.missing_folders(),
                self._propose,
                tr("Looking for folders that are gone\u2026"),
            )

    def _propose(self, gone: list[str]) -> None:
        """Fill in the folder that is gone; the others are offered while typing."""
        self.say("")
        self.old.setCompleter(QCompleter(gone, self.old))
        if gone and not self.old.text():
            self.old.setText(gone[0])
            self.new.setFocus()
        if len(gone) > 1:
            self.say(tr("These folders are gone: {gone}.", gone=", ".join(gone[:5])))
        self._enable()

    def _enable(self) -> None:
        texts = self.old.text().strip(), self.new.text().strip()
        self.go.setEnabled(all(texts) and texts[0] != texts[1])

    def _ask(self, field: QLineEdit) -> None:
        ask_folder(self, tr("Choose a folder"), lambda one: field.setText(str(one)))

    def begin(self) -> None:
        """Look for the files in the new folder."""
        experiment = self._panel.opened.experiment
        if experiment is None:
            return
        old, new = Path(self.old.text().strip()), Path(self.new.text().strip())

        def run(progress: Progress) -> object:
            return experiment.relocate(
                old, new, progress=lambda files: progress(files, 0)
            )

        self.work(run, self._show, tr("Looking for files\u2026"))

    def _show(self, found: "Relocation") -> None:
        self.list.clear()
        lost = [(path, tr("gone")) for path in found.missing]
        lost += [(path, tr("changed")) for path in found.changed]
        for path, what in lost[:_MOST]:
            self.list.addTopLevelItem(_file_row(path, what))
        fit(self.list, _PATH_WIDTH)
        self.tell()
        self.say(
            tr(
                "Files found: {moved}; gone or changed: {missing}.",
                moved=f"{len(found.moved):,}",
                missing=f"{len(lost):,}",
            ),
            "warning" if lost else "muted",
        )


class ChangesDialog(_Care):
    """What people changed, the newest first, with who and when."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(panel, tr("What was changed"), "", QSize(820, 460))
        self.list = table(
            tr("Changes"), tr("When"), tr("Who"), tr("What"), tr("Values"), ""
        )
        self.undo = pieces.button(tr("Take back the last"), self._undo)
        self.buttons.insertWidget(0, self.undo)
        self.body.addWidget(self.list, 1)
        panel.opened.read.connect(lambda _contents: self._read())
        self._read()

    def _read(self) -> None:
        experiment = self._panel.opened.experiment
        if experiment is not None and not self.is_working and not self._is_gone:
            self.work(
                lambda _progress: (experiment.changes(500), experiment.undoable()),
                self._show,
            )

    def _show(self, found: "tuple[list[Change], Change | None]") -> None:
        changes, undoable = found
        self.list.clear()
        for change in changes:
            state = ""
            if change.undone_by is not None:
                state = tr("taken back")
            elif change.undoes is not None:
                state = tr("takes back {n}", n=change.undoes)
            when = change.at.astimezone().strftime("%Y-%m-%d %H:%M")
            what = f"{change.n}. {tr(str(change.kind))}"
            note = f"{what}: {change.note}" if change.note else what
            row = QTreeWidgetItem([when, change.user, note, f"{change.rows:,}", state])
            row.setToolTip(2, note)
            self.list.addTopLevelItem(row)
        fit(self.list)
        self.list.setColumnWidth(2, 360)
        self.undo.setEnabled(undoable is not None)
        self.say("")

    def _undo(self) -> None:
        self._panel.commands.undo()
