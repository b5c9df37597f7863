"""Importing files one by one, and recording them a batch at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import series_selector
from bioimageit_flow.model.data import (
    AnnotationValue,
    Content,
    DataInfo,
    Imported,
    Item,
    Location,
)
from bioimageit_flow.model.ids import Sha256, new_item_id
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.naming import distinct_name, safe_name
from bioimageit_flow.stores.fault_points import fault_point
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.import_copies import Copier, Looked, changed
from bioimageit_flow.stores.import_report import ImportedFile, LeftOut
from bioimageit_flow.stores.import_sources import (
    Source,
    readable,
)
from bioimageit_flow.stores.layout import DATA
from bioimageit_flow.stores.places import TakenError, reading
from bioimageit_flow.stores.protocol import NewRawItem, Store
from bioimageit_flow.stores.sweeping import Intent

BATCH = 200
"""How many files are recorded in one transaction."""

BATCH_BYTES = 2**30
"""How many bytes of files are recorded in one transaction, if they are fewer files."""

Progress = Callable[[int, int], None]
"""Called with the number of files done, and of all files."""


@dataclass(frozen=True, slots=True)
class _New:
    """A file that is new to the dataset, with what makes its items.

    Attributes
    ----------
    placed : Location or None
        Where it lies; None while its copy has no name yet.
    """

    source: Source
    looked: Looked
    images: tuple[tuple[str, DataInfo], ...]
    annotations: Mapping[str, AnnotationValue]
    placed: Location | None


@dataclass(slots=True)
class _Batch:
    """Files that are not recorded yet."""

    new: list[_New] = field(default_factory=list)
    copies: list[Location] = field(default_factory=list)
    size: int = 0


class Importer:
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
        self._dataset, self._reference = dataset, reference
        self._place = f"{DATA}/{safe_name(dataset)}"
        self._copier = Copier(folder, self._place, reference=reference, kind=kind)
        self._taken = _names_in(folder.path / self._place)
        self._batch = _Batch()
        self._keys: set[tuple[Sha256, str, str]] = set()
        self._names: set[str] = set()
        self.imported: list[ImportedFile] = []
        self.skipped: list[LeftOut] = []
        self.refused: list[LeftOut] = []

    def take_all(
        self,
        sources: Sequence[Source],
        values: Sequence[Mapping[str, AnnotationValue]],
        progress: Progress,
    ) -> None:
        """Import files, a batch at a time."""
        done = 0
        with self._copier:
            for batch in _batches(sources, has_copies=not self._reference):
                names = {source.name for source in batch}
                self._keys = self._store.raw_items_named(self._dataset, names)
                self._names = {name for _, _, name in self._keys}
                looks = self._copier.look(batch, self._names.__contains__)
                for source, look in zip(batch, looks, strict=True):
                    self._take_one(source, look, values[done])
                    done += 1
                    progress(done, len(sources))
                self._record()

    def _take_one(
        self,
        source: Source,
        look: Future[Looked],
        annotations: Mapping[str, AnnotationValue],
    ) -> None:
        """Take one file; a bad one is refused and leaves nothing behind."""
        path = readable(str(source.path))
        try:
            is_new = self._take(source, look.result(), annotations)
        except DataError as error:
            self.refused.append(LeftOut(path, error.message, error.remedy))
            return
        if not is_new:
            self.skipped.append(LeftOut(path, "It is in the dataset already."))
        if self._batch.size >= BATCH_BYTES:
            self._record()

    def _record(self) -> None:
        """Give copies their names, and record what was taken since the last time."""
        self._folder.check_writable()  # it may have been moved meanwhile
        new = self._batch.new
        copies = [one.looked.written for one in new]
        self._copier.make_durable(copy for copy in copies if copy is not None)
        rows: list[NewRawItem] = []
        files: list[ImportedFile] = []
        for one in new:
            placed = one.placed or self._named(one.looked, one.source.name)
            items = tuple(self._items(one))
            rows += [NewRawItem(item, placed) for item in items]
            files.append(ImportedFile(readable(str(one.source.path)), items))
        if self._batch.copies:
            self._folder.sync(self._place)
        if rows:
            fault_point("import published")
            self._store.add_raw_items(rows)
            fault_point("import recorded")
        self.imported += files
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

    def _take(
        self, source: Source, looked: Looked, annotations: Mapping[str, AnnotationValue]
    ) -> bool:
        images = tuple(
            (selector, one)
            for selector, one in _images(looked.info)
            if (looked.content.sha256, selector, source.name) not in self._keys
        )
        if not images:
            if looked.written is not None:
                self._copier.named(looked.written)
            return False
        placed: Location | None = None
        if self._reference:
            placed = self._refer(looked.path, looked.content)
        elif looked.written is None:
            placed = self._copy(looked, source.name)
        digest = looked.content.sha256
        self._keys |= {(digest, selector, source.name) for selector, _ in images}
        self._batch.new.append(_New(source, looked, images, annotations, placed))
        self._batch.size += 0 if self._reference else looked.content.size
        return True

    def _items(self, new: _New) -> Iterator[Item]:
        for selector, info in new.images:
            yield Item(
                id=new_item_id(),
                name=new.source.name,
                dataset=self._dataset,
                content=new.looked.content,
                info=info,
                origin=Imported(readable(str(new.source.path.absolute()))),
                selector=selector,
                annotations=new.annotations,
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

    def _copy(self, looked: Looked, name: str) -> Location:
        """Copy a file whose hash is known, or a folder, to its place."""
        location = self._at_free_name(
            name, lambda target: self._folder.publish(looked.path, target, sync=False)
        )
        if location.verify_sha256 != looked.content.sha256:
            self._folder.withdraw(location)
            raise changed(looked.path)
        self._batch.copies.append(location)
        return location

    def _named(self, looked: Looked, name: str) -> Location:
        """Give a copy that is written its name."""
        written = looked.written
        assert written is not None

        def keep(target: str) -> Location:
            path = self._folder.target(target)
            written.keep(path)
            return self._folder.located(path, target, written.digest)

        location = self._at_free_name(name, keep)
        self._batch.copies.append(location)
        self._copier.named(written)
        return location

    def _at_free_name(self, name: str, place: Callable[[str], Location]) -> Location:
        wanted = safe_name(name)
        while True:
            free = distinct_name(wanted, self._taken, uuid4().hex[:8])
            target = f"{self._place}/{free}"
            self._intent.add(target)
            fault_point("import noted")
            try:
                return place(target)
            except TakenError:  # by another process, a moment ago
                continue


def _batches(
    sources: Sequence[Source], *, has_copies: bool
) -> Iterator[Sequence[Source]]:
    """Go through files, so many or so many bytes at a time."""
    start, size = 0, 0
    for number, source in enumerate(sources):
        with suppress(OSError):  # who reads it says so
            size += source.path.stat().st_size if has_copies else 0
        if number + 1 - start >= BATCH or size >= BATCH_BYTES:
            yield sources[start : number + 1]
            start, size = number + 1, 0
    if start < len(sources):
        yield sources[start:]


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
