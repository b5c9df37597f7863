"""Other programs to look at images with: napari and Fiji, where they are installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bioimageit_flow.errors import PluginError

NAPARI: Final = "napari"
FIJI: Final = "Fiji"

_FIJI_NAMES: Final = (
    "fiji",
    "fiji-linux-x64",
    "fiji-linux-arm64",
    "fiji-macos",
    "fiji-macos-arm64",
    "fiji-windows-x64",
    "ImageJ-linux64",
    "ImageJ-win64",
    "ImageJ-macosx",
)
_FIJI_FOLDERS: Final = (
    "~/Fiji.app",
    "~/Fiji",
    "~/Applications/Fiji.app",
    "/Applications/Fiji.app",
    "/Applications/Fiji",
    "/opt/Fiji.app",
    "/opt/fiji",
    "C:/Fiji.app",
    "C:/Fiji",
)
_VARIABLES: Final = {NAPARI: "BIOIMAGEIT_FLOW_NAPARI", FIJI: "BIOIMAGEIT_FLOW_FIJI"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program that opens files.

    Attributes
    ----------
    name : str
        ``napari`` or ``Fiji``.
    command : tuple of str
        What starts it; empty where it was not found.
    reason : str
        Where it was looked for, when it was not found.
    """

    name: str
    command: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_there(self) -> bool:
        """Whether it can be started."""
        return bool(self.command)


def programs() -> list[Program]:
    """Return napari and Fiji, each with its command or with why there is none."""
    return [
        _found(NAPARI, ("napari",), ()),
        _found(FIJI, _FIJI_NAMES, _FIJI_FOLDERS),
    ]


def open_in(program: Program, files: Sequence[Path]) -> None:
    """Start a program with files; it lives on without this one.

    Raises
    ------
    PluginError
        If it is not installed, or does not start.
    """
    if not program.is_there:
        raise PluginError(f"{program.name} was not found.", remedy=program.reason)
    command = [*program.command, *(str(file) for file in files)]
    is_windows = sys.platform == "win32"
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=not is_windows,
        )
    except OSError as error:
        raise PluginError(
            f"{program.name} does not start ({error.strerror or error}).",
            remedy=f"Try it in a terminal: {command[0]}",
        ) from error


def _found(name: str, names: Sequence[str], folders: Sequence[str]) -> Program:
    variable = _VARIABLES[name]
    chosen = os.environ.get(variable, "")
    if chosen and shutil.which(chosen):
        return Program(name, (chosen,))
    for one in names:
        place = shutil.which(one)
        if place:
            return Program(name, (place,))
    for folder in folders:
        for inner in ("", "Contents/MacOS"):
            place = shutil.which(
                next(iter(_inside(folder, inner, names)), ""), mode=os.F_OK | os.X_OK
            )
            if place:
                return Program(name, (place,))
    beside = shutil.which(name.lower(), path=str(Path(sys.executable).parent))
    if beside:
        return Program(name, (beside,))
    return Program(
        name,
        reason=f"Install {name} so that it is on the PATH, or name its program in the "
        f"variable {variable}.",
    )


def _inside(folder: str, inner: str, names: Sequence[str]) -> list[str]:
    place = Path(folder).expanduser() / inner
    return [
        str(place / name)
        for one in names
        for name in (one, f"{one}.exe")
        if (place / name).is_file()
    ]
