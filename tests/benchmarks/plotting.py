"""A plot of what was measured, as SVG: bars of seconds on a logarithmic scale."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from tests.benchmarks.measuring import Row

_LINE = 20
_LEFT = 330
_WIDTH = 460
_RIGHT = 170
_COLOURS = ("#2c7fb8", "#7fcdbb", "#fd8d3c", "#bd0026", "#756bb1", "#636363")


def write_plot(path: Path, rows: Sequence[Row]) -> None:
    """Write a plot of some rows; one group of bars for each benchmark."""
    path.write_text(svg_of(rows), encoding="utf-8")


def svg_of(rows: Iterable[Row]) -> str:
    """Return the SVG text of a plot."""
    shapes: list[str] = []
    y = 10
    for part, found in groupby(rows, key=lambda row: row.part):
        group = [row for row in found if row.took.wall_s > 0]
        if not group:
            continue
        y += 2 * _LINE
        shapes.append(f'<text x="10" y="{y - 8}" class="part">{escape(part)}</text>')
        times = [row.took.wall_s for row in group]
        least, most = _decades(min(times), max(times))
        shapes += _scale(least, most, y, y + _LINE * len(group))
        names = list(dict.fromkeys(row.name for row in group))
        for row in group:
            colour = _COLOURS[names.index(row.name) % len(_COLOURS)]
            shapes += _bar(row, _place(row.took.wall_s, least, most), y, colour)
            y += _LINE
        y += _LINE
    width, height = _LEFT + _WIDTH + _RIGHT, y + 10
    style = (
        "text { font: 12px sans-serif; fill: #222 } .part { font-weight: bold } "
        ".scale { fill: #888; font-size: 10px } line { stroke: #ddd }"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(shapes)}</svg>\n'
    )


def _decades(least: float, most: float) -> tuple[int, int]:
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return low, max(high, low + 1)


def _place(seconds: float, least: int, most: int) -> float:
    return _WIDTH * (math.log10(seconds) - least) / (most - least)


def _scale(least: int, most: int, top: int, bottom: int) -> list[str]:
    shapes = []
    for power in range(least, most + 1):
        x = _LEFT + _WIDTH * (power - least) / (most - least)
        shapes.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>')
        shapes.append(
            f'<text x="{x:.1f}" y="{bottom + 12}" text-anchor="middle" '
            f'class="scale">{10.0**power:g} s</text>'
        )
    return shapes


def _bar(row: Row, length: float, y: int, colour: str) -> list[str]:
    ratio = "" if row.ratio is None else f" ({row.ratio:.3g})"
    name = escape(f"{row.name}, {row.count:,}")
    middle = y + _LINE - 6
    return [
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{name}</text>',
        f'<rect x="{_LEFT}" y="{y + 3}" width="{max(length, 1):.1f}" '
        f'height="{_LINE - 6}" fill="{colour}"/>',
        f'<text x="{_LEFT + max(length, 1) + 6:.1f}" y="{middle}">'
        f"{row.took.wall_s:.3g} s{ratio}</text>",
    ]
