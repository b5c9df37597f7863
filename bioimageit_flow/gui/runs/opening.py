"""Opens what a run has: its workflow, its results, its report, a comparison."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import write_document

if TYPE_CHECKING:
    from bioimageit_flow.gui.runs.control import RunControl
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Experiment
    from bioimageit_flow.session.comparing import Comparison


class RunOpener(QObject):
    """Answers the buttons of the runs panel that show something elsewhere.

    Parameters
    ----------
    window : MainWindow
        Where it is shown.
    control : RunControl
        Which knows the experiment.
    """

    def __init__(self, window: "MainWindow", control: "RunControl") -> None:
        super().__init__(window)
        self._window = window
        self._control = control

    def open_job(self, record: JobRecord) -> None:
        """Look at what a job made, beside what it took."""
        made = [item.id for item in record.produced]
        self.open_items(made or [edge.item for edge in record.consumed])

    def open_items(self, items: list[ItemId]) -> None:
        """Look at items in the viewer."""
        from bioimageit_flow.gui.viewer import viewer_of

        experiment = self._control.experiment
        if experiment is None or not items:
            return

        def find() -> list[Item]:
            return [experiment.store.item(item) for item in items]

        def show(found: list[Item]) -> None:
            viewer_of(self._window).open_items(experiment, found)

        self._window.background.run(find, show, self._window.refuse)

    def trace(self, item: str) -> None:
        """Show where a result comes from."""
        from bioimageit_flow.gui.lineage import show_lineage

        experiment = self._control.experiment
        if experiment is not None:
            self._window.background.run(
                lambda: experiment.store.item(ItemId(item)),
                lambda found: show_lineage(self._window, found),
                self._window.refuse,
            )

    def open_workflow(self, run: str) -> None:
        """Open the workflow of a run in a tab, as it was when it ran."""
        experiment = self._control.experiment
        if experiment is None:
            return

        def show(document: Document) -> None:
            text = write_document(document)
            self._window.attempt(
                lambda: self._window.workspace.open_text(text, tr("the run"))
            )

        self._window.background.run(
            lambda: experiment.workflow_of(RunId(run)), show, self._window.refuse
        )

    def change_setting(self, node: str, items: list[ItemId]) -> None:
        """Get ready to run some items with another setting of a node.

        They are bound to the input, and the node is shown with its parameters; the
        next run takes these items only, and those after it what was bound before.
        """
        window, editor = self._window, self._window.editor
        if editor is None or not editor.workflow.document.inputs or not items:
            return
        first = next(iter(editor.workflow.document.inputs))
        state = window.workspace.experiment
        before = state.bindings(editor).get(first)
        these = f"items {', '.join(items)}"
        state.bind(editor, first, these)
        top = node.partition("/")[0]
        if top in editor.document.nodes:
            editor.select([top])
        window.docks.reveal("parameters")

        def take_back() -> None:
            state.bind(editor, first, before)

        def end(_run: str) -> None:
            self._control.begun.disconnect(end)
            if state.bindings(editor).get(first) == these:
                take_back()

        self._control.begun.connect(end)
        words = (
            tr(
                "One item is bound. Change the setting of {node}, then press Run.",
                node=node,
            )
            if len(items) == 1
            else tr(
                "{count} items are bound. Change the setting of {node}, then press "
                "Run.",
                count=len(items),
                node=node,
            )
        )
        window.message.say(
            words,
            offers=[Offer(tr("Bind what was bound before"), take_back)],
            stays=True,
        )

    def write_report(self, run: str) -> None:
        """Write the report of a run into its folder, and open it."""
        experiment = self._control.experiment
        if experiment is None:
            return

        def open_it(path: Path) -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
            self._window.message.say(
                tr("The report is {path}.", path=str(path)), level="good"
            )

        self._window.background.run(
            lambda: _written_report(experiment, run), open_it, self._window.refuse
        )

    def compare(self, run: str, before: str) -> None:
        """Compare a run with the one before it."""
        from bioimageit_flow.gui.runs.compare_dialog import CompareDialog

        experiment = self._control.experiment
        if experiment is None:
            return
        if not before:
            self._window.message.say(
                tr("There is no run of this workflow before it."), level="warning"
            )
            return

        def compare() -> "Comparison":
            from bioimageit_flow.session.comparing import compare_runs

            return compare_runs(experiment.find_run(before), experiment.find_run(run))

        def show(found: "Comparison") -> None:
            dialog = CompareDialog(found, self._window)
            dialog.look_asked.connect(partial(self._look_at_both, before, run))
            dialog.open()

        self._window.background.run(compare, show, self._window.refuse)

    def _look_at_both(
        self, first: str, second: str, node: str, port: str, name: str
    ) -> None:
        """Lay a result of one run over that of the other, behind a curtain."""
        from bioimageit_flow.gui.viewer import viewer_of

        experiment = self._control.experiment
        if experiment is None:
            return

        def find() -> list[list[Item]]:
            runs = [experiment.find_run(run) for run in (first, second)]
            return [
                [one.item for one in run.results(node, port) if one.name == name]
                for run in runs
            ]

        def show(found: list[list[Item]]) -> None:
            names = (self._folder(first), self._folder(second))
            viewer_of(self._window).open_compare(
                experiment, *found, title=f"{node}: {name}", names=names
            )

        self._window.background.run(find, show, self._window.refuse)

    def _folder(self, run: str) -> str:
        known = (one.folder for one in self._control.statuses if one.id == run)
        return next(known, run)


def _written_report(experiment: "Experiment", run: str) -> Path:
    from bioimageit_flow.session.report import make_report

    path = experiment.folder.run_folder(RunId(run)) / "report.html"
    path.write_text(make_report(experiment.find_run(run)), encoding="utf-8")
    return path
