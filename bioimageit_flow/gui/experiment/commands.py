"""What can be done with an experiment: its menus, and what they open."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from bioimageit_flow.editor.experiment.annotate_form import (
    MOST_CHOSEN,
    Scope,
    items_query,
)
from bioimageit_flow.gui.experiment.dragging import DraggedData
from bioimageit_flow.gui.experiment.opening import Opening
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.changes import Change
from bioimageit_flow.model.data import Dataset, DatasetKind, Item
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.known_experiments import known_experiments

_RECENT = 12
_MOST_LOOKED_AT = 500


class ExperimentCommands(Opening):
    """Answers the buttons and menus of the experiment panel.

    Parameters
    ----------
    panel : ExperimentPanel
        Whose they are.
    """

    # Which experiment

    def fill_menu(self, menu: QMenu) -> None:
        """Fill the menu of the experiment."""
        theme, contents = self._window.theme, self._panel.opened.contents
        may_write = contents is not None and not contents.is_read_only
        menu.clear()
        menu.addAction(
            themed("open", theme), tr("Open an experiment\u2026"), self.ask_to_open
        )
        menu.addAction(
            themed("new", theme), tr("New experiment\u2026"), self.ask_to_create
        )
        menu.addAction(
            themed("new", theme),
            tr("New experiment on a server\u2026"),
            self.ask_for_server,
        )
        recent = menu.addMenu(themed("clock", theme), tr("Recent experiments"))
        here = self._window.workspace.experiment.path
        for path in known_experiments()[:_RECENT]:
            if path != here:
                action = recent.addAction(path.name)
                action.setToolTip(str(path))
                action.setStatusTip(str(path))
                action.triggered.connect(partial(self.open, path))
        recent.setEnabled(not recent.isEmpty())
        menu.addSeparator()
        for words, icon, call, changes in (
            (tr("Import\u2026"), "add", self.import_data, True),
            (tr("Annotate\u2026"), "annotation", self.annotate, True),
            (tr("Keys\u2026"), "constant", self.keys, True),
            (tr("What was changed\u2026"), "history", self.changes, False),
            ("", "", None, False),
            (tr("Disk use\u2026"), "grid", self.disk_use, False),
            (tr("Verify the files\u2026"), "check", self.verify, False),
            (tr("Clean results\u2026"), "trash", self.clean, True),
            (tr("Relocate a folder\u2026"), "external", self.relocate, True),
        ):
            if call is None:
                menu.addSeparator()
                continue
            action = menu.addAction(themed(icon, theme), words)
            action.triggered.connect(partial(_call, call))
            action.setEnabled(may_write or not changes)
        menu.addSeparator()
        menu.addAction(tr("Show the folder"), self.show_folder)
        menu.addAction(
            themed("close", theme),
            tr("Close the experiment"),
            lambda: self._window.workspace.experiment.open(None),
        )

    # Dialogs

    def import_data(self, files: tuple[Path, ...] = ()) -> None:
        """Open the import dialog."""
        from bioimageit_flow.gui.experiment.import_dialog import ImportDialog

        dataset = self._panel.tree.current
        is_raw = dataset is not None and dataset.kind is DatasetKind.RAW
        name = dataset.name if dataset is not None and is_raw else "raw"
        ImportDialog(self._panel, name, files).open()

    def annotate(self) -> None:
        """Open the annotate dialog for what is selected, or for all that is shown."""
        from bioimageit_flow.gui.experiment.annotate_dialog import AnnotateDialog

        scope = self.scope()
        if scope is not None:
            AnnotateDialog(self._panel, scope).open()

    def scope(self) -> Scope | None:
        """Return which items are meant: those selected, or all that are shown.

        None where too many are selected one by one; that is said in a line.
        """
        panel = self._panel
        if panel.view.is_all_chosen():
            return Scope(panel.dataset or None, panel.query.text)
        if self._are_too_many(MOST_CHOSEN):
            return None
        items = panel.model.items_at(panel.view.chosen_places())
        dataset = panel.dataset or None
        return Scope(dataset, panel.query.text, tuple(item.id for item in items))

    def keys(self) -> None:
        """Open the list of keys."""
        from bioimageit_flow.gui.experiment.keys_dialog import KeysDialog

        KeysDialog(self._panel).open()

    def changes(self) -> None:
        """Open the list of changes."""
        from bioimageit_flow.gui.experiment.care_dialogs import ChangesDialog

        ChangesDialog(self._panel).open()

    def disk_use(self) -> None:
        """Open what lies where."""
        from bioimageit_flow.gui.experiment.care_dialogs import DiskDialog

        DiskDialog(self._panel).open()

    def verify(self, dataset: str | None = None) -> None:
        """Open the dialog that compares files with their checksums."""
        from bioimageit_flow.gui.experiment.care_dialogs import VerifyDialog

        VerifyDialog(self._panel, dataset).open()

    def clean(self) -> None:
        """Open the dialog that drops results that can be made again."""
        from bioimageit_flow.gui.experiment.care_dialogs import CleanDialog

        CleanDialog(self._panel).open()

    def relocate(self) -> None:
        """Open the dialog for folders that were moved."""
        from bioimageit_flow.gui.experiment.care_dialogs import RelocateDialog

        RelocateDialog(self._panel).open()

    def undo(self) -> None:
        """Take back the last change."""

        def done(change: object) -> None:
            assert isinstance(change, Change)
            # its own note begins with "undo change 12"
            note = change.note.partition(": ")[2] or change.note or str(change.kind)
            self._window.message.say(tr("Taken back: {what}.", what=note), level="good")

        self._panel.opened.change(lambda experiment: experiment.undo(), done)

    @staticmethod
    def change_words(change: Change | None) -> str:
        """Return what would be taken back."""
        if change is None:
            return tr("There is no change that can be taken back.")
        what = change.note or str(change.kind)
        return tr("Take back: {what} ({count} values)", what=what, count=change.rows)

    # Items

    def chosen(self) -> list[Item]:
        """Return the selected items; none where they are too many, which is said."""
        if self._are_too_many(_MOST_LOOKED_AT):
            return []
        return self._panel.model.items_at(self._panel.view.chosen_places())

    def _are_too_many(self, most: int) -> bool:
        count = self._panel.view.chosen_count()
        if count > most:
            self._window.message.say(
                tr(
                    "{count} rows are selected; at most {most} are taken one by one.",
                    count=f"{count:,}",
                    most=f"{most:,}",
                ),
                level="warning",
            )
        return count > most

    def items_menu(self, at: QPoint) -> None:
        """Open the menu of the selected rows."""
        items, theme = self.chosen(), self._window.theme
        if not items:
            return
        contents = self._panel.opened.contents
        may_write = contents is not None and not contents.is_read_only
        menu = QMenu(self._panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(themed("picture", theme), tr("Open in the viewer"), self.look)
        lineage = menu.addAction(
            themed("subworkflow", theme), tr("Where it comes from")
        )
        lineage.triggered.connect(lambda: self.show_lineage())
        lineage.setEnabled(len(items) == 1)
        menu.addMenu(self.bind_menu(menu, self._panel.dragged()))
        menu.addSeparator()
        for words, icon, call in (
            (tr("Annotate\u2026"), "annotation", self.annotate),
            (tr("Correct the header\u2026"), "parameters", self.correct),
            (tr("Exclude\u2026"), "close", self.exclude),
            (tr("Include again"), "check", self.include),
            (tr("Delete\u2026"), "trash", self.delete),
        ):
            action = menu.addAction(themed(icon, theme), words)
            action.triggered.connect(partial(_call, call))
            action.setEnabled(may_write)
            if words == tr("Include again"):
                action.setVisible(any(item.excluded for item in items))
        menu.addSeparator()
        menu.addAction(
            themed("copy", theme),
            tr("Copy the names"),
            lambda: QGuiApplication.clipboard().setText(
                "\n".join(item.name for item in items)
            ),
        )
        menu.popup(at)

    def dataset_menu(self, dataset: object, at: QPoint) -> None:
        """Open the menu of a dataset."""
        if not isinstance(dataset, Dataset):
            return
        theme = self._window.theme
        menu = QMenu(self._panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(
            themed("grid", theme),
            tr("Contact sheet"),
            lambda: self._show_dataset(dataset.name),
        )
        menu.addMenu(self.bind_menu(menu, self._panel.tree.dragged(dataset)))
        menu.addSeparator()
        menu.addAction(
            themed("check", theme),
            tr("Verify the files\u2026"),
            lambda: self.verify(dataset.name),
        )
        menu.popup(at)

    def bind_menu(self, parent: QMenu, data: DraggedData | None) -> QMenu:
        """Return the menu that binds data to an input, for those without a mouse."""
        menu = QMenu(tr("Use as the input"), parent)
        menu.setIcon(themed("wire", self._window.theme))
        editor, watch = self._window.editor, self._panel.watch
        if editor is None or data is None:
            menu.setEnabled(False)
            return menu
        for name, entry in editor.workflow.document.inputs.items():
            action = menu.addAction(entry.label or name)
            action.triggered.connect(
                lambda _=False, name=name: watch.bind(editor, name, data)
            )
        if not menu.isEmpty():
            menu.addSeparator()
        page = self._window.page

        def add() -> None:
            from PySide6.QtCore import QPointF

            if page is not None:
                watch.drop(data, QPointF(*page.canvas.middle()), "")

        menu.addAction(tr("A new dataset input"), add)
        return menu

    def look(self) -> None:
        """Open the selected items in the viewer."""
        items, experiment = self.chosen(), self._panel.opened.experiment
        if not items or experiment is None:
            return
        from bioimageit_flow.gui.viewer import viewer_of

        shown = items
        if len(items) == 1:  # its neighbours can be stepped through
            place = self._panel.view.chosen_places()[0]
            around = [
                row.item
                for n in range(place, min(place + 100, self._panel.model.rowCount()))
                if (row := self._panel.model.row_at(n)) is not None
            ]
            shown = around or items
        viewer_of(self._window).open_items(experiment, shown, title=self._panel.dataset)

    def _show_dataset(self, dataset: str) -> None:
        experiment = self._panel.opened.experiment
        if experiment is None:
            return
        from bioimageit_flow.gui.viewer import viewer_of

        viewer_of(self._window).open_dataset(experiment, dataset)

    def show_lineage(self) -> None:
        """Show where the selected item comes from."""
        items = self.chosen()
        if items:
            from bioimageit_flow.gui.lineage import show_lineage

            show_lineage(self._window, items[0])

    def edit_cell(self, item: object, key: str, text: str) -> None:
        """Set the value that was typed into a cell; nothing takes it away."""
        assert isinstance(item, Item)

        def work(experiment: Experiment) -> None:
            rule = experiment.by_hand({key: text or None})
            experiment.preview(rule, items_query([item.id])).apply(replace=True)

        self._panel.opened.change(work)

    def exclude(self) -> None:
        """Ask for the reason, and exclude the selected items."""
        from bioimageit_flow.gui.experiment.item_dialogs import ExcludeDialog

        items = self.chosen()
        if items:
            ExcludeDialog(self._panel, items).open()

    def include(self) -> None:
        """Let the selected items take part again."""
        items = [item for item in self.chosen() if item.excluded]
        if items:
            self._panel.opened.change(lambda experiment: experiment.include(items))

    def delete(self) -> None:
        """Say what deleting the selected items means, and ask."""
        from bioimageit_flow.gui.experiment.item_dialogs import DeleteDialog

        items = self.chosen()
        if items:
            DeleteDialog(self._panel, items).open()

    def correct(self) -> None:
        """Open the form for what headers should have said."""
        from bioimageit_flow.gui.experiment.item_dialogs import CorrectDialog

        items = self.chosen()
        if items:
            CorrectDialog(self._panel, items).open()


def _call(call: Callable[[], object], _is_checked: bool = False) -> None:
    call()
