"""Where tools are looked for."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import bioimageit_flow
from bioimageit_flow.catalogue.descriptor import TOOL_FILE
from bioimageit_flow.errors import FlowError, PluginError, ToolError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import ToolOrigin
from bioimageit_flow.plugins import Plugin, installed

FOLDERS_VARIABLE = "BIOIMAGEIT_FLOW_TOOLS"
"""Environment variable with further folders, separated as in ``PATH``."""

MAX_DEPTH = 3
MAX_FOLDERS = 5000

_SKIPPED = frozenset({"__pycache__", "tests", "node_modules"})


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with tools.

    Attributes
    ----------
    folder : Path
        Has ``<toolbox>/<tool>/tool.yaml``, or is a toolbox or a tool itself.
    origin : str
        What its tools are called: built-in, user, folder or plug-in.
    """

    folder: Path
    origin: ToolOrigin


def built_in_folder() -> Path | None:
    """Return the folder of the built-in tools: of the wheel, or of the checkout."""
    package = Path(bioimageit_flow.__file__).parent
    checkout = package.parent
    if (package / "nodes").is_dir():
        return package / "nodes"
    if (checkout / "nodes").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / "nodes"
    return None


def user_folder() -> Path:
    """Return the folder of the user's own tools; it need not exist."""
    return platformdirs.user_data_path("bioimageit-flow", appauthor=False) / "tools"


def default_places(extra: Iterable[Path] = ()) -> tuple[list[Place], list[Problem]]:
    """Return all places in the order in which they win, and what is wrong with them.

    Parameters
    ----------
    extra : iterable of Path
        Further folders.
    """
    places: list[Place] = []
    problems: list[Problem] = []
    if (built_in := built_in_folder()) is not None:
        places.append(Place(built_in, "built-in"))
    places.append(Place(user_folder(), "user"))
    named = os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    folders = [Path(name) for name in named if name.strip()]
    places += [
        Place(folder.expanduser().absolute(), "folder") for folder in (*folders, *extra)
    ]
    for plugin in installed("tools"):
        try:
            places.append(Place(_folder_of(plugin), "plug-in"))
        except FlowError as error:
            problems.append(
                Problem(
                    "broken-plugin", Severity.WARNING, error.message, fix=error.remedy
                )
            )
    return places, problems


def _folder_of(plugin: Plugin) -> Path:
    loaded = plugin.load()
    remedy = f"Update or uninstall {plugin.distribution}."
    if callable(loaded):
        try:
            loaded = loaded()
        except Exception as error:
            raise PluginError(
                f"The tools of the plug-in {plugin.name!r} of {plugin.distribution} "
                f"cannot be found: {type(error).__name__}: {error}.",
                remedy=remedy,
            ) from error
    if not isinstance(loaded, str | os.PathLike):
        raise PluginError(
            f"The plug-in {plugin.name!r} of {plugin.distribution} gives a "
            f"{type(loaded).__name__} and not the path of a folder with tools.",
            remedy=remedy,
        )
    return Path(os.fsdecode(loaded)).absolute()


def tool_folders(place: Place) -> Iterator[Path]:
    """Yield the folders with a ``tool.yaml``, sorted, down to three levels.

    Raises
    ------
    ToolError
        If the place is no folder, cannot be read, or is so large that it cannot be
        meant.
    """
    if not place.folder.is_dir():
        if place.origin == "user":
            return
        raise ToolError(
            f"The folder of tools {place.folder} is not there.",
            remedy=f"Correct the path; it comes from --tools, {FOLDERS_VARIABLE} or a "
            "plug-in.",
        )
    level, count = [place.folder], 1
    found: list[Path] = []
    for depth in range(MAX_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            names, has_tool = _look(folder)
            if has_tool:
                found.append(folder)
            below += [folder / name for name in names]
        count += len(below)
        if count > MAX_FOLDERS and depth < MAX_DEPTH:
            raise ToolError(
                f"{place.folder} has more than {MAX_FOLDERS} folders.",
                remedy="Name a folder that has tools only.",
            )
        level = below
    yield from sorted(found)


def _look(folder: Path) -> tuple[list[str], bool]:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError:
        return [], False
    names = [
        entry.name
        for entry in listed
        if not entry.name.startswith(".")
        and entry.name not in _SKIPPED
        and entry.is_dir()
    ]
    return names, any(entry.name == TOOL_FILE for entry in listed)
