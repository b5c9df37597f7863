"""The command that opens the window; the only one that loads Qt."""

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.errors import FlowError, WorkflowError

_PARTS = ("PySide6", "NodeGraphQt")


def edit(
    workflow: Annotated[
        Path | None,
        typer.Argument(
            metavar="[WORKFLOW]",
            help="What to open: a workflow file, a picture or a shared archive.",
        ),
    ] = None,
    experiment: Annotated[
        Path | None,
        typer.Option(
            "--experiment",
            "-e",
            metavar="FOLDER",
            help="The experiment that the commands shown in the window name.",
        ),
    ] = None,
) -> None:
    """Open the editor: draw, tune and share workflows."""
    _require_window()
    if workflow is not None and not workflow.exists():
        raise WorkflowError(
            f"There is no file {workflow}.",
            remedy="Check the path, or start without one and press New.",
        )
    from bioimageit_flow.gui.opening import open_editor

    raise typer.Exit(open_editor(workflow, experiment))


def _require_window() -> None:
    """Raise `FlowError` where no window can be opened."""
    missing = [name for name in _PARTS if importlib.util.find_spec(name) is None]
    if missing:
        raise FlowError(
            f"The editor is not installed ({' and '.join(missing)} missing).",
            remedy="Install it with: pip install 'bioimageit-flow[gui]'",
        )
    if not _has_display():
        raise FlowError(
            "There is no display on which a window could open.",
            remedy="Start it on a desktop, or connect with `ssh -X`; all else works "
            "from the command line.",
        )


def _has_display() -> bool:
    """Say whether Qt will find a display; where it finds none, it ends the process."""
    if os.environ.get("QT_QPA_PLATFORM") or sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    host, _, number = display.rpartition(":")
    if not display or host not in ("", "unix"):
        return bool(display)
    path = f"/tmp/.X11-unix/X{number.partition('.')[0]}"
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0 or probe.connect_ex(f"\0{path}") == 0


COMMANDS = (
    Spec("edit", edit, ("edit", "edit count.flow.yaml --experiment my-experiment")),
)
