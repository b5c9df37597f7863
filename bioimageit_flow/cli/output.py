"""What is written to the terminal: lines, tables and JSON.

Names, messages and logs come from files that anybody may have written, so every text
loses its control characters here and none is read as markup. Results go to stdout,
everything said on the way to stderr.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

Part = str | tuple[str, str]
"""A text, or a text with a rich style."""

_GAP = "  "

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    r"""Return a text without anything that could steer a terminal.

    Control characters and marks of writing direction become escapes such as ``\x1b``;
    line feeds and tabs stay.
    """
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def clean_line(text: str) -> str:
    r"""Return a text as `clean` does, with line feeds and tabs escaped too."""
    return clean(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def make_streams_safe() -> None:
    """Let a terminal that cannot show a character show its escape instead of failing.

    Windows consoles and pipes know few characters, and file names may hold bytes that
    are no text at all.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def leave_closed_pipe() -> None:
    """Keep Python from complaining at its end that nobody reads stdout any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def console(stream: TextIO) -> "Console":
    """Return a console that takes every text literally."""
    from rich.console import Console

    class LiteralConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # the default leaves with the code of a fault

    return LiteralConsole(file=stream, markup=False, emoji=False, highlight=False)


def text_of(*parts: Part) -> "Text":
    """Return parts as one text, each cleaned."""
    from rich.text import Text

    text = Text(overflow="fold")
    for part in parts:
        content, style = (part, "") if isinstance(part, str) else part
        text.append(clean(content), style)
    return text


def say(*parts: Part) -> None:
    """Write a line to stdout."""
    _write(sys.stdout, parts)


def tell(*parts: Part) -> None:
    """Write a line to stderr."""
    _write(sys.stderr, parts)


def hint(text: str) -> None:
    """Write to stderr what may be done next."""
    tell((text, "dim"))


def _write(stream: TextIO, parts: Sequence[Part]) -> None:
    console(stream).print(text_of(*parts), soft_wrap=True)


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """Tell on stderr what is going on while something takes long.

    Yields a function that takes further lines: on a terminal each takes the place of
    the one before, and the last is gone at the end; elsewhere each is written.
    """
    err = console(sys.stderr)
    if not err.is_terminal:
        yield tell
        return

    def line(words: str) -> "Text":
        shown = text_of((clean_line(words.strip()), "dim"))
        shown.no_wrap, shown.overflow = True, "ellipsis"
        return shown

    with err.status(line(text)) as status:
        yield lambda words: status.update(line(words))


def show(renderable: "RenderableType") -> None:
    """Draw something on stdout; lines are not cut where it is no terminal."""
    out = console(sys.stdout)
    if not out.is_terminal:
        out.width = 10_000
    out.print(renderable, soft_wrap=False)


def say_json(value: object, *, on_one_line: bool = False) -> None:
    """Write a value as JSON to stdout, in ASCII."""
    text = json.dumps(value, indent=None if on_one_line else 2, default=str)
    sys.stdout.write(text + "\n")
    if on_one_line:
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    is_number : bool
        Whether it is aligned to the right.
    is_whole : bool
        Whether it keeps its width where the terminal is narrow.
    """

    title: str
    style: str = ""
    is_number: bool = False
    is_whole: bool = False


def say_table(columns: Sequence[Column], rows: Iterable[Sequence[Part]]) -> None:
    """Write a table to stdout, with a heading if the columns have titles.

    A terminal gets cells that wrap; anything else gets one line per row, aligned and
    never cut, so that it can be searched and split.
    """
    out = console(sys.stdout)
    if out.is_terminal:
        out.print(_drawn(columns, rows))
        return
    for line in plain_lines(columns, rows):
        sys.stdout.write(line + "\n")


def _drawn(
    columns: Sequence[Column], rows: Iterable[Sequence[Part]]
) -> "RenderableType":
    from rich.table import Table

    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
        show_header=any(column.title for column in columns),
    )
    for column in columns:
        table.add_column(
            text_of(column.title),
            style=column.style,
            justify="right" if column.is_number else "left",
            overflow="fold",
            no_wrap=column.is_whole,
        )
    for row in rows:
        table.add_row(*(text_of(_one_line(cell)) for cell in row))
    return table


def plain_lines(
    columns: Sequence[Column], rows: Iterable[Sequence[Part]]
) -> Iterable[str]:
    """Return a table as lines of text, columns two or more spaces apart."""
    from rich.cells import cell_len

    titles = [column.title for column in columns]
    heading = [titles] if any(titles) else []
    texts = [*heading, *([_content(_one_line(cell)) for cell in row] for row in rows)]
    widths = [max(map(cell_len, cells)) for cells in zip(*texts, strict=True)]
    for row in texts:
        cells = []
        for column, text, width in zip(columns, row, widths, strict=True):
            space = " " * (width - cell_len(text))
            cells.append(space + text if column.is_number else text + space)
        yield _GAP.join(cells).rstrip()


def _one_line(cell: Part) -> Part:
    if isinstance(cell, str):
        return clean_line(cell)
    return clean_line(cell[0]), cell[1]


def _content(cell: Part) -> str:
    return cell if isinstance(cell, str) else cell[0]


def short(path: Path) -> str:
    """Return a path as it is typed here: relative where it lies below."""
    here = Path.cwd()
    place = path.absolute()
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(place)


def clock(seconds: float) -> str:
    """Return a duration as on a stop watch: ``0:42``, ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 item``, ``40 items``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
