"""A database on a server, as an experiment names it: in a small file of its folder.

The file says where the database is and which part of it is the experiment's. It never
holds a password: that comes from where PostgreSQL's own programs take it
(https://www.postgresql.org/docs/current/libpq-pgpass.html).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bioimageit_flow.errors import NewerVersionError, StoreError
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.yaml_text import YamlTextError, read_yaml, write_yaml
from bioimageit_flow.stores.layout import SERVER

SCHEMA = "bioimageit-flow/store/1"

_SCHEMES = ("postgresql://", "postgresql+psycopg://")
_NAMESPACE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a server.

    Attributes
    ----------
    url : str
        ``postgresql://USER@HOST/DATABASE``, without a password.
    namespace : str
        The schema of the database that is the experiment's.
    folder : Path
        The folder of the experiment.
    experiment : str
        The uuid of the experiment; empty while it is not known.
    is_moved : bool
        Whether somebody wrote that the folder was moved here, or is the same folder
        under another path.
    """

    url: str
    namespace: str
    folder: Path
    experiment: str = ""
    is_moved: bool = False

    @property
    def conninfo(self) -> str:
        """The address as the driver takes it."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    def write(self, experiment: str) -> None:
        """Write the file, whole and durable, or not at all.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        from bioimageit_flow.stores.publishing import write_text

        facts: dict[str, object] = {
            "schema": SCHEMA,
            "url": self.url,
            "namespace": self.namespace,
            "experiment": experiment,
        }
        write_text(self.folder / SERVER, [write_yaml(facts)])


def new_server(url: str, folder: Path, name: str) -> Server:
    """Return the place of a new experiment in a database.

    Raises
    ------
    StoreError
        If the address is none of a PostgreSQL database.
    """
    _check_url(url)
    word = re.sub(r"[^a-z0-9]+", "_", safe_name(name, limit=40).lower()).strip("_")
    return Server(url, f"flow_{word or 'x'}_{uuid4().hex[:8]}", folder)


def read_server(folder: Path) -> Server | None:
    """Return the database that an experiment names; None where it has a file.

    Raises
    ------
    StoreError
        If the file makes no sense or cannot be read.
    NewerVersionError
        If a newer version of the program wrote it.
    """
    path = folder / SERVER
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The file {path} cannot be read: {error}.",
            remedy="Ask its owner for the right to read it, or put back a copy.",
        ) from error
    try:
        facts = read_yaml(text)
    except YamlTextError as error:
        raise _senseless(path, str(error)) from error
    if not isinstance(facts, dict):
        raise _senseless(path, "it has no keys")
    schema = facts.get("schema")
    if schema != SCHEMA:
        if re.fullmatch(r"bioimageit-flow/store/[0-9]+", str(schema)):
            raise NewerVersionError(
                f"The file {path} was written by a newer version of BioImageIT Flow "
                f"({schema}; this program knows {SCHEMA}).",
                remedy="Install the newest: `pip install --upgrade bioimageit-flow`.",
            )
        raise _senseless(path, f"its schema is {schema!r}, not {SCHEMA!r}")
    url, namespace = str(facts.get("url", "")), str(facts.get("namespace", ""))
    if not _NAMESPACE.fullmatch(namespace):
        raise _senseless(path, f"{namespace!r} is no namespace")
    _check_url(url)
    experiment, is_moved = str(facts.get("experiment", "")), facts.get("moved") is True
    return Server(url, namespace, folder, experiment, is_moved)


def _check_url(url: str) -> None:
    if not url.startswith(_SCHEMES):
        shown = url.partition("://")[0] if "://" in url else "none"
        raise StoreError(
            f"The address of the store is none of a PostgreSQL database (its scheme is "
            f"{shown}).",
            remedy="Write postgresql://USER@HOST/DATABASE.",
        )


def _senseless(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The file {path} makes no sense: {why}.",
        remedy="Put back a copy of it: it says in which database the experiment is.",
    )
