"""Where a file comes from, asked of the file itself.

By its stamp, which goes along when a file is renamed or moved; else by its bytes, which
an experiment knows wherever they lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.formats.stamps import (
    is_stamped_copy,
    read_side_car,
    read_stamp,
    unstamped_copy,
)
from bioimageit_flow.model.data import Item, Produced
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.lineage import Kin
from bioimageit_flow.model.stamp import Stamp
from bioimageit_flow.provenance.tree import LineageTree, trace_in_short
from bioimageit_flow.stores.protocol import Store


@dataclass(frozen=True, slots=True)
class Library:
    """An experiment in which may be looked for a file."""

    name: str
    path: Path
    store: Store


@dataclass(frozen=True, slots=True)
class Place:
    """An item that a file is, in one experiment.

    Attributes
    ----------
    experiment, path : str, Path
        Name and folder of the experiment.
    kin : Kin
        How much it came from; the tree shows some of it, where it is a lot.
    others : int
        How many more items there have this content: results that were reused.
    """

    experiment: str
    path: Path
    item: Item
    tree: LineageTree
    kin: Kin
    others: int = 0


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a file comes from.

    Attributes
    ----------
    sha256 : Sha256
        Of the file as it lies there.
    size : int
        In bytes.
    stamp : Stamp or None
        What it says of itself.
    is_unchanged : bool or None
        Whether it is what the stamp was written for; None where there is no stamp, and
        for a side-car.
    places : tuple of Place
        The experiments that know it.
    is_side_car : bool
        Whether it is itself the stamp of another file, which all of this is said of.
    """

    path: Path
    sha256: Sha256
    size: int
    stamp: Stamp | None
    is_unchanged: bool | None
    places: tuple[Place, ...]
    is_side_car: bool = False

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "file": str(self.path),
            "sha256": self.sha256,
            "size": self.size,
            "is_side_car": self.is_side_car,
            "stamp": None if self.stamp is None else self.stamp.as_json(),
            "is_unchanged": self.is_unchanged,
            "found": [
                {
                    "experiment": place.experiment,
                    "folder": str(place.path),
                    "same_content": place.others,
                    "lineage": place.tree.as_json(),
                    "in_all": place.kin.as_json(),
                }
                for place in self.places
            ],
        }


def find_whence(
    path: Path, libraries: Iterable[Library], around: Iterable[Library] = ()
) -> Whence:
    """Say where a file comes from.

    Parameters
    ----------
    path : Path
        A file, or a folder that is one datum.
    libraries : iterable of Library
        Experiments that may know it; all are asked.
    around : iterable of Library
        More of them, one after the other, until one knows it.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    content = hash_content(path)
    told = read_side_car(path)
    stamp = told or read_stamp(path)
    is_unchanged = None
    if stamp is not None and told is None:
        is_unchanged = is_stamp_true(path, stamp, content.sha256)
    wanted = [content.sha256]
    if stamp is not None and stamp.content != content.sha256:
        wanted.insert(0, stamp.content)
    asked = [_look_up(library, wanted, stamp) for library in libraries]
    places = [place for place in asked if place is not None]
    if not places:
        more = (_look_up(library, wanted, stamp) for library in around)
        places = list(islice((place for place in more if place is not None), 1))
    return Whence(
        path,
        content.sha256,
        content.size,
        stamp,
        is_unchanged,
        tuple(places),
        is_side_car=told is not None,
    )


def _look_up(
    library: Library, wanted: Iterable[Sha256], stamp: Stamp | None
) -> Place | None:
    for content in wanted:
        items = library.store.items_with_content(content)
        if not items:
            continue
        item = _best(library.store, items, stamp)
        tree, kin = trace_in_short(library.store, item.id)
        return Place(library.name, library.path, item, tree, kin, len(items) - 1)
    return None


def _best(store: Store, items: list[Item], stamp: Stamp | None) -> Item:
    """Return the item that a file most likely is: as the stamp says, the first."""
    if stamp is not None:
        for item in items:
            made = item.origin
            if not isinstance(made, Produced):
                continue
            if (made.node, made.port, item.part) != (
                stamp.node,
                stamp.port,
                stamp.part,
            ):
                continue
            job = store.step(item.id).job
            if job is not None and job.fingerprint == stamp.fingerprint:
                return item
    return items[0]


def is_stamp_true(path: Path, stamp: Stamp, own: Sha256) -> bool:
    """Say whether a file is, but for its stamp, what its tool wrote.

    Parameters
    ----------
    own : Sha256
        Of the file as it lies there.

    Raises
    ------
    DataError
        If there is no space to look at it without its stamp.
    """
    if stamp.content == own:  # the stamp lies beside it
        return True
    if not is_stamped_copy(path, stamp.content):
        return False
    try:
        with TemporaryDirectory(prefix="bioimageit-flow-") as folder:
            copy = Path(folder, "unstamped")
            unstamped_copy(path, copy)
            return hash_content(copy).sha256 == stamp.content
    except OSError as error:
        raise DataError(
            f"A copy of '{path}' cannot be made ({error.strerror}).",
            remedy="Free some space in the folder for temporary files.",
        ) from error
