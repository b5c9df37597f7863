"""What a user has chosen for this machine: where jobs run, and what they may use.

A small file among the user's settings. What is chosen takes effect through the same
environment variables that somebody would set by hand, so that runs that are started as
processes of their own obey it too; a variable that is set by hand wins.
"""

import json
import logging
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import FOLDERS_VARIABLE
from bioimageit_flow.catalogue.trust import CONFIG_VARIABLE
from bioimageit_flow.errors import DataError
from bioimageit_flow.executors.local import CPUS_VARIABLE, MEMORY_VARIABLE
from bioimageit_flow.session.shared_folder import chosen_share, opened_share
from bioimageit_flow.stores.shared_results import VARIABLE as SHARED_VARIABLE

if TYPE_CHECKING:
    from bioimageit_flow.session.machine import Session

FILE: Final = "machine.json"
SCHEMA: Final = "bioimageit-flow/machine/1"

_ENGINE: Final = "DOCKER_HOST"
_WORK: Final = "BIOIMAGEIT_FLOW_WORK"
_CACHE: Final = "BIOIMAGEIT_FLOW_CACHE"

_VARIABLES: Final = (
    _ENGINE,
    CPUS_VARIABLE,
    MEMORY_VARIABLE,
    FOLDERS_VARIABLE,
    _WORK,
    _CACHE,
    SHARED_VARIABLE,
)

RUNTIMES: Final = ("auto", "container", "environment")

_log = logging.getLogger(__name__)
_by_us: dict[str, str] = {}
"""The variables that `apply` set, so that a later choice can change them."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Choices of one user on one machine; empty and None mean the program's own.

    Attributes
    ----------
    runtime : str
        ``auto``, ``container`` or ``environment``.
    engine : str
        Address of the container engine, such as ``unix:///run/docker.sock``.
    cpus : int or None
        How many processors the jobs of a run use together.
    memory_gb : float or None
        How much memory they use together, in units of 10^9 bytes.
    tool_folders : tuple of str
        Further folders with tools.
    work_folder : str
        Where jobs work.
    cache_folder : str
        Where environments are installed.
    shared_folder : str
        Where experiments share results.
    """

    runtime: str = "auto"
    engine: str = ""
    cpus: int | None = None
    memory_gb: float | None = None
    tool_folders: tuple[str, ...] = field(default_factory=tuple)
    work_folder: str = ""
    cache_folder: str = ""
    shared_folder: str = ""

    def checked(self) -> "Preferences":
        """Return the choices if they can be obeyed.

        Raises
        ------
        DataError
            If one cannot; says which.
        StoreError
            If results cannot be shared in the folder that is chosen for it.
        """
        if self.runtime not in RUNTIMES:
            raise DataError(
                f"There is no runtime {self.runtime!r}.",
                remedy=f"Choose among {', '.join(RUNTIMES)}.",
            )
        if self.engine and "://" not in self.engine:
            raise DataError(
                f"{self.engine!r} is no address of a container engine.",
                remedy="Write it such as unix:///var/run/docker.sock or "
                "tcp://host:2376.",
            )
        for words, path in (
            *(("folder of tools", one) for one in self.tool_folders),
            ("work folder", self.work_folder),
            ("cache folder", self.cache_folder),
        ):
            if path and not Path(path).expanduser().is_dir():
                raise DataError(
                    f"The {words} {path} is not there.",
                    remedy="Make it, or choose another.",
                )
        opened_share(chosen_share(self.shared_folder))
        return self

    def variables(self) -> dict[str, str]:
        """Return the environment variables that say the same."""
        folders = os.pathsep.join(self.tool_folders)
        memory = "" if self.memory_gb is None else str(int(self.memory_gb * 1e9))
        found = {
            _ENGINE: self.engine,
            CPUS_VARIABLE: "" if self.cpus is None else str(self.cpus),
            MEMORY_VARIABLE: memory,
            FOLDERS_VARIABLE: folders,
            _WORK: self.work_folder,
            _CACHE: self.cache_folder,
            SHARED_VARIABLE: self.shared_folder,
        }
        return {name: value for name, value in found.items() if value}


def load_preferences() -> Preferences:
    """Return what was chosen; nothing where the file is not there or damaged."""
    path = preferences_path()
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read: %s", path, error)
        return Preferences()
    return _of(facts if isinstance(facts, dict) else {})


def save_preferences(chosen: Preferences) -> None:
    """Keep what was chosen.

    Raises
    ------
    DataError, StoreError
        If it cannot be obeyed, or the file cannot be written.
    """
    path = preferences_path()
    half = path.with_name(f".{FILE}.{os.getpid()}")
    text = json.dumps({"schema": SCHEMA, **asdict(chosen.checked())}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror}).",
            remedy="See that you may write there.",
        ) from error


def apply_preferences(
    chosen: Preferences, environ: MutableMapping[str, str] | None = None
) -> tuple[str, ...]:
    """Make the choices take effect in this process and those that it starts.

    Returns
    -------
    tuple of str
        Names of variables that somebody set by hand, which win.
    """
    environ = os.environ if environ is None else environ
    for name, value in _by_us.items():
        if environ.get(name) == value:
            del environ[name]
    _by_us.clear()
    by_hand = []
    for name, value in chosen.variables().items():
        if environ.get(name):
            by_hand.append(name)
        else:
            environ[name] = value
            _by_us[name] = value
    return tuple(by_hand)


def reread_tools(session: "Session") -> None:
    """Look for tools in the folders that are named now."""
    fresh = Catalogue.default(session.tool_folders)
    session.catalogue.places = fresh.places
    session.catalogue.refresh()


def set_by_hand(environ: MutableMapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of settings that were set outside the program."""
    environ = os.environ if environ is None else environ
    return {
        name: environ[name]
        for name in _VARIABLES
        if environ.get(name) and _by_us.get(name) != environ[name]
    }


def preferences_path() -> Path:
    """Return the file in which the choices are kept."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser().absolute() / FILE
    return platformdirs.user_config_path("bioimageit-flow", appauthor=False) / FILE


def _of(facts: dict[str, Any]) -> Preferences:
    """Return the choices that a file holds; one that makes no sense is left out."""
    texts = {"runtime", "engine", "work_folder", "cache_folder", "shared_folder"}
    found: dict[str, Any] = {}
    for one in fields(Preferences):
        value = facts.get(one.name)
        if one.name in texts and isinstance(value, str):
            found[one.name] = value
        elif one.name == "tool_folders" and isinstance(value, list):
            found[one.name] = tuple(str(path) for path in value)
        elif one.name == "cpus" and type(value) is int and value > 0:
            found[one.name] = value
        elif one.name == "memory_gb" and isinstance(value, int | float) and value > 0:
            found[one.name] = float(value)
    return Preferences(**found)
