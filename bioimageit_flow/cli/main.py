"""The entry point: runs a command, and says in a sentence what went wrong."""

import gc
import logging
import os
import sys
from collections.abc import Sequence

from bioimageit_flow.cli import PROGRAM, exits
from bioimageit_flow.cli.output import leave_closed_pipe, make_streams_safe, tell
from bioimageit_flow.errors import Cancelled, FlowError

_log = logging.getLogger(__name__)

_SHOWN_NOTES = 50

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the name of the program; by default those of the process.

    Returns
    -------
    int
        What to exit with; see `bioimageit_flow.cli.exits`.
    """
    make_streams_safe()
    # No plug-in of pydantic is ours: looking for some reads what all installed
    # distributions say of themselves.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Modules make objects that stay: looking through them for waste, every 700 of
    # them as is usual, takes a fifth of the start.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        leave_closed_pipe()
        return exits.NOBODY_READS
    except FlowError as error:
        _report(error)
        return error.exit_code
    except KeyboardInterrupt:
        _report(Cancelled("Cancelled."))
        return exits.CANCELLED
    except Exception as error:  # noqa: BLE001 - a user gets a sentence, not a traceback
        _report_fault(error)
        return exits.FAULT
    return code


def _run(arguments: Sequence[str] | None) -> int:
    from typer.main import get_command

    from bioimageit_flow.cli.application import application

    given = None if arguments is None else list(arguments)
    try:
        get_command(application()).main(args=given, prog_name=PROGRAM)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else exits.DONE
    return exits.DONE


def _report(error: FlowError) -> None:
    """Say what happened, to what, and what to do next."""
    _log.debug("stopped by an error", exc_info=error)
    tell(("error: ", "bold red"), error.message)
    if error.remedy:
        tell(("hint:  ", "bold cyan"), error.remedy)
    notes = list(getattr(error, "__notes__", ()))
    if len(notes) == 1 and notes[0] == str(error):
        return
    for note in notes[:_SHOWN_NOTES]:
        tell("  - ", note.replace("\n", "\n    "))
    if len(notes) > _SHOWN_NOTES:
        tell(f"  … and {len(notes) - _SHOWN_NOTES} more")


def _report_fault(error: Exception) -> None:
    _log.debug("the program failed", exc_info=error)
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    tell(("error: ", "bold red"), f"The program failed unexpectedly ({what}).")
    if not _log.isEnabledFor(logging.DEBUG):
        tell(
            ("hint:  ", "bold cyan"),
            "Please report it; the same command with --verbose tells more.",
        )
