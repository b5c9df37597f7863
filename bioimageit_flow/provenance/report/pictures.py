"""Pictures in a report: figures and contact sheets, as data URIs."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats import read_scalar, read_table
from bioimageit_flow.formats.thumbnail import make_thumbnail
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import Content, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind

Find = Callable[[Content], Path]

_MAX_FIGURE_BYTES = 8 * 2**20
_MIMES = {"png": "image/png", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One result as it is shown.

    Attributes
    ----------
    picture : str
        A data URI; empty where there is none.
    facts : tuple of tuple of str
        Names and values: of a scalar.
    columns, rows : tuple
        The head of a table, as texts.
    row_count : int
        How many rows it has in all.
    problem : str
        Why it cannot be shown.
    """

    name: str
    caption: str
    picture: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    row_count: int = 0
    problem: str = ""


def caption_of(view: Mapping[str, object]) -> str:
    """Return the annotations of an item in a line."""
    return ", ".join(
        f"{key} {value}"
        for key, value in sorted(view.items())
        if not isinstance(value, Conflict)
    )


def show(
    items: Sequence[Item],
    views: Mapping[ItemId, View],
    find: Find,
    *,
    most: int,
    pixels: int,
    rows: int,
) -> list[Shown]:
    """Return some results as they are shown; of many those that lie evenly apart."""
    return [
        _shown(item, caption_of(views.get(item.id, {})), find, pixels, rows)
        for item in _spread(items, most)
    ]


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """Return so many items at most, from all over the list: of every condition."""
    if len(items) <= most:
        return list(items)
    return [items[n * len(items) // most] for n in range(most)]


def _shown(item: Item, caption: str, find: Find, pixels: int, rows: int) -> Shown:
    try:
        path = find(item.content)
        return _content(item, caption, path, pixels, rows)
    except FlowError as error:
        return Shown(item.name, caption, problem=error.message)
    except OSError as error:
        return Shown(item.name, caption, problem=f"{error.strerror}: {item.name}")


def _content(item: Item, caption: str, path: Path, pixels: int, rows: int) -> Shown:
    kind, form = item.info.kind, item.info.format
    if form in _MIMES and kind is not Kind.LABELS:
        if path.stat().st_size > _MAX_FIGURE_BYTES:
            return Shown(item.name, caption, problem="the figure is too large to show")
        return Shown(item.name, caption, _uri(_MIMES[form], path.read_bytes()))
    if kind.is_pixels:
        data = make_thumbnail(path, item.selector, kind=kind, size=pixels)
        return Shown(item.name, caption, _uri("image/png", data))
    if kind.is_tabular:
        table = read_table(path)
        return Shown(
            item.name,
            caption,
            columns=table.columns,
            rows=tuple(tuple(map(_cell, row)) for row in table.rows[:rows]),
            row_count=len(table),
        )
    if kind is Kind.SCALAR:
        scalar = read_scalar(path)
        return Shown(
            item.name,
            caption,
            facts=tuple(
                (str(name).replace("_", " "), _cell(value))
                for name, value in scalar.items()
                if value is not None and value != ""
            ),
        )
    return Shown(item.name, caption)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _uri(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{b64encode(data).decode('ascii')}"
