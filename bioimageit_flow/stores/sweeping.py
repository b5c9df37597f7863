"""Sweeping what a crash left behind.

Only when a process ended without closing the experiment, and nobody else works in it:
half-written copies, and published files that no store knows. Published files are
read-only; whatever can be written was put there by somebody else and is left alone. So
are the results of runs that the store does not know: a run is recorded before its first
result, so the store is older than they are, as one from a backup.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from bioimageit_flow.stores.layout import RESULTS
from bioimageit_flow.stores.places import writing
from bioimageit_flow.stores.publishing import TEMPORARY, remove

_log = logging.getLogger(__name__)

RecordedPaths = Callable[[Iterable[str]], set[str]]
"""Which of some paths a store knows; `Store.recorded_paths`."""


class Intent:
    """The list of files that are being imported, in case of a crash.

    Raw files are never swept because they have no row: somebody may have put them
    there. Only those named here were put there by an import that did not end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, relative: str) -> None:
        """Note a file before it is published."""
        with writing(self._path), self._path.open("a", encoding="ascii") as stream:
            stream.write(json.dumps(relative) + "\n")

    def end(self) -> None:
        """Forget the list: everything is recorded or was taken away again."""
        with suppress(OSError):
            self._path.unlink()


@contextmanager
def intent(cache: Path) -> Iterator[Intent]:
    """Keep a list of the files that an import publishes, until it ends."""
    folder = cache / "importing"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    listed = Intent(folder / f"{uuid4().hex}.jsonl")
    try:
        yield listed
    finally:
        listed.end()


def sweep(root: Path, recorded: RecordedPaths) -> tuple[str, ...]:
    """Remove leftovers from an experiment in which nobody works.

    Returns
    -------
    tuple of str
        What was removed, relative to the experiment.
    """
    removed = _removed(root, leftovers(root, recorded))
    for listed in _import_lists(root):
        with suppress(OSError):
            listed.unlink()
    return removed


def leftovers(root: Path, recorded: RecordedPaths) -> list[Path]:
    """Return what `sweep` would remove; right only while nobody works here."""
    return [
        *_temporary(root / "data"),
        *_temporary(root / "results"),
        *_unrecorded_results(root, recorded, RESULTS),
        *_unrecorded_imports(root, recorded),
    ]


def unknown_results(root: Path, recorded: RecordedPaths) -> list[Path]:
    """Return the folders with results of runs that the store does not know."""
    return [
        folder
        for folder in _unknown_folders(root, recorded)
        if any(one.is_file() and _is_ours(one) for one in folder.rglob("*"))
    ]


def _unknown_folders(root: Path, recorded: RecordedPaths) -> list[Path]:
    with suppress(OSError):
        folders = [one for one in (root / RESULTS).iterdir() if one.is_dir()]
        paths = {one: one.relative_to(root).as_posix() for one in sorted(folders)}
        known = recorded(paths.values()) if paths else set()
        return [one for one in paths if paths[one] not in known]
    return []


def sweep_results(root: Path, recorded: RecordedPaths, top: str) -> tuple[str, ...]:
    """Remove the leftovers of one run, which nobody carries now.

    Parameters
    ----------
    top : str
        The folder of its results, relative to the experiment.

    Returns
    -------
    tuple of str
        What was removed, relative to the experiment.
    """
    doomed = _temporary(root / top)
    return _removed(root, [*doomed, *_unrecorded_results(root, recorded, top)])


def _removed(root: Path, doomed: Iterable[Path]) -> tuple[str, ...]:
    removed = []
    for path in doomed:
        remove(path)
        _remove_empty_folders(path.parent, root)
        removed.append(path.relative_to(root).as_posix())
    if removed:
        _log.warning(
            "Removed %d leftovers of a crash from %s: %s",
            len(removed),
            root,
            ", ".join(removed[:10]),
        )
    return tuple(removed)


def _temporary(top: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(top):
        names = [name for name in (*folders, *files) if name.startswith(TEMPORARY)]
        found += [Path(folder, name) for name in names]
        folders[:] = [name for name in folders if name not in names]
    return found


def _unrecorded_results(root: Path, recorded: RecordedPaths, top: str) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(root / top):
        place = Path(folder)
        if place == root / RESULTS:
            unknown = {one.name for one in _unknown_folders(root, recorded)}
            folders[:] = [name for name in folders if name not in unknown]
            found += _unrecorded_files(root, place, files, recorded)
            continue
        # A folder may be one datum: what is inside belongs to it.
        paths = {name: (place / name).relative_to(root).as_posix() for name in folders}
        known = recorded(paths.values()) if paths else set()
        folders[:] = [name for name in folders if paths[name] not in known]
        found += _unrecorded_files(root, place, files, recorded)
    return found


def _unrecorded_files(
    root: Path, folder: Path, names: list[str], recorded: RecordedPaths
) -> list[Path]:
    paths = {name: (folder / name).relative_to(root).as_posix() for name in names}
    known = recorded(paths.values()) if paths else set()
    kept = [name for name in names if paths[name] in known]
    return [
        folder / name
        for name in names
        if paths[name] not in known
        and not name.startswith(TEMPORARY)
        and not _is_beside(name, kept)
        and _is_ours(folder / name)
    ]


def _is_beside(name: str, kept: Iterable[str]) -> bool:
    """Say whether a file belongs to a result: ``a.csv.json`` lies beside ``a.csv``."""
    return any(name.startswith(f"{result}.") for result in kept)


def _is_ours(path: Path) -> bool:
    with suppress(OSError):
        return not path.lstat().st_mode & 0o222
    return False


def _unrecorded_imports(root: Path, recorded: RecordedPaths) -> list[Path]:
    found: list[Path] = []
    for listed in _import_lists(root):
        relatives = list(_listed(listed))
        known = recorded(relatives)
        paths = [root / one for one in relatives if one not in known]
        found += [
            path
            for path in paths
            if path.is_dir() or (path.exists() and _is_ours(path))
        ]
    return found


def _import_lists(root: Path) -> list[Path]:
    return sorted((root / ".cache" / "importing").glob("*.jsonl"))


def _listed(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        with suppress(ValueError):  # the last line may be half written
            relative = json.loads(line)
            parts = str(relative).split("/")
            if parts[0] == "data" and ".." not in parts:
                yield str(relative)


def _remove_empty_folders(folder: Path, root: Path) -> None:
    with suppress(OSError):  # the first one that is not empty
        while len(folder.relative_to(root).parts) > 1:
            folder.rmdir()
            folder = folder.parent
