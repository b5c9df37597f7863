"""Where contents lie, and whether they are still what they were."""

from collections.abc import Mapping
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
from bioimageit_flow.stores.conversions import ConversionCache
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store


class ContentFinder:
    """Finds the file of a content, and looks whether it was changed.

    A file whose size, time and inode are as recorded is taken as it is. One that looks
    different is hashed again: if it still has the content its record is brought up to
    date, otherwise it is refused by name.
    """

    def __init__(self, folder: ExperimentFolder, store: Store) -> None:
        self._folder = folder
        self._store = store
        self._found: dict[Sha256, Path] = {}
        self._lock = Lock()

    def find(self, content: Content) -> Path:
        """Return the path of a content.

        Raises
        ------
        DataError
            If it is gone or was changed; names the file.
        """
        with self._lock:
            known = self._found.get(content.sha256)
        if known is not None:
            return known
        location = self._store.location(content.sha256)
        if location is None or location.state is not LocationState.PRESENT:
            raise DataError(
                f"The content {content.sha256[:12]} lies nowhere any more.",
                remedy="Import the file again, or run what made it again.",
            )
        path = self._folder.resolve(location)
        self._check(path, content, location)
        self.remember(content, path)
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
        source = self.find(content)
        cache = ConversionCache(self._folder.cache)
        path, conversion = cache.get(source, content, selector, form, corrected)
        return path, conversion.info

    def remember(self, content: Content, path: Path) -> None:
        """Note where a content was just published."""
        with self._lock:
            self._found[content.sha256] = path

    def _check(self, path: Path, content: Content, location: Location) -> None:
        try:
            path.stat()
        except OSError as error:
            raise DataError(
                f"{path} cannot be read any more ({error.strerror}).",
                remedy="Put it back where it was, or import it again.",
            ) from error
        looked = self._folder.look(path, location)
        if looked == location:
            return
        if hash_content(path).sha256 != location.verify_sha256:
            raise DataError(
                f"{path} was changed after it was imported or made.",
                remedy="Put the original back, or import the changed file as new.",
            )
        if not self._folder.is_read_only:
            self._store.update_location(content.sha256, looked)
