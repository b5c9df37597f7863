"""Where packages come from: the settings of pip, handed on to uv.

Who works behind a mirror or a proxy has told pip so, by environment variables or in its
configuration files. uv reads neither, so they are translated; what uv has been told
itself comes first.
"""

import configparser
import os
import sys
from collections.abc import Mapping
from pathlib import Path

# pip's option, pip's variable, uv's variables that say the same (the first is set).
_NAMES = (
    ("index-url", "PIP_INDEX_URL", ("UV_DEFAULT_INDEX", "UV_INDEX_URL")),
    ("extra-index-url", "PIP_EXTRA_INDEX_URL", ("UV_INDEX", "UV_EXTRA_INDEX_URL")),
    ("find-links", "PIP_FIND_LINKS", ("UV_FIND_LINKS",)),
    ("trusted-host", "PIP_TRUSTED_HOST", ("UV_INSECURE_HOST",)),
    ("cert", "PIP_CERT", ("SSL_CERT_FILE",)),
)
# Lists are separated by white space in pip; uv wants commas for these.
_COMMAS = {"UV_FIND_LINKS"}

# What would turn uv to another interpreter or project than the one it is given.
_UNWANTED = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONPATH",
    "PYTHONHOME",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_REQUIRE_HASHES",
    "UV_NO_BINARY",
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
)


def uv_variables(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment that uv runs in.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Environment variables; those of this process by default.
    """
    variables = dict(os.environ if environ is None else environ)
    options = _pip_options(variables)
    for option, pip_name, uv_names in _NAMES:
        value = variables.get(pip_name) or options.get(option, "")
        if not value or any(variables.get(name) for name in uv_names):
            continue
        if option in ("extra-index-url", "find-links", "trusted-host"):
            separator = "," if uv_names[0] in _COMMAS else " "
            value = separator.join(value.split())
        variables[uv_names[0]] = value
    # pip looks for the highest version everywhere; uv stays with the first index that
    # has a package at all. The hashes of the lock decide what is good.
    variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for name in _UNWANTED:
        variables.pop(name, None)
    return variables


def is_without_index(environ: Mapping[str, str] | None = None) -> bool:
    """Say whether pip was told to ask no index; uv has no variable for that."""
    environ = os.environ if environ is None else environ
    said = environ.get("PIP_NO_INDEX") or _pip_options(environ).get("no-index", "")
    return said.strip().lower() in ("1", "true", "yes", "on")


def _pip_options(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's configuration files, the closest file winning.

    Source: https://pip.pypa.io/en/stable/topics/configuration/
    """
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return {}
    files = [*_pip_files(environ), *([Path(named)] if named else [])]
    options: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself would refuse it; it says nothing to us
        for section in ("global", "install"):
            if parser.has_section(section):
                options.update(parser.items(section))
    return options


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if sys.platform == "win32":
        shared = Path(environ.get("PROGRAMDATA", r"C:\ProgramData"))
        own = Path(environ.get("APPDATA") or home)
        name = "pip.ini"
        places = [shared / "pip" / name, home / "pip" / name, own / "pip" / name]
    else:
        name = "pip.conf"
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        places = [
            Path("/etc") / name,
            home / ".pip" / name,
            config / "pip" / name,
        ]
        if sys.platform == "darwin":
            support = "Library/Application Support/pip"
            places = [Path("/") / support / name, *places, home / support / name]
    return [*places, Path(sys.prefix) / name]
