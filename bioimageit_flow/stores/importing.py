"""Importing files into a raw dataset, by copy or in place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content, probe, series_selector
from bioimageit_flow.model.data import (
    NO_ANNOTATIONS,
    AnnotationValue,
    Content,
    DataInfo,
    Imported,
    Item,
    Location,
)
from bioimageit_flow.model.ids import new_item_id
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.naming import distinct_name, safe_name
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.import_sources import (
    LeftOut,
    Source,
    find_sources,
    read_names,
    readable,
)
from bioimageit_flow.stores.layout import DATA
from bioimageit_flow.stores.places import TakenError, reading
from bioimageit_flow.stores.protocol import NewRawItem, Store
from bioimageit_flow.stores.refusals import check_annotations, check_dataset_name
from bioimageit_flow.stores.sweeping import Intent, intent

BATCH = 50
"""How many files are recorded in one transaction."""

Progress = Callable[[int, int], None]
"""Called with the number of files done, and of all files."""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported, with the items that it became."""

    path: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each file.

    Attributes
    ----------
    dataset : str
        Where they went.
    imported : tuple of ImportedFile
        Each with its items: one, or one per image of the file.
    skipped : tuple of LeftOut
        What is in the dataset already, or was passed over in a folder.
    refused : tuple of LeftOut
        What could not be imported, and why.
    """

    dataset: str
    imported: tuple[ImportedFile, ...] = ()
    skipped: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """The new items."""
        return tuple(item for file in self.imported for item in file.items)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused

    def problems(self) -> list[Problem]:
        """Return what was refused, as problems."""
        return [
            Problem(
                code="file-refused",
                severity=Severity.ERROR,
                text=one.reason,
                item=one.path,
                fix=one.remedy,
            )
            for one in self.refused
        ]


@dataclass(slots=True)
class _Batch:
    """Files that are published and not recorded yet."""

    new: list[NewRawItem] = field(default_factory=list)
    files: list[ImportedFile] = field(default_factory=list)
    copies: list[Location] = field(default_factory=list)


def import_files(
    folder: ExperimentFolder,
    store: Store,
    paths: Iterable[Path],
    *,
    dataset: str,
    reference: bool = False,
    annotations: Mapping[str, AnnotationValue] = NO_ANNOTATIONS,
    from_name: str | None = None,
    kind: Kind | None = None,
    progress: Progress = lambda done, of: None,
) -> ImportReport:
    """Import files and folders of files into a raw dataset.

    A file that cannot be imported is refused by name and the others go on. What is in
    the dataset already (same content, same image of the file, same name) is skipped,
    so that an import that was interrupted can simply be repeated.

    Parameters
    ----------
    folder, store : ExperimentFolder, Store
        The experiment.
    paths : iterable of Path
        Files, or folders that are walked to the bottom; hidden files in them are
        passed over.
    dataset : str
        Its name; made if it is not there.
    reference : bool
        Leave the files where they are instead of copying them.
    annotations : mapping
        Set on every item.
    from_name : str or None
        Regular expression whose named groups become annotations.
    kind : Kind or None
        What the files are, where their content does not tell (label images).
    progress : callable
        Told after each file.

    Returns
    -------
    ImportReport
        What was imported, skipped and refused, and why.

    Raises
    ------
    DataError
        Before anything is imported: if there is no file, or ``from_name`` does not
        suit. Also if one file was asked for and it cannot be imported.
    StoreError
        If the experiment is read-only or its disk is full; what was recorded before
        stays, and nothing is half written.
    """
    folder.check_writable()
    check_dataset_name(dataset)
    check_annotations(annotations)
    sources, passed = find_sources(paths)
    values = read_names(sources, from_name, annotations)
    with intent(folder.cache) as listed:
        run = _Import(folder, store, listed, dataset, reference=reference, kind=kind)
        run.skipped += passed
        with run.all_or_nothing():
            for done, (source, own) in enumerate(zip(sources, values, strict=True), 1):
                run.take(source, own)
                progress(done, len(sources))
            run.record()
    if len(sources) == 1 and run.refused:
        (only,) = run.refused
        raise DataError(only.reason, remedy=only.remedy)
    return ImportReport(
        dataset, tuple(run.imported), tuple(run.skipped), tuple(run.refused)
    )


class _Import:
    """One import that is going on."""

    def __init__(
        self,
        folder: ExperimentFolder,
        store: Store,
        listed: Intent,
        dataset: str,
        *,
        reference: bool,
        kind: Kind | None,
    ) -> None:
        self._folder, self._store, self._intent = folder, store, listed
        self._dataset, self._reference, self._kind = dataset, reference, kind
        self._place = f"{DATA}/{safe_name(dataset)}"
        self._taken = _names_in(folder.path / self._place)
        self._batch = _Batch()
        self._keys: set[tuple[str, str, str]] = set()
        self.imported: list[ImportedFile] = []
        self.skipped: list[LeftOut] = []
        self.refused: list[LeftOut] = []

    def take(self, source: Source, annotations: Mapping[str, AnnotationValue]) -> None:
        """Import one file; a bad one is refused and leaves nothing behind."""
        path = readable(str(source.path))
        try:
            is_new = self._take(source, annotations)
        except DataError as error:
            self.refused.append(LeftOut(path, error.message, error.remedy))
            return
        if not is_new:
            self.skipped.append(LeftOut(path, "It is in the dataset already."))
        if len(self._batch.files) >= BATCH:
            self.record()

    def record(self) -> None:
        """Record what was published since the last time."""
        self._store.add_raw_items(self._batch.new)
        self.imported += self._batch.files
        self._batch = _Batch()

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back what is not recorded when the import stops, and say how far."""
        try:
            yield
        except BaseException as error:
            self._withdraw()
            if isinstance(error, StoreError) and self.imported:
                raise StoreError(
                    f"{error.message} {len(self.imported)} files were imported before.",
                    remedy=f"{error.remedy} Then import all again: those that are "
                    "there are skipped.",
                ) from error
            raise

    def _withdraw(self) -> None:
        copies, self._batch = self._batch.copies, _Batch()
        # The interruption may have come between the commit and its return.
        known = self._store.recorded_paths(location.path for location in copies)
        for location in copies:
            if location.path not in known:
                self._folder.withdraw(location)

    def _take(self, source: Source, annotations: Mapping[str, AnnotationValue]) -> bool:
        with reading(source.path):
            real = source.path.resolve(strict=True)
        info = probe(real, kind=self._kind)
        content = hash_content(real)
        images = [
            (selector, one)
            for selector, one in _images(info)
            if self._is_new(content, selector, source.name)
        ]
        if not images:
            return False
        location = (
            self._refer(real, content)
            if self._reference
            else self._copy(real, source.name, content)
        )
        items = tuple(
            Item(
                id=new_item_id(),
                name=source.name,
                dataset=self._dataset,
                content=content,
                info=one,
                origin=Imported(readable(str(source.path.absolute()))),
                selector=selector,
                annotations=annotations,
            )
            for selector, one in images
        )
        self._keys |= {(content.sha256, one.selector, one.name) for one in items}
        self._batch.new += [NewRawItem(item, location) for item in items]
        self._batch.files.append(ImportedFile(readable(str(source.path)), items))
        return True

    def _is_new(self, content: Content, selector: str, name: str) -> bool:
        key = (content.sha256, selector, name)
        return key not in self._keys and not self._store.has_raw_item(
            self._dataset, *key
        )

    def _refer(self, path: Path, content: Content) -> Location:
        name = str(path)
        if readable(name) != name:
            raise DataError(
                f"The name of '{readable(name)}' is no Unicode, so it cannot be "
                "referred to.",
                remedy="Rename it, or import a copy.",
            )
        inside = self._folder.path.resolve()
        if path.is_relative_to(inside):  # the experiment may be moved as a whole
            name = path.relative_to(inside).as_posix()
        return self._folder.located(path, name, content.sha256, is_referenced=True)

    def _copy(self, path: Path, name: str, content: Content) -> Location:
        location = self._publish(path, safe_name(name))
        if location.verify_sha256 != content.sha256:
            self._folder.withdraw(location)
            raise DataError(
                f"'{readable(str(path))}' changed while it was imported.",
                remedy="Wait until it is written, then import it again.",
            )
        self._batch.copies.append(location)
        return location

    def _publish(self, path: Path, wanted: str) -> Location:
        while True:
            name = distinct_name(wanted, self._taken, uuid4().hex[:8])
            target = f"{self._place}/{name}"
            self._intent.add(target)
            try:
                return self._folder.publish(path, target)
            except TakenError:  # by another process, a moment ago
                continue


def _images(info: DataInfo) -> Iterator[tuple[str, DataInfo]]:
    """Go through the images of a file, with their selectors."""
    if not info.series:
        yield "", info
    for number, one in enumerate(info.series):
        yield series_selector(number), one


def _names_in(folder: Path) -> set[str]:
    with reading(folder):
        if not folder.is_dir():
            return set()
        return {one.name.lower() for one in folder.iterdir()}
