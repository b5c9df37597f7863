"""The experiments that this user has worked in, so that a file can be found in them.

A small file among the user's settings. It is a convenience: where it cannot be read or
written, nothing fails.
"""

import json
import logging
import os
from pathlib import Path

import platformdirs

from bioimageit_flow.catalogue.trust import CONFIG_VARIABLE
from bioimageit_flow.stores.layout import is_experiment

__all__ = ["is_experiment", "known_experiments", "remember_experiment"]

_FILE = "experiments.json"
_SCHEMA = "bioimageit-flow/known-experiments/1"
_MOST = 500

_log = logging.getLogger(__name__)


def known_experiments() -> list[Path]:
    """Return the folders of known experiments that are there, the newest first."""
    return [folder for folder in _read() if is_experiment(folder)]


def remember_experiment(folder: Path) -> None:
    """Note that this user works in an experiment."""
    place = folder.absolute()
    known = _read()
    if known[:1] == [place]:
        return
    listed = [place, *(one for one in known if one != place)][:_MOST]
    path = _path()
    text = json.dumps({"schema": _SCHEMA, "experiments": [str(one) for one in listed]})
    unfinished = path.with_name(f".{_FILE}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", errors="surrogateescape")
        unfinished.replace(path)
    except OSError as error:
        _log.debug("%s cannot be written: %s", path, error)


def _path() -> Path:
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser().absolute() / _FILE
    return platformdirs.user_config_path("bioimageit-flow", appauthor=False) / _FILE


def _read() -> list[Path]:
    try:
        text = _path().read_text(encoding="utf-8", errors="surrogateescape")
        value = json.loads(text)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        _log.debug("the list of known experiments cannot be read: %s", error)
        return []
    listed = value.get("experiments") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return []
    return [Path(one) for one in listed if isinstance(one, str)]
