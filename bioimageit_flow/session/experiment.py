"""Experiments: import, annotate, plan, run, trace."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import AnnotationValue, Content, Dataset, Item, Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.care import Care
from bioimageit_flow.session.checking import Checking
from bioimageit_flow.session.curation import Curation
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.results import Result
from bioimageit_flow.session.running import Running
from bioimageit_flow.stores import create_experiment, open_experiment
from bioimageit_flow.stores.refusals import missing_dataset

if TYPE_CHECKING:
    from bioimageit_flow.engine.contents import ContentFinder
    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.model.lineage import Kin
    from bioimageit_flow.provenance import LineageTree
    from bioimageit_flow.stores.classic_records import ClassicReport
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.importing import ImportReport
    from bioimageit_flow.stores.protocol import Store

RAW = "raw"


class Experiment(Curation, Care, Checking, Running):
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
        self.is_closed = False

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        name: str = "",
        store: str = "",
        session: Session | None = None,
    ) -> Self:
        """Make a new experiment in a folder that is empty or not there yet.

        Parameters
        ----------
        path : path
            The folder.
        name : str
            What people call it; by default the folder's name.
        store : str
            The PostgreSQL database that keeps what is known of items and runs, as
            ``postgresql://USER@HOST/DATABASE`` without a password, which is taken from
            where PostgreSQL's own programs take it; by default a file in the folder.

        Raises
        ------
        StoreError
            If there is one already, or it cannot be written.
        """
        place = Path(path)
        folder, made = create_experiment(place, name or place.resolve().name, url=store)
        return cls(folder, made, session or Session())

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
        self.is_closed = True
        self.store.close()
        self._folder.close()

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

    @property
    def folder(self) -> "ExperimentFolder":
        """The folder with what the program knows of its files."""
        return self._folder

    # Data

    def import_files(
        self,
        files: Sequence[Path | str] = (),
        *,
        dataset: str = RAW,
        reference: bool = False,
        include: Sequence[str] = (),
        match: str | None = None,
        annotations: Mapping[str, AnnotationValue] | None = None,
        from_name: str | None = None,
        from_folders: Sequence[str] = (),
        sheet: Path | str | None = None,
        path_column: str | None = None,
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
        include : sequence of str
            Of the files in folders only those that fit one of these (``*.tif``).
        match : str, optional
            Of the files in folders only those in whose path this expression is found.
        annotations : mapping, optional
            Set on every item.
        from_name : str, optional
            Regular expression whose named groups become annotations.
        from_folders : sequence of str
            Keys of the folders that a file lies in, its own last; ``-`` leaves one out.
        sheet : Path or str, optional
            CSV or XLSX with a row per file; its other columns become annotations. Only
            what has a row is imported.
        path_column : str, optional
            The column of the sheet that names the file.
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
            include=include,
            match=match,
            annotations=annotations or {},
            from_name=from_name,
            from_folders=from_folders,
            sheet=None if sheet is None else Path(sheet),
            path_column=path_column,
            kind=None if kind is None else Kind(kind),
            progress=progress,
        )

    def import_classic(
        self,
        folder: Path | str,
        *,
        reference: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> "ClassicReport":
        """Import a classic BioImageIT experiment with its results and lineage.

        Parameters
        ----------
        folder : Path or str
            Where its ``experiment.md.json`` is.
        reference : bool
            Leave the files where they are instead of copying them.
        progress : callable
            Told the number of raw files done, and of all.
        """
        from bioimageit_flow.stores.classic_importing import import_classic

        return import_classic(
            self._folder,
            self.store,
            Path(folder),
            reference=reference,
            progress=progress,
        )

    def datasets(self) -> list[Dataset]:
        """List the datasets."""
        return [self.shown(one) for one in self.store.datasets()]

    def dataset(self, name: str) -> Dataset:
        """Return one dataset; in a notebook it shows its first items.

        Raises
        ------
        StoreError
            If there is none of this name.
        """
        found = [one for one in self.datasets() if one.name == name]
        if not found:
            raise missing_dataset(name)
        return found[0]

    def items(self, dataset: str | None = None) -> list[Item]:
        """List the items of a dataset, or all."""
        return [self.shown(one) for one in self.store.items(dataset)]

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
        """Return the item that a text means: see `session.finding.find_item`."""
        from bioimageit_flow.session.finding import find_item

        return self.shown(find_item(self.store, self.path, text))

    def whereabouts(self, content: Content) -> tuple[Path, Location]:
        """Return the file of a content with its record; `DataError` if it is gone."""
        path = self.finder().find(content)
        location = self.store.location(content.sha256)
        assert location is not None
        return path, location

    def results_of(self, dataset: str) -> list[Result]:
        """Return the items of a dataset with their files, in item order.

        Those whose file is gone (deleted, cleaned, changed) say so in `Result.missing`.
        """
        from bioimageit_flow.engine.bound_items import item_order

        return self.results_for(sorted(self.store.items(dataset), key=item_order))

    def results_for(self, items: Sequence[Item]) -> list[Result]:
        """Return items with their files and the annotations that they see."""
        views = self.store.views([item.id for item in items])
        finder = self.finder()
        return [self._result(item, views[item.id], finder) for item in items]

    def _result(self, item: Item, view: "View", finder: "ContentFinder") -> Result:
        try:
            place = finder.find(item.content)
            return Result(self.shown(item), place, view, experiment=self)
        except DataError as error:
            where = self.store.location(item.content.sha256)
            path = self.path if where is None else self._folder.resolve(where)
            shown = self.shown(item)
            return Result(shown, path, view, missing=error, experiment=self)

    # Lineage

    def lineage(
        self, item: Item | Result | ItemId, *, forward: bool = False
    ) -> "LineageTree":
        """Return where an item came from, or (`forward`) what was made from it."""
        from bioimageit_flow.provenance import trace_back, trace_forward

        trace = trace_forward if forward else trace_back
        return trace(self.store, _id_of(item))

    def lineage_in_short(
        self, item: Item | Result | ItemId, *, forward: bool = False
    ) -> "tuple[LineageTree, Kin]":
        """Return the same with counts of all of it; of thousands the tree shows some.

        Quick and small, also for a summary of a million images.
        """
        from bioimageit_flow.provenance import trace_in_short

        return trace_in_short(self.store, _id_of(item), forward=forward)

    def lineage_lines(
        self, item: Item | Result | ItemId, *, forward: bool = False
    ) -> Iterator[dict[str, object]]:
        """Go through all of it as plain values, a page at a time."""
        from bioimageit_flow.provenance import lineage_lines

        return lineage_lines(self.store, _id_of(item), forward=forward)

    def finder(self) -> "ContentFinder":
        """Return what finds the files of contents."""
        from bioimageit_flow.engine.contents import ContentFinder

        return ContentFinder(self._folder, self.store)


def _id_of(item: Item | Result | ItemId) -> ItemId:
    if isinstance(item, Result):
        return item.item.id
    return item.id if isinstance(item, Item) else item
