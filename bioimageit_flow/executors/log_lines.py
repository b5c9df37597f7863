"""The last lines of a job's log that say something."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bioimageit_flow.runtimes.job_output import clean_line

TAIL_BYTES = 2**16
LINES = 4
LONGEST = 300

_FRAME = re.compile(r"\s*File \".*\", line \d+|\s*at [\w.$<>/]+\(.*\)\s*$")
_NOISE = re.compile(
    r"""
    Traceback\ \(most\ recent\ call\ last\)
    | During\ handling\ of\ the\ above\ exception
    | The\ above\ exception\ was\ the\ direct\ cause
    | \s*[\^~]+\s*$                              # marks below a line of code
    | \s*\.\.\.\ \d+\ (more|common\ frames)      # Java
    | \s*\[Previous\ line\ repeated
    | \s*\[\[\d+/\d+\]\]                         # progress of ours
    | .*\d+%\|.*\|                               # progress of tqdm
    | .*\b\w*Warning:\s
    | \s*warnings\.warn\(
    | [\s\-=_*#.]*$
    """,
    re.VERBOSE,
)


def last_lines(log: Path) -> str:
    """Return the last useful lines of a log, joined by `` | ``; empty if none is.

    Frames of tracebacks, warnings and progress are left out, unless there is nothing
    else. Control characters and escape sequences are gone.
    """
    lines = useful_lines(log)
    return " | ".join(_short(" ".join(line.split())) for line in lines[-LINES:])


def useful_lines(log: Path) -> list[str]:
    """Return the useful lines at the end of a log; all of them if none is useful."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            raw = file.read()
    except OSError:
        return []
    lines = [clean_line(line) for line in re.split(rb"\r\n|\n|\r", raw)]
    lines = [line for line in lines if line.strip()]
    return list(_distinct(_without_noise(lines))) or list(_distinct(lines))


def _without_noise(lines: Iterable[str]) -> Iterator[str]:
    is_code = False
    for line in lines:
        if _FRAME.match(line):
            is_code = True
            continue
        if is_code and line.startswith("    "):
            continue  # the code of a frame, which stands below it
        is_code = False
        if not _NOISE.match(line):
            yield line


def _distinct(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what only repeats the line before."""
    before = None
    for line in lines:
        if line != before:
            yield line
        before = line


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
