"""Importing files one by one, and recording them a batch at a time."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content, probe, series_selector
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


@dataclass(slots=True)
class _Batch:
    """Files that are published and not recorded yet."""

    new: list[NewRawItem] = field(default_factory=list)
    files: list[ImportedFile] = field(default_factory=list)
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
        self._dataset, self._reference, self._kind = dataset, reference, kind
        self._place = f"{DATA}/{safe_name(dataset)}"
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
        for start in range(0, len(sources), BATCH):
            batch = sources[start : start + BATCH]
            names = {source.name for source in batch}
            self._keys = self._store.raw_items_named(self._dataset, names)
            self._names = {name for _, _, name in self._keys}
            for number, source in enumerate(batch, start):
                self._take_one(source, values[number])
                progress(number + 1, len(sources))
            self.record()

    def _take_one(
        self, source: Source, annotations: Mapping[str, AnnotationValue]
    ) -> None:
        """Import one file; a bad one is refused and leaves nothing behind."""
        path = readable(str(source.path))
        try:
            is_new = self._take(source, annotations)
        except DataError as error:
            self.refused.append(LeftOut(path, error.message, error.remedy))
            return
        if not is_new:
            self.skipped.append(LeftOut(path, "It is in the dataset already."))
        if self._batch.size >= BATCH_BYTES:
            self.record()

    def record(self) -> None:
        """Record what was published since the last time."""
        if self._batch.copies:
            self._folder.sync(self._place)
        if self._batch.new:
            fault_point("import published")
            self._store.add_raw_items(self._batch.new)
            fault_point("import recorded")
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
            before = real.stat()
        info = probe(real, kind=self._kind)
        placed: Location | None = None
        if self._is_plain_copy(source.name, before):
            placed = self._copy(real, source.name, before)
            content = Content(placed.verify_sha256, placed.size)
        else:
            content = hash_content(real)
        images = [
            (selector, one)
            for selector, one in _images(info)
            if (content.sha256, selector, source.name) not in self._keys
        ]
        if not images:
            return False
        if placed is None:
            placed = (
                self._refer(real, content)
                if self._reference
                else self._copy(real, source.name, before, content)
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
        self._names.add(source.name)
        self._batch.new += [NewRawItem(item, placed) for item in items]
        self._batch.files.append(ImportedFile(readable(str(source.path)), items))
        self._batch.size += 0 if self._reference else content.size
        return True

    def _is_plain_copy(self, name: str, status: os.stat_result) -> bool:
        """Say whether a file can be hashed while it is copied.

        It need not be hashed before, as nothing in the dataset has its name.
        """
        is_file = stat.S_ISREG(status.st_mode)
        return is_file and not self._reference and name not in self._names

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

    def _copy(
        self,
        path: Path,
        name: str,
        before: os.stat_result,
        content: Content | None = None,
    ) -> Location:
        location = self._publish(path, safe_name(name))
        with reading(path):
            after = path.stat()
        is_same = (before.st_size, before.st_mtime_ns) == (
            after.st_size,
            after.st_mtime_ns,
        )
        if content is not None:
            is_same = location.verify_sha256 == content.sha256
        if not is_same:
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
            fault_point("import noted")
            try:
                return self._folder.publish(path, target, sync=False)
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
