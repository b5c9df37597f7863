"""Small pieces of HTML, with which values show themselves in notebooks.

Names, annotations and messages come from files that anybody may have written, so every
text is escaped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_CELL = 'style="text-align:left;vertical-align:middle"'


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is safe already."""

    html: str


Cell = object
"""`Markup` as it is; everything else as escaped text."""


def text(value: Cell) -> str:
    """Return a value as HTML."""
    if isinstance(value, Markup):
        return value.html
    return escape("" if value is None else str(value))


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table."""
    head = "".join(f"<th {_CELL}>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td {_CELL}>{text(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def facts(title: str, pairs: Iterable[tuple[str, Cell]]) -> str:
    """Return a title with facts below it."""
    body = "".join(
        f"<tr><th {_CELL}>{escape(name)}</th><td {_CELL}>{text(value)}</td></tr>"
        for name, value in pairs
    )
    return f"<div><b>{escape(title)}</b><table><tbody>{body}</tbody></table></div>"


def bar(done: int, of: int, words: str = "") -> str:
    """Return a progress bar with words beside it."""
    share = 100.0 * min(done, of) / of if of else 0.0
    return (
        '<div style="display:flex;align-items:center;gap:8px">'
        '<div style="width:240px;height:10px;border:1px solid #999;border-radius:3px">'
        f'<div style="width:{share:.1f}%;height:100%;background:#3c8a56"></div></div>'
        f"<span>{done} / {of} {escape(words)}</span></div>"
    )
