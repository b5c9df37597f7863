"""Graphs as SVG pictures: boxes in columns from left to right, and curves between.

A small drawing of our own: no other program, font or network is needed to see it, and
the same graph gives the same picture.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

_COLOURS = {
    "data": ("#e8f1fb", "#4a7fb5"),
    "tool": ("#f2f2f2", "#777777"),
    "result": ("#e6f4ea", "#3c8a56"),
    "failed": ("#fbe9e7", "#c0392b"),
    "more": ("#ffffff", "#bbbbbb"),
}
_LETTER, _LINE, _MARGIN = 6.6, 16, 10
_ACROSS, _DOWN = 56, 18
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes
    ----------
    id : str
        By which edges know it.
    title : str
        Its first line.
    lines : tuple of str
        Smaller lines below.
    look : str
        ``data``, ``tool``, ``result``, ``failed`` or ``more``.
    """

    id: str
    title: str
    lines: tuple[str, ...] = ()
    look: str = "tool"

    @property
    def width(self) -> float:
        """In pixels."""
        longest = max(_width(_cut(text)) for text in (self.title, *self.lines))
        return longest * _LETTER + 2 * _MARGIN

    @property
    def height(self) -> float:
        """In pixels."""
        return (1 + len(self.lines)) * _LINE + 2 * _MARGIN - 4


def draw_graph(
    boxes: Sequence[Box], edges: Iterable[tuple[str, str]], *, title: str
) -> str:
    """Return a picture of a graph as the text of an SVG.

    Parameters
    ----------
    boxes : sequence of Box
        At least one.
    edges : iterable of tuple of str
        From the id of a box to that of another; they make no circle.
    title : str
        What the picture shows, for those who cannot see it.
    """
    known = {box.id: box for box in boxes}
    wires = sorted({(a, b) for a, b in edges if a in known and b in known and a != b})
    columns = _columns(list(known), wires)
    places, width, height = _placed(columns, known)
    curves = [_curve(places[a], known[a], places[b], known[b]) for a, b in wires]
    drawn = [_box(box, *places[box.id]) for box in known.values()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" '
            f'height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="12">',
            f"<title>{_text(title)}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *curves,
            *drawn,
            "</svg>",
            "",
        ]
    )


def _columns(ids: Sequence[str], wires: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Put each box one column behind the last one that leads to it."""
    before: dict[str, list[str]] = {one: [] for one in ids}
    for a, b in wires:
        before[b].append(a)
    depth = dict.fromkeys(ids, 0)
    for _ in ids:  # a circle, which should not be, ends here as well
        moved = False
        for one in ids:
            wanted = max((depth[a] + 1 for a in before[one]), default=0)
            if wanted > depth[one] and wanted < len(ids):
                depth[one], moved = wanted, True
        if not moved:
            break
    after: dict[str, list[int]] = {one: [] for one in ids}
    for a, b in wires:
        after[a].append(depth[b])
    for one in ids:  # what begins a path stands right before what takes it
        if not before[one] and after[one]:
            depth[one] = min(after[one]) - 1
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for one in ids:
        columns[depth[one]].append(one)
    for left, right in pairwise(columns):
        rank = {one: n for n, one in enumerate(left)}
        right.sort(key=lambda one: _middle([rank.get(a) for a in before[one]]))
    return columns


def _middle(ranks: Sequence[int | None]) -> float:
    known = [rank for rank in ranks if rank is not None]
    return sum(known) / len(known) if known else 0.0


def _placed(
    columns: Sequence[Sequence[str]], known: Mapping[str, Box]
) -> tuple[dict[str, tuple[float, float]], float, float]:
    heights = [
        sum(known[one].height + _DOWN for one in column) - _DOWN for column in columns
    ]
    height = max(heights, default=0.0) + 2 * _DOWN
    places: dict[str, tuple[float, float]] = {}
    x = float(_DOWN)
    for column, own in zip(columns, heights, strict=True):
        y = (height - own) / 2
        for one in column:
            places[one] = (x, y)
            y += known[one].height + _DOWN
        x += max((known[one].width for one in column), default=0.0) + _ACROSS
    return places, x - _ACROSS + _DOWN, height


def _curve(a: tuple[float, float], one: Box, b: tuple[float, float], other: Box) -> str:
    x1, y1 = a[0] + one.width, a[1] + one.height / 2
    x2, y2 = b[0], b[1] + other.height / 2
    bend = max((x2 - x1) / 2, 20)
    return (
        f'<path d="M{x1:.1f},{y1:.1f} C{x1 + bend:.1f},{y1:.1f} {x2 - bend:.1f},'
        f'{y2:.1f} {x2:.1f},{y2:.1f}" fill="none" stroke="#999999" stroke-width="1.4"/>'
    )


def _box(box: Box, x: float, y: float) -> str:
    fill, stroke = _COLOURS[box.look]
    lines = [
        f'<text x="{x + _MARGIN:.1f}" y="{y + _MARGIN + 9:.1f}" font-weight="bold">'
        f"{_text(_cut(box.title))}</text>"
    ]
    lines += [
        f'<text x="{x + _MARGIN:.1f}" y="{y + _MARGIN + 9 + n * _LINE:.1f}" '
        f'font-size="11" fill="#444444">{_text(_cut(line))}</text>'
        for n, line in enumerate(box.lines, 1)
    ]
    shape = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5" fill="{fill}" stroke="{stroke}"/>'
    )
    whole = "\n".join((box.title, *box.lines))
    label = f"<title>{_text(whole)}</title>"
    return f"<g data-id={quoteattr(_plain(box.id))}>{label}{shape}{''.join(lines)}</g>"


def _text(text: str) -> str:
    return escape(_plain(text))


def _plain(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(
        one if one == "\n" or (one.isprintable() and one < "\ufffe") else "\ufffd"
        for one in text
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _width(text: str) -> float:
    return sum(1.9 if east_asian_width(one) in "WF" else 1.0 for one in text)
