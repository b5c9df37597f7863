"""The journal: what is not saved yet, on disk after every edit.

Each running editor has a folder of its own, whose lock it holds as long as it lives. A
folder whose lock is free belongs to an editor that crashed; what lies in it is offered.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from bioimageit_flow.errors import FlowError, NewerVersionError, WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import document_of

_LOG = logging.getLogger(__name__)

_LOCK = "lock"
_ENDING = ".journal.json"
_DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A workflow that was open in an editor that ended without a word.

    Attributes
    ----------
    file : Path
        The journal.
    title : str
        Name of the workflow.
    path : Path or None
        Its file, if it had one.
    edited : datetime
        When the last edit was, UTC.
    words : str
        What the last edit was.
    """

    file: Path
    title: str
    path: Path | None
    edited: datetime
    words: str


class Journal:
    """The journals of one running editor, and those that others left.

    Parameters
    ----------
    folder : Path
        Where all editors of the user keep theirs.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._own: Path | None = None
        self._lock: FileLock | None = None
        self._taken: list[FileLock] = []
        self._is_failing = False
        self._damaged: list[Path] = []

    def write(self, key: str, document: Document, path: Path | None, words: str) -> str:
        """Keep a workflow that is not saved; an older journal of it is replaced.

        Returns
        -------
        str
            Why it could not be written, the first time that it fails; else empty. Work
            goes on in any case.
        """
        head = {
            "path": str(path.absolute()) if path else None,
            "edited": datetime.now(UTC).isoformat(),
            "words": words,
            "name": document.name,
        }
        try:
            target = self._folder() / f"{key}{_ENDING}"
            temporary = target.with_suffix(".tmp")
            # Not synced: the rename is atomic, and a killed process loses no page.
            temporary.write_text(_entry(head, document), encoding="utf-8")
            temporary.replace(target)
        except (OSError, ValueError) as error:
            if self._is_failing:
                return ""
            self._is_failing = True
            why = getattr(error, "strerror", None) or str(error)
            _LOG.info("the journal of %s cannot be written: %s", document.name, error)
            return why
        self._is_failing = False
        return ""

    def forget(self, key: str) -> None:
        """Drop the journal of a workflow that is saved or closed."""
        if self._own is not None:
            (self._own / f"{key}{_ENDING}").unlink(missing_ok=True)

    def recoveries(self) -> list[Recovery]:
        """Return what crashed editors left, the last edited first."""
        found = []
        for folder in self._left_behind():
            for file in sorted(folder.glob(f"*{_ENDING}")):
                recovery = self._described(file)
                if recovery is not None:
                    found.append(recovery)
        return sorted(found, key=lambda one: one.edited, reverse=True)

    def damaged(self) -> list[Path]:
        """Return the journals that `recoveries` could not read, each once.

        They are kept beside the others, and asked for no more.
        """
        found, self._damaged = self._damaged, []
        return found

    def read(self, recovery: Recovery) -> Document:
        """Return the workflow of a recovery.

        Raises
        ------
        WorkflowError
            If it cannot be read any more.
        """
        try:
            entry = json.loads(recovery.file.read_text(encoding="utf-8"))
            return document_of(entry["document"], f"the journal of {recovery.title}")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise WorkflowError(
                f"What was not saved of {recovery.title} cannot be read ({error}).",
                remedy="Open the file that was saved last.",
            ) from error

    def discard(self, recovery: Recovery) -> None:
        """Drop a recovery for good."""
        recovery.file.unlink(missing_ok=True)

    def close(self, *, is_kept: bool = False) -> None:
        """End in good order: nothing of this editor is offered later.

        Parameters
        ----------
        is_kept : bool
            Whether what was written down stays, to be offered by the next editor.
        """
        if self._own is not None and self._lock is not None:
            own, self._own = self._own, None
            is_empty = not any(own.glob(f"*{_ENDING}"))
            self._lock.release()
            self._lock = None
            if is_empty or not is_kept:
                shutil.rmtree(own, ignore_errors=True)
        for lock in self._taken:
            lock.release()
        self._taken.clear()

    def _folder(self) -> Path:
        if self._own is None:
            own = self._root / f"{os.getpid()}-{uuid4().hex[:8]}"
            own.mkdir(parents=True)
            lock = FileLock(own / _LOCK)
            lock.acquire(timeout=0)
            self._own, self._lock = own, lock
        return self._own

    def _left_behind(self) -> Iterator[Path]:
        if not self._root.is_dir():
            return
        for folder in sorted(self._root.iterdir()):
            if folder == self._own or not folder.is_dir():
                continue
            lock = FileLock(folder / _LOCK)
            held = {Path(one.lock_file) for one in self._taken}
            if folder / _LOCK not in held:
                try:
                    lock.acquire(timeout=0)
                except (Timeout, OSError):
                    continue  # that editor lives
                if not any(folder.glob(f"*{_ENDING}")):
                    lock.release()
                    shutil.rmtree(folder, ignore_errors=True)
                    continue
                self._taken.append(lock)  # no other editor offers it too
            yield folder

    def _described(self, file: Path) -> Recovery | None:
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
            document_of(entry["document"], file.name)
            return Recovery(
                file,
                str(entry["name"]),
                Path(entry["path"]) if entry["path"] else None,
                datetime.fromisoformat(entry["edited"]),
                str(entry["words"]),
            )
        except (OSError, NewerVersionError) as error:  # another day, another program
            _LOG.warning("the journal %s cannot be read: %s", file, error)
        except (FlowError, ValueError, KeyError, TypeError, RecursionError) as error:
            self._set_aside(file, error)
        return None

    def _set_aside(self, file: Path, error: Exception) -> None:
        _LOG.info("the journal %s cannot be read: %s", file, error)
        kept = self._root / f"{file.stem}{_DAMAGED}"
        try:
            file.replace(kept)
        except OSError:
            kept = file  # a disk that takes nothing; told again the next time
        self._damaged.append(kept)


def _entry(head: dict[str, str | None], document: Document) -> str:
    """Return a journal as JSON; the document is written by pydantic, which is fast."""
    schema = json.dumps({"schema": document.schema_})
    body = document.model_dump_json(by_alias=True, exclude_defaults=True)
    inner = f"{schema[:-1]}, {body[1:]}" if body != "{}" else schema
    return f'{json.dumps(head)[:-1]}, "document": {inner}}}'
