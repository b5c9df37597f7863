"""Progress from a tool in any language: a line ``[[3/10]] text`` on stdout."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"\[\[(\d{1,9})/(\d{1,9})\]\]\s*(.{0,200})")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come."""

    done: int
    of: int
    text: str = ""


def parse_progress(line: str) -> Progress | None:
    """Return the progress that a line tells, None if it tells none."""
    match = _LINE.match(line)
    if not match or int(match[2]) == 0:
        return None
    return Progress(min(int(match[1]), int(match[2])), int(match[2]), match[3])
