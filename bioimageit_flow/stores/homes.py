"""Where the folder of an experiment lies whose store is on a server.

A folder that is copied names the same database as its original, and two folders with
one store would soon tell each other's files lost. So the store remembers, for each
machine, where its folder is. A folder elsewhere is the same one, moved or seen under
another path, if it has the same inode or nothing is left at the old place; where that
cannot be known, people say it in the file that names the server.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import FlowError, StoreError
from bioimageit_flow.stores.layout import SERVER
from bioimageit_flow.stores.server import Server, read_server


@dataclass(frozen=True, slots=True)
class Home:
    """Where the folder of an experiment lies on a machine.

    Attributes
    ----------
    path : str
        The folder, absolute.
    inode : int
        Of the file in it that names the server.
    """

    path: str
    inode: int


def home_of(folder: Path) -> Home:
    """Return where a folder lies now; `StoreError` if it cannot be looked at."""
    try:
        return Home(str(folder.resolve()), (folder / SERVER).stat().st_ino)
    except OSError as error:
        raise StoreError(
            f"The file {folder / SERVER} cannot be read: {error}.",
            remedy="Ask its owner for the right to read it, or put back a copy.",
        ) from error


def check_home(
    server: Server, here: Home, host: str, known: Mapping[str, Home]
) -> Home | None:
    """Return what is to be remembered of where a folder lies; None if it is known.

    Parameters
    ----------
    server : Server
        As the folder names it.
    here : Home
        Where the folder lies.
    host : str
        The name of this machine.
    known : mapping of str to Home
        Where the folder of the experiment lay, by machine.

    Raises
    ------
    StoreError
        If the folder is a copy of the experiment's, or may be one.
    """
    mine = known.get(host)
    if mine == here:
        return None
    is_same = not known or server.is_moved
    is_same = is_same or any(
        one.path == here.path or (one.inode and one.inode == here.inode)
        for one in known.values()
    )
    if is_same:
        return here
    if mine is None:
        other, place = next(iter(known.items()))
        raise StoreError(
            f"{here.path} may be a copy: the experiment in this database has its "
            f"folder in {place.path} on {other}.",
            remedy=f"Work there, or if it was moved here, or is the same folder under "
            f"another path, add the line `moved: true` to {SERVER}.",
        )
    if _is_there(Path(mine.path), server.experiment):
        raise StoreError(
            f"{here.path} is a copy: the experiment in this database has its folder "
            f"in {mine.path}.",
            remedy=f"Work there, or for an experiment of its own make a new one and "
            f"import the files; if {mine.path} is to be given up, delete its {SERVER} "
            "first.",
        )
    return here


def _is_there(folder: Path, experiment: str) -> bool:
    """Say whether a folder still names the store of an experiment."""
    with suppress(FlowError):
        server = read_server(folder)
        return server is not None and server.experiment == experiment
    return True  # something is there that cannot be read: better not taken for gone


def homes_from(text: str | None) -> dict[str, Home]:
    """Return what a store remembers; nothing where it makes no sense."""
    try:
        facts = json.loads(text or "{}")
        return {
            str(host): Home(str(one["path"]), int(one["inode"]))
            for host, one in facts.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


def homes_text(homes: Mapping[str, Home]) -> str:
    """Return what a store remembers as one text."""
    facts = {
        host: {"path": one.path, "inode": one.inode} for host, one in homes.items()
    }
    return json.dumps(facts, sort_keys=True)
