"""Experiments: import, annotate, plan, run, trace."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from bioimageit_flow.errors import StoreError, WorkflowError
from bioimageit_flow.model.data import AnnotationValue, Dataset, Item
from bioimageit_flow.model.events import Observer
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.problem import errors_among
from bioimageit_flow.session.machine import AUTO, Session
from bioimageit_flow.session.results import Result, Run
from bioimageit_flow.stores import create_experiment, open_experiment
from bioimageit_flow.workflow import Workflow

if TYPE_CHECKING:
    from bioimageit_flow.engine.contents import ContentFinder
    from bioimageit_flow.engine.prepare import Prepared
    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.provenance import LineageTree
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.importing import ImportReport
    from bioimageit_flow.stores.protocol import Store

RAW = "raw"


class Experiment:
    """An experiment folder with its store.

    Made by `create` and `open`; a context manager that closes the store.

    Examples
    --------
    >>> with Experiment.open("spots") as experiment:
    ...     plan = experiment.plan(workflow, bind={"images": "raw"})
    """

    def __init__(
        self, folder: "ExperimentFolder", store: "Store", session: Session
    ) -> None:
        self._folder = folder
        self.store = store
        self.session = session

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        name: str = "",
        session: Session | None = None,
    ) -> Self:
        """Make a new experiment in a folder that is empty or not there yet.

        Raises
        ------
        StoreError
            If there is one already, or it cannot be written.
        """
        place = Path(path)
        folder, store = create_experiment(place, name or place.resolve().name)
        return cls(folder, store, session or Session())

    @classmethod
    def open(cls, path: Path | str, *, session: Session | None = None) -> Self:
        """Open an experiment.

        Raises
        ------
        StoreError
            If there is none, or it cannot be read.
        NewerVersionError
            If a newer version of the program made it.
        """
        folder, store = open_experiment(Path(path))
        return cls(folder, store, session or Session())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()
        self._folder.close()

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

    # Data

    def import_files(
        self,
        files: Sequence[Path | str],
        *,
        dataset: str = RAW,
        reference: bool = False,
        annotations: Mapping[str, AnnotationValue] | None = None,
        from_name: str | None = None,
        kind: Kind | str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> "ImportReport":
        """Import files and folders of files into a raw dataset.

        Parameters
        ----------
        files : sequence of Path or str
            Files, or folders that are walked.
        dataset : str
            Its name; made if it is not there.
        reference : bool
            Leave the files where they are instead of copying them.
        annotations : mapping, optional
            Set on every item.
        from_name : str, optional
            Regular expression whose named groups become annotations.
        kind : Kind or str, optional
            What the files are, where their content does not tell: ``labels`` for label
            images.
        progress : callable
            Told the number of files done, and of all, after each file.

        Returns
        -------
        ImportReport
            What was imported, what was there already, what was refused and why.
        """
        from bioimageit_flow.stores.importing import import_files

        return import_files(
            self._folder,
            self.store,
            [Path(file) for file in files],
            dataset=dataset,
            reference=reference,
            annotations=annotations or {},
            from_name=from_name,
            kind=None if kind is None else Kind(kind),
            progress=progress,
        )

    def datasets(self) -> list[Dataset]:
        """List the datasets."""
        return self.store.datasets()

    def items(self, dataset: str | None = None) -> list[Item]:
        """List the items of a dataset, or all."""
        return list(self.store.items(dataset))

    def annotations(self, items: Sequence[Item]) -> "dict[ItemId, View]":
        """Return the annotations that items see: their own and their ancestors'."""
        return self.store.views([item.id for item in items])

    def annotate(
        self, items: Sequence[Item], values: Mapping[str, AnnotationValue | None]
    ) -> None:
        """Set annotations of items (None removes a key); the change is recorded."""
        from bioimageit_flow.engine.recorder import user_name

        changes = {item.id: dict(values) for item in items}
        self.store.annotate(changes, user=user_name())

    def find_item(self, text: str) -> Item:
        """Return the item with this id (or its beginning), name or path.

        A name that several datasets have is told apart by its dataset: ``raw/a.tif``.

        Raises
        ------
        StoreError
            If there is none, or several.
        """
        found = self.store.find_items(text)
        if not found:
            dataset, _, name = text.rpartition("/")
            named = self.store.find_items(name) if dataset else []
            found = [one for one in named if one.dataset == dataset]
        if not found:
            raise StoreError(
                f"There is no item {text!r} in {self.path}.",
                remedy="`bioimageit-flow items` lists them.",
            )
        if len(found) > 1:
            shown = ", ".join(f"{one.id[:8]} (of {one.dataset})" for one in found[:6])
            more = f" and {len(found) - 6} more" if len(found) > 6 else ""
            raise StoreError(
                f"{text!r} names {len(found)} items: {shown}{more}.",
                remedy="Give the id of one of them, or its dataset as in 'raw/a.tif'.",
            )
        return found[0]

    def results_of(self, dataset: str) -> list[Result]:
        """Return the items of a dataset with their files, in item order."""
        from bioimageit_flow.engine.binding import item_order

        items = sorted(self.store.items(dataset), key=item_order)
        views = self.store.views([item.id for item in items])
        finder = self._finder()
        return [
            Result(item, finder.find(item.content), views[item.id]) for item in items
        ]

    # Runs

    def plan(
        self,
        workflow: Workflow,
        *,
        bind: Mapping[str, str] | None = None,
        set: Mapping[str, Any] | None = None,
        runtime: str = AUTO,
        folder: Path | None = None,
        incomplete_groups: Literal["stop", "run"] = "stop",
    ) -> Plan:
        """Say what a run would do, with every problem at once. Changes nothing.

        Parameters
        ----------
        workflow : Workflow
            What would run.
        bind : mapping of str to str
            A dataset for each dataset input.
        set : mapping, optional
            ``node.parameter`` to value, in place of what the workflow says.
        runtime : str
            ``auto``, ``container``, ``environment``, or the name of a plug-in.
        folder : Path, optional
            Folder of the workflow file, beside which subworkflows lie.
        """
        from bioimageit_flow.engine.plan import make_plan

        finder = self._finder()
        prepared = self._prepare(workflow, bind, set, runtime, folder, finder)
        return make_plan(
            prepared, self.store, finder, incomplete_groups=incomplete_groups
        )

    def run(
        self,
        workflow: Workflow,
        *,
        bind: Mapping[str, str] | None = None,
        set: Mapping[str, Any] | None = None,
        runtime: str = AUTO,
        jobs: int | None = None,
        folder: Path | None = None,
        incomplete_groups: Literal["stop", "run"] = "stop",
        reuse: bool = True,
        observe: Observer = lambda _event: None,
        cancel: Event | None = None,
    ) -> Run:
        """Run a workflow over datasets; returns when it has ended.

        Parameters
        ----------
        workflow, bind, set, runtime, folder
            As for `plan`.
        jobs : int, optional
            How many cpus the jobs may use together; by default all.
        incomplete_groups : {"stop", "run"}
            Whether a group some of whose items failed is left out, or runs without
            them.
        reuse : bool
            Whether results that are known already are taken.
        observe : callable
            Told of every event.
        cancel : Event, optional
            Set it, from any thread, to stop the run.

        Raises
        ------
        WorkflowError
            If problems stand in the way; lists them.
        RuntimeUnavailableError
            If an image or environment cannot be had.
        """
        from bioimageit_flow.engine.plan import make_plan
        from bioimageit_flow.engine.runner import Runner, RunOptions
        from bioimageit_flow.executors.local import LocalExecutor

        finder = self._finder()
        prepared = self._prepare(workflow, bind, set, runtime, folder, finder)
        plan = make_plan(
            prepared, self.store, finder, incomplete_groups=incomplete_groups
        )
        refuse_if_broken(plan)
        executor = LocalExecutor(jobs)
        options = RunOptions(
            expected={node.node: node.jobs for node in plan.nodes},
            incomplete_groups=incomplete_groups,
            reuse=reuse,
        )
        try:
            report = Runner(
                prepared,
                self._folder,
                self.store,
                executor,
                self.session.runtimes,
                finder,
                options,
                observe,
                cancel or Event(),
            ).run()
        finally:
            executor.close()
        return Run(self, self.store.find_run(report.run), report)

    def runs(self) -> list[Run]:
        """List the runs, newest first."""
        return [Run(self, summary) for summary in self.store.runs()]

    def find_run(self, text: str = "last") -> Run:
        """Return a run by the beginning of its id, its folder or name, or ``last``."""
        return Run(self, self.store.find_run(text))

    # Lineage

    def lineage(self, item: Item | ItemId, *, forward: bool = False) -> "LineageTree":
        """Return where an item came from, or (`forward`) what was made from it."""
        from bioimageit_flow.provenance import trace_back, trace_forward

        found = item.id if isinstance(item, Item) else item
        trace = trace_forward if forward else trace_back
        return trace(self.store, found)

    # Inside

    def _finder(self) -> "ContentFinder":
        from bioimageit_flow.engine.contents import ContentFinder

        return ContentFinder(self._folder, self.store)

    def _prepare(
        self,
        workflow: Workflow,
        bind: Mapping[str, str] | None,
        settings: Mapping[str, Any] | None,
        runtime: str,
        folder: Path | None,
        finder: "ContentFinder",
    ) -> "Prepared":
        from bioimageit_flow.engine.prepare import Request, prepare

        copy = Workflow.of(workflow.document, catalogue=self.session.catalogue)
        for name, value in (settings or {}).items():
            node, dot, parameter = name.rpartition(".")
            if not dot:
                raise WorkflowError(
                    f"{name!r} names no parameter.",
                    remedy="Write 'node.parameter=value'.",
                )
            copy.set(node, **{parameter: value})
        request = Request(copy.document, dict(bind or {}), folder, runtime)
        return prepare(
            request,
            catalogue=self.session.catalogue,
            trust=self.session.trust,
            runtimes=self.session.runtimes,
            store=self.store,
            finder=finder,
        )


def refuse_if_broken(plan: Plan) -> None:
    """Raise `WorkflowError` if problems stop a run; its notes list them."""
    errors = errors_among(plan.problems)
    if not errors:
        return
    first = errors[0]
    others = len(errors) - 1
    are = "is 1 more problem" if others == 1 else f"are {others} more problems"
    more = f" There {are}." if others else ""
    refusal = WorkflowError(
        f"{first.text}{more}", remedy=first.fix, node=first.node, port=first.port
    )
    for problem in errors:
        refusal.add_note(str(problem))
    raise refusal
