"""What the editor remembers of its user: looks, keys, recent files, favourites."""

import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_LOG = logging.getLogger(__name__)

FILE = "editor.json"
MAX_RECENT_FILES = 20
MAX_RECENT_TOOLS = 12


class RecentFile(BaseModel):
    """A workflow that was open."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: Path
    name: str = ""


class Settings(BaseModel):
    """Everything that is remembered.

    Attributes
    ----------
    theme : str
        ``system``, ``dark``, ``light`` or ``contrast``.
    language : str
        ``system``, or a code such as ``fr``.
    font_scale : float
        A factor on the size of all texts.
    snaps : bool
        Whether boxes snap to the grid.
    shows_minimap : bool
        Whether the minimap is shown.
    shortcuts : dict
        The user's keys by command.
    favourites, recent_tools : tuple of str
        Ids of tools, without version.
    recent_files : tuple of RecentFile
        The last one first.
    tutorial_seen : bool
        Whether the tutorial was finished or put away.
    window : dict
        What the window keeps of itself, as texts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: str = "system"
    language: str = "system"
    font_scale: float = Field(default=1.0, ge=0.5, le=3.0)
    snaps: bool = True
    shows_minimap: bool = True
    shortcuts: dict[str, str] = {}
    favourites: tuple[str, ...] = ()
    recent_tools: tuple[str, ...] = ()
    recent_files: tuple[RecentFile, ...] = ()
    tutorial_seen: bool = False
    window: dict[str, str] = {}


def load_settings(folder: Path) -> Settings:
    """Return what is remembered in a folder.

    A file that cannot be read costs what is in it, never the start: it is set aside as
    ``editor.json.broken``.
    """
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        _LOG.warning("the settings %s cannot be read: %s", path, error)
        return Settings()
    try:
        return _of(json.loads(text))
    except (ValueError, RecursionError) as error:
        _LOG.warning("the settings %s are malformed: %s", path, error)
        try:
            path.replace(path.with_name(f"{FILE}.broken"))
        except OSError as failure:
            _LOG.warning("they cannot be set aside: %s", failure)
        return Settings()


def _of(value: object) -> Settings:
    if not isinstance(value, dict):
        raise ValueError("it holds no mapping")
    plain: dict[str, Any] = dict(value)
    for _ in range(len(plain) + 1):
        try:
            return Settings.model_validate(plain)
        except ValidationError as error:
            for detail in error.errors():  # one bad value does not cost the others
                plain.pop(str(detail["loc"][0]), None)
    return Settings()


def save_settings(settings: Settings, folder: Path) -> bool:
    """Write what is remembered, all or nothing; False if it cannot be written."""
    path = folder / FILE
    temporary = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        _LOG.warning("the settings cannot be saved: %s", error)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        return False
    return True


def toggled(favourites: tuple[str, ...], id_: str) -> tuple[str, ...]:
    """Return favourites with a tool that was none, or without one that was."""
    if id_ in favourites:
        return tuple(one for one in favourites if one != id_)
    return (*favourites, id_)


def with_tool(known: tuple[str, ...], id_: str) -> tuple[str, ...]:
    """Return the tools used lately, one of them the last."""
    others = (one for one in known if one != id_)
    return (id_, *others)[:MAX_RECENT_TOOLS]


def with_file(
    known: tuple[RecentFile, ...], latest: RecentFile
) -> tuple[RecentFile, ...]:
    """Return the files opened lately, one of them the last."""
    others = (one for one in known if one.path != latest.path)
    return (latest, *others)[:MAX_RECENT_FILES]
