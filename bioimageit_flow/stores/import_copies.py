"""Looking at files that are imported and copying them, several at a time.

What a file is, its hash and its copy are ready before its turn comes; nothing of it has
a name in the experiment until `Importer` gives it one.
"""

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Self

from bioimageit_flow.errors import Cancelled, DataError
from bioimageit_flow.formats import hash_content, probe
from bioimageit_flow.model.data import Content, DataInfo
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.import_sources import Source, readable
from bioimageit_flow.stores.places import reading
from bioimageit_flow.stores.publishing import Written, write_copy

AT_A_TIME = 4
"""How many files are read and written at once: more does not hurry a disk."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of a file.

    Attributes
    ----------
    path : Path
        The file itself, no link.
    status : os.stat_result
        Of before it was read.
    written : Written or None
        Its copy, where it could be hashed while it was copied.
    """

    path: Path
    status: os.stat_result
    info: DataInfo
    content: Content
    written: Written | None = None


class Copier:
    """Looks at files ahead of their turn; a context that leaves no copy unnamed.

    Parameters
    ----------
    place : str
        The folder of their copies, relative to the experiment.
    reference : bool
        They stay where they are, and are only looked at.
    kind : Kind or None
        What they are, where their content does not tell.
    """

    def __init__(
        self,
        folder: ExperimentFolder,
        place: str,
        *,
        reference: bool,
        kind: Kind | None,
    ) -> None:
        self._folder, self._place = folder, place
        self._reference, self._kind = reference, kind
        self._pool = ThreadPoolExecutor(AT_A_TIME, "import")
        self._stop = Event()
        self._unnamed: set[Written] = set()
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)
        for written in self._unnamed:
            written.discard()

    def look(
        self, sources: Sequence[Source], is_known: Callable[[str], bool]
    ) -> list[Future[Looked]]:
        """Begin to look at files; each is to be asked for when its turn comes.

        Parameters
        ----------
        is_known : callable
            Whether a name is in the dataset: such a file is hashed before it is copied,
            as it may be there already.

        Raises
        ------
        DataError, StoreError
            By what is asked for, not here.
        """
        return [
            self._pool.submit(self._look, source, is_known(source.name))
            for source in sources
        ]

    def make_durable(self, copies: Iterable[Written]) -> None:
        """Have the disk keep some copies, several at a time.

        Raises
        ------
        StoreError
            If the disk fails.
        """
        for _ in self._pool.map(Written.make_durable, copies):
            pass

    def named(self, written: Written) -> None:
        """Be told that a copy has its name, or is not wanted."""
        with self._lock:
            self._unnamed.discard(written)
        written.discard()

    def _look(self, source: Source, is_known: bool) -> Looked:
        self._watch()
        with reading(source.path):
            real = source.path.resolve(strict=True)
            before = real.stat()
        info = probe(real, kind=self._kind)
        if self._reference or is_known or not stat.S_ISREG(before.st_mode):
            return Looked(real, before, info, hash_content(real))
        self._folder.check_writable()
        target = self._folder.target(f"{self._place}/{safe_name(source.name)}")
        written = write_copy(real, target, is_durable=False, watch=self._watch)
        with self._lock:
            self._unnamed.add(written)
        check_unchanged(real, before)
        content = Content(written.digest, written.temporary.stat().st_size)
        return Looked(real, before, info, content, written)

    def _watch(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The import was stopped.")


def check_unchanged(path: Path, before: os.stat_result) -> None:
    """Refuse a file that was written while it was read."""
    with reading(path):
        after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise changed(path)


def changed(path: Path) -> DataError:
    """Return the error that says that a file was written while it was read."""
    return DataError(
        f"'{readable(str(path))}' changed while it was imported.",
        remedy="Wait until it is written, then import it again.",
    )
