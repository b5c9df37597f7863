"""Who uses the program: ``person.json`` among the user's settings.

The ORCID goes into the records of runs, and all of it into crates.
"""

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import platformdirs

from bioimageit_flow.catalogue.trust import CONFIG_VARIABLE
from bioimageit_flow.errors import DataError

_FILE = "person.json"

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """The user, as they want to be named.

    Attributes
    ----------
    orcid : str
        Such as ``0000-0002-1825-0097``.
    affiliation, ror : str
        Where they work, and the ROR of that place.
    """

    name: str = ""
    orcid: str = ""
    affiliation: str = ""
    ror: str = ""


def read_person() -> Person:
    """Return the user as they said; empty where they did not, or it is damaged."""
    try:
        value = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Person()
    except (OSError, ValueError) as error:
        _LOGGER.warning("%s cannot be read: %s", _path(), error)
        return Person()
    if not isinstance(value, dict):
        return Person()
    known = {field.name for field in fields(Person)}
    return Person(**{k: str(v) for k, v in value.items() if k in known})


def write_person(person: Person) -> None:
    """Keep who the user is.

    Raises
    ------
    DataError
        If the ORCID is none, or it cannot be written.
    """
    from bioimageit_flow.model.study import is_orcid

    if person.orcid and not is_orcid(person.orcid):
        raise DataError(
            f"{person.orcid!r} is no ORCID: its check digit is wrong.",
            remedy="Copy it from https://orcid.org, such as 0000-0002-1825-0097.",
        )
    path = _path()
    unfinished = path.with_name(f".{_FILE}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(person), indent=1), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror or error}).",
            remedy=f"Name another folder for settings in {CONFIG_VARIABLE}.",
        ) from error


def _path() -> Path:
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser().absolute() / _FILE
    return platformdirs.user_config_path("bioimageit-flow", appauthor=False) / _FILE
