"""Keeping files: verifying them, finding moved ones, giving up what is not needed."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.chosen import Moved, Place
from bioimageit_flow.model.data import Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.places import reading
from bioimageit_flow.stores.protocol import Store

_log = logging.getLogger(__name__)

Progress = Callable[[int], None]

DOUBTED_NS = 0
"""A time that no file has: what is recorded with it is never taken for unchanged."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it was.

    Attributes
    ----------
    path : str
        Where it should lie.
    item : str
        The name of an item that needs it.
    is_missing : bool
        Whether it is gone; else it was changed.
    """

    path: str
    item: str
    is_missing: bool


@dataclass(slots=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    files, bytes : int
        How much was read; files that are gone are not among them.
    faults : list of Fault
        Files that are gone or were changed.
    missing_folders : list of str
        Folders of referenced files that are gone as a whole.
    """

    files: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)
    missing_folders: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every file is as it was."""
        return not self.faults


def verify(
    folder: ExperimentFolder,
    store: Store,
    dataset: str | None,
    progress: Progress = lambda _files: None,
) -> Verification:
    """Read every file, and compare it with its checksum.

    A file that was touched and not changed is noted as it is now. One that was changed
    is noted, too: whoever needs it reads it whole and refuses it, even if it looks as
    it did, until the original is back.
    """
    report = Verification()
    missing: Counter[str] = Counter()
    for looked_at, place in enumerate(store.places(dataset), 1):
        path = folder.resolve(place.location)
        progress(looked_at)
        if not path.exists():
            report.faults.append(Fault(str(path), place.item, is_missing=True))
            if place.location.is_referenced:
                missing[str(_gone(path))] += 1
            continue
        try:
            found = hash_content(path)
        except DataError as error:
            _log.debug("%s cannot be read: %s", path, error)
            report.faults.append(Fault(str(path), place.item, is_missing=True))
            continue
        report.files += 1
        report.bytes += place.location.size
        if found.sha256 != place.location.verify_sha256:
            report.faults.append(Fault(str(path), place.item, is_missing=False))
            if not folder.is_read_only:
                doubted = replace(place.location, mtime_ns=DOUBTED_NS)
                store.update_location(place.content.sha256, doubted)
        elif not folder.is_read_only:
            _look_again(folder, store, place, path)
    report.missing_folders = [name for name in sorted(missing) if name]
    return report


def missing_folders(folder: ExperimentFolder, store: Store) -> list[str]:
    """Return the folders of referenced files that are gone, without reading a file."""
    parents = {
        folder.resolve(place.location).parent
        for place in store.places()
        if place.location.is_referenced
    }
    gone = {str(_gone(parent / "file")) for parent in parents if not parent.exists()}
    return sorted(gone)


def _gone(path: Path) -> str | Path:
    """Return the highest folder above a file that is gone; empty if only it is."""
    last: str | Path = ""
    for folder in path.parents:
        if folder.exists():
            return last
        last = folder
    return last


def _look_again(
    folder: ExperimentFolder, store: Store, place: Place, path: Path
) -> None:
    looked = folder.look(path, place.location)
    if looked != place.location:
        store.update_location(place.content.sha256, looked)


@dataclass(slots=True)
class Relocation:
    """What `relocate` found.

    Attributes
    ----------
    moved : list of Moved
        Files that lie in the new folder with the same content.
    changed : list of str
        Files that are there with another content.
    missing : list of str
        Files that are not there.
    """

    moved: list[Moved] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def find_moved(
    folder: ExperimentFolder,
    store: Store,
    old: Path,
    new: Path,
    progress: Progress = lambda _files: None,
) -> Relocation:
    """Find referenced files of one folder in another, by their content.

    A file is looked for at the same place below the new folder and, if it is not there,
    among all its files of the same size.

    Raises
    ------
    DataError
        If the new folder is not there, or nothing was referenced in the old one.
    """
    new = new.expanduser().absolute()
    if not new.is_dir():
        raise DataError(
            f"There is no folder {new}.", remedy="Name the folder where the files are."
        )
    before = [
        (place, folder.resolve(place.location))
        for place in store.places()
        if place.location.is_referenced
    ]
    top = old.expanduser().absolute()
    before = [(place, path) for place, path in before if path.is_relative_to(top)]
    if not before:
        raise DataError(
            f"No item refers to a file in {top}.",
            remedy="`bioimageit-flow verify` names the folders that are missing.",
        )
    found = Relocation()
    sizes: dict[int, list[Path]] | None = None
    for count, (place, path) in enumerate(before, 1):
        progress(count)
        target = new / path.relative_to(top)
        if _has(target, place):
            found.moved.append(_moved(folder, place, target))
            continue
        if sizes is None:
            sizes = _by_size(new)
        others = [one for one in sizes.get(place.location.size, []) if one != target]
        same = next((one for one in others if _has(one, place)), None)
        if same is not None:
            found.moved.append(_moved(folder, place, same))
        elif target.exists():
            found.changed.append(str(target))
        else:
            found.missing.append(str(path))
    return found


def _has(path: Path, place: Place) -> bool:
    if not path.exists() or path.is_dir() is not place.content.is_folder:
        return False
    if path.is_file() and path.stat().st_size != place.location.size:
        return False
    return hash_content(path).sha256 == place.location.verify_sha256


def _moved(folder: ExperimentFolder, place: Place, path: Path) -> Moved:
    new = replace(place.location, path=str(path))
    return Moved(place.content.sha256, place.location, folder.look(path, new))


def _by_size(folder: Path) -> dict[int, list[Path]]:
    sizes: dict[int, list[Path]] = {}
    with reading(folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                sizes.setdefault(path.stat().st_size, []).append(path)
            elif path.name.lower().endswith(".zarr"):
                size = sum(one.stat().st_size for one in path.rglob("*"))
                sizes.setdefault(size, []).append(path)
    return sizes


@dataclass(slots=True)
class Removal:
    """What was removed.

    Attributes
    ----------
    files, bytes : int
        How much.
    left : list of str
        Files that could not be removed, and why.
    """

    files: int = 0
    bytes: int = 0
    left: list[str] = field(default_factory=list)


def remove_bytes(
    folder: ExperimentFolder,
    store: Store,
    items: Sequence[ItemId],
    reason: str,
    user: str,
    *,
    is_clean: bool,
) -> Removal:
    """Record that items are deleted or cleaned, then remove their files.

    Files that were referenced belong to somebody else and stay where they are.
    """
    folder.check_writable()
    places = store.give_up(items, reason, user=user, is_clean=is_clean)
    removal = Removal()
    for place in _own(places):
        try:
            folder.withdraw(place)
        except FlowError as error:
            removal.left.append(f"{place.path}: {error.message}")
            continue
        removal.files += 1
        removal.bytes += place.size
    return removal


def _own(places: Sequence[Location]) -> Iterator[Location]:
    return (place for place in places if not place.is_referenced)
