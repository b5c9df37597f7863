"""Where contents lie, and whether they are still what they were."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import (
    NO_CORRECTIONS,
    Content,
    DataInfo,
    Location,
    LocationState,
)
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store

REMEMBERED = 4096
"""How many contents are remembered; what was found or made lately is asked for next."""


class ContentFinder:
    """Finds the file of a content, and looks whether it was changed.

    A file whose size, time and inode are as recorded is taken as it is. One that looks
    different is hashed again: if it still has the content its record is brought up to
    date, otherwise it is refused by name.
    """

    def __init__(self, folder: ExperimentFolder, store: Store) -> None:
        self._folder = folder
        self._store = store
        self._found: dict[Sha256, _Seen] = {}
        self._expected: dict[Sha256, Location] = {}
        self._lock = Lock()

    def expect(self, contents: Iterable[Content]) -> None:
        """Ask at once where contents lie that will be looked for one by one."""
        with self._lock:
            wanted = {one.sha256 for one in contents} - self._expected.keys()
            for sha256 in wanted & self._found.keys():  # it may be forgotten until then
                self._expected[sha256] = self._found[sha256].location
            wanted -= self._expected.keys()
        if wanted:
            expected = self._store.locations(wanted)
            with self._lock:
                self._expected |= expected

    def find(self, content: Content, location: Location | None = None) -> Path:
        """Return the path of a content.

        Parameters
        ----------
        location : Location, optional
            Where the store says that it lies, if it was just asked.

        Raises
        ------
        DataError
            If it is gone or was changed; names the file.
        """
        return Path(self._place_of(content, location))

    def check(self, content: Content, location: Location | None = None) -> None:
        """Look whether a content is there as `find` does, without its path."""
        self._place_of(content, location)

    def _place_of(self, content: Content, location: Location | None) -> str:
        with self._lock:
            known = self._found.get(content.sha256)
            location = self._expected.pop(content.sha256, None) or location
        if known is not None:
            if known.is_as_seen():
                return known.path
            location = known.location  # touched, changed or gone since
        if location is None:
            location = self._store.location(content.sha256)
        if location is None or location.state is not LocationState.PRESENT:
            raise DataError(
                f"The content {content.sha256[:12]} lies nowhere any more.",
                remedy="Import the file again, or run what made it again.",
            )
        path = self._folder.place_of(location)
        location = self._check(path, content, location)
        self.remember(content, path, location)
        return path

    def converted(
        self,
        content: Content,
        selector: str,
        form: str,
        corrected: Mapping[str, object] = NO_CORRECTIONS,
    ) -> tuple[Path, DataInfo]:
        """Return an image as OME-TIFF, from the experiment's cache or made now.

        Its header says what it should have said, where that was corrected.

        Raises
        ------
        DataError
            If the content is gone, was changed, or cannot be converted.
        """
        from bioimageit_flow.stores.conversions import ConversionCache

        source = self.find(content)
        cache = ConversionCache(self._folder.cache)
        path, conversion = cache.get(source, content, selector, form, corrected)
        return path, conversion.info

    def remember(self, content: Content, path: str | Path, location: Location) -> None:
        """Note where a content was just published or found, unchanged."""
        seen = _Seen(os.fspath(path), location, _folder_time_ns(path, content))
        with self._lock:
            self._found[content.sha256] = seen
            if len(self._found) > REMEMBERED:
                del self._found[next(iter(self._found))]

    def _check(self, place: str, content: Content, location: Location) -> Location:
        """Look at a file; return its location as it looks now."""
        try:
            seen = os.stat(place)  # noqa: PTH116 - asked for each input of each job
        except OSError as error:
            raise DataError(
                f"{place} cannot be read any more ({error.strerror}).",
                remedy="Put it back where it was, or say where its folder is now: "
                "`bioimageit-flow relocate EXPERIMENT OLD NEW`."
                if location.is_referenced
                else "Put it back where it was, or import it again.",
            ) from error
        now = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
        then = (location.size, location.mtime_ns, location.inode)
        if now == then and stat.S_ISREG(seen.st_mode):
            return location
        path = Path(place)
        looked = self._folder.look(path, location)
        if looked == location:
            return location
        is_other = stat.S_ISDIR(seen.st_mode) != content.is_folder
        if is_other or hash_content(path).sha256 != location.verify_sha256:
            raise DataError(
                f"{path} was changed after it was imported or made.",
                remedy="Put the original back, or import the changed file as new.",
            )
        if not self._folder.is_read_only:
            self._store.update_location(content.sha256, looked)
        return looked


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where a content was found, and how that looked.

    Attributes
    ----------
    folder_time_ns : int
        When the folder itself changed, where one is the content; what lies in it is
        not looked at each time.
    """

    path: str
    location: Location
    folder_time_ns: int

    def is_as_seen(self) -> bool:
        """Say whether it looks as it did; one question to the system."""
        try:
            seen = os.stat(self.path)  # noqa: PTH116 - asked for each input of each job
        except OSError:
            return False
        if self.folder_time_ns:
            return seen.st_mtime_ns == self.folder_time_ns
        now = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
        then = self.location
        return now == (then.size, then.mtime_ns, then.inode)


def _folder_time_ns(path: str | Path, content: Content) -> int:
    if not content.is_folder:
        return 0
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1
