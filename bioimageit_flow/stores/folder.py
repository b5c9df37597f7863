"""The folder of an experiment: its layout, its files, and who works in it."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import Location, LocationState
from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.stores.company import Company
from bioimageit_flow.stores.layout import (
    CACHE,
    DATA,
    DATABASE,
    FOLDERS,
    RESULTS,
    RUNS,
    SERVER,
    check_is_free,
    found_store,
    inner_parts,
    outside,
    remove_folders,
    through_link,
)
from bioimageit_flow.stores.places import (
    is_on_network,
    is_writable,
    reading,
    size_and_time,
    writing,
)
from bioimageit_flow.stores.publishing import place_copy, remove, sync_folder
from bioimageit_flow.stores.refusals import read_only
from bioimageit_flow.stores.sweeping import RecordedPaths
from bioimageit_flow.stores.whereabouts import Whereabouts


class ExperimentFolder:
    """The folder of one experiment.

    Made by `create` and `open`. It is laid out as::

        experiment.db                       the store, or
        experiment.store.yaml               where it is on a server
        data/<dataset>/<name>               raw items copied in
        results/<run>/<node>/<port>/<name>  published results
        runs/<run id>/                      frozen workflow, journal, logs
        .cache/                             safe to delete while nobody works here

    Attributes
    ----------
    path : Path
        The folder, absolute.
    is_read_only : bool
        Whether nothing may be written in it.
    is_on_network : bool
        Whether it lies on a file system that other machines may write.
    has_server : bool
        Whether its store is on a server, which several machines may write to.
    swept : tuple of str
        Leftovers of a crash that were removed when it was opened.
    """

    def __init__(self, path: Path, *, is_read_only: bool) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self.is_on_network = is_on_network(path)
        self._whereabouts = Whereabouts(path)
        self.has_server = (path / SERVER).is_file()
        self.swept: tuple[str, ...] = ()
        self._company = Company(path, self.signs, shared_with_hosts=self.is_on_network)
        self._made: list[Path] = []
        self._inside: set[tuple[str, ...]] = set()
        self._text = os.fspath(path)

    @classmethod
    def create(cls, path: Path) -> "ExperimentFolder":
        """Lay out a new experiment in a folder that is empty or not there yet.

        Raises
        ------
        StoreError
            If there is something in the folder, or it cannot be written.
        """
        path = path.expanduser().absolute()
        with writing(path):
            check_is_free(path)
            made = [one for one in (path, *path.parents) if not one.exists()]
        try:
            with writing(path):
                path.mkdir(parents=True, exist_ok=True)
                for name in FOLDERS:
                    place = path / name
                    if not place.exists():
                        place.mkdir()
                        made.insert(0, place)
                sync_folder(path)
        except StoreError:
            remove_folders(made)
            raise
        folder = cls(path, is_read_only=False)
        folder._made = made
        return folder

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "ExperimentFolder":
        """Open the folder of an experiment, read-only where it cannot be written.

        Parameters
        ----------
        path : Path
            The folder, or the file in it that is the store or says where it is.
        read_only : bool
            Do not write even where one may.

        Raises
        ------
        StoreError
            If it is not the folder of an experiment.
        """
        path, database = found_store(path.expanduser().absolute())
        may_write = is_writable(path) and is_writable(database)
        return cls(path, is_read_only=read_only or not may_write)

    def __enter__(self) -> "ExperimentFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def database(self) -> Path:
        """The file of the store."""
        return self.path / DATABASE

    @property
    def cache(self) -> Path:
        """The folder of what can be made again."""
        return self.path / CACHE

    @property
    def signs(self) -> Path:
        """The folder of the signs of who works here."""
        return self.cache / "open"

    # Who works here

    def enter(self, recorded: RecordedPaths) -> None:
        """Say that this process works here, and sweep what a crash left behind.

        Nothing is swept while somebody else works here.

        Parameters
        ----------
        recorded : callable
            `Store.recorded_paths`: which files are known.

        Raises
        ------
        StoreError
            If another machine writes on this network drive, or the disk is full.
        """
        if not self.is_read_only and not self._company.is_joined:
            is_single = self.is_on_network and not self.has_server
            self.swept = self._company.join(recorded, takes_one_machine=is_single)

    def works_alone(self) -> bool:
        """Say whether nobody else works here, as far as can be told."""
        return self._company.is_alone()

    def close(self) -> None:
        """Say that this process does not work here any more."""
        self._company.leave()

    # Files

    def resolve(self, location: Location) -> Path:
        """Return the path where a content lies.

        Raises
        ------
        StoreError
            If the location is relative and leads out of the experiment.
        """
        path = Path(location.path)
        if path.is_absolute() or PurePosixPath(location.path).is_absolute():
            return path
        return self.path.joinpath(*inner_parts(location.path))

    def place_of(self, location: Location) -> str:
        """Return the path where a content lies as text; see `resolve`."""
        if location.is_referenced or not location.path.startswith((DATA, RESULTS)):
            return os.fspath(self.resolve(location))
        inner_parts(location.path)  # stays inside
        return f"{self._text}/{location.path}"

    def look(self, path: Path, location: Location) -> Location:
        """Return a location as the file system sees it now.

        Parameters
        ----------
        path : Path
            Where the content of the location lies, unchanged.

        Raises
        ------
        DataError
            If it is gone.
        """
        with reading(path):
            status = path.stat()
            size, mtime_ns = size_and_time(path, status)
        return replace(
            location,
            size=size,
            mtime_ns=mtime_ns,
            inode=status.st_ino,
            state=LocationState.PRESENT,
        )

    def publish(
        self, source: Path, target_relative: str, *, sync: bool = True
    ) -> Location:
        """Copy a file or folder into the experiment: whole and durable, or not at all.

        Parameters
        ----------
        source : Path
            A file, or a folder that is one datum. Links are refused.
        target_relative : str
            Where it goes, below ``data/`` or ``results/``, with forward slashes.
        sync : bool
            Whether the new name is durable at once; otherwise `sync` is due.

        Returns
        -------
        Location
            Relative to the experiment, with the hash of the file as it lies there.

        Raises
        ------
        DataError
            If the source cannot be read.
        StoreError
            If the disk is full, the experiment is read-only, something is there
            already (`places.TakenError`), or the target lies elsewhere.
        """
        self.check_writable()
        target = self.target(target_relative)
        digest = place_copy(source, target, sync=sync)
        self.target(target_relative)  # a link may have come meanwhile
        return self.located(target, target_relative, digest)

    def sync(self, relative: str) -> None:
        """Make the names in a folder of the experiment durable; it may be missing."""
        place = self.path.joinpath(*inner_parts(relative))
        with writing(place):
            if place.is_dir():
                sync_folder(place)

    def located(
        self, path: Path, name: str, digest: Sha256, *, is_referenced: bool = False
    ) -> Location:
        """Return the location of a file that is there.

        Parameters
        ----------
        path : Path
            The file or folder.
        name : str
            What the location calls it: relative to the experiment, or absolute.
        digest : Sha256
            Of its bytes.
        is_referenced : bool
            Whether it was there before and belongs to somebody else.
        """
        empty = Location(name, 0, 0, 0, digest, is_referenced=is_referenced)
        return self.look(path, empty)

    def check_writable(self) -> None:
        """Refuse with a `StoreError` if nothing may be written here."""
        if self.is_read_only:
            raise read_only(self.path)
        self._whereabouts.check()

    def withdraw(self, location: Location) -> None:
        """Remove a published file that is not wanted, with its stamp beside it.

        Raises
        ------
        StoreError
            If the location is not one that `publish` returned.
        """
        from bioimageit_flow.formats.stamps import SIDE_CAR

        target = self.target(location.path)
        with writing(target):
            remove(target)
            remove(target.with_name(f"{target.name}{SIDE_CAR}"))

    def new_run_folder(self, run: RunId) -> Path:
        """Make the folder of a run, ``runs/<run id>/``.

        Raises
        ------
        StoreError
            If it is there already or cannot be made.
        """
        self.check_writable()
        folder = self.path / RUNS / run
        with writing(folder):
            folder.parent.mkdir(exist_ok=True)
            folder.mkdir()
            sync_folder(folder.parent)
        return folder

    def run_folder(self, run: RunId) -> Path:
        """Return the folder of a run, ``runs/<run id>/``, which may not be there."""
        return self.path / RUNS / run

    def remove_run_folder(self, run: RunId) -> None:
        """Remove the folder of a run that never began."""
        with writing(self.path):
            remove(self.run_folder(run))

    def target(self, relative: str) -> Path:
        """Return where a file would go; a `StoreError` if it would lie elsewhere."""
        parts = inner_parts(relative)
        if len(parts) < 2 or parts[0] not in (DATA, RESULTS):
            raise outside(relative)
        parent = parts[:-1]
        # `data` itself may be a link to a larger disk, but nothing below it.
        below = self.path / parts[0]
        for part in parent[1:]:
            below /= part
            if below.is_symlink():  # asked each time: it may have become one
                raise through_link(relative, below)
        if parent not in self._inside:
            top = (self.path / parts[0]).resolve()
            place = top.joinpath(*parent[1:])
            if place.resolve() != place:
                raise outside(relative)
            if place.is_dir():
                self._inside.add(parent)
        return self.path.joinpath(*parts)

    def discard_new(self) -> None:
        """Take back an experiment that could not be made: remove what is empty."""
        with suppress(OSError):
            if self.database.stat().st_size == 0:
                self.database.unlink()
        with suppress(OSError):
            (self.signs / "guard").unlink()
        remove_folders([self.signs, *self._made])
