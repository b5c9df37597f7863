"""A box plot with every value as a point, the same bytes on every machine."""

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from swarm import swarm_offsets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by everyone (https://jfly.uni-koeln.de/color/)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
INK = "#222222"
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
BOX_WIDTH = 0.56
POINT_DIAMETERS_PT = ((60, 4.2), (200, 3.0), (math.inf, 2.0))  # up to so many points
LETTER_MM = 1.6


@dataclass(frozen=True, slots=True)
class BoxFigure:
    """What a figure shows.

    Attributes
    ----------
    names : sequence of str
        The groups from left to right.
    values : sequence of sequence of float
        The values of each group, at least one.
    title, x_label, y_label : str
        Texts; no title where empty.
    p_text : str
        Shown over a bracket that joins the groups; none where empty.
    note : str
        A small line under the figure; none where empty.
    """

    names: Sequence[str]
    values: Sequence[Sequence[float]]
    title: str
    x_label: str
    y_label: str
    p_text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Size and form of a figure; width and height in mm."""

    width_mm: float
    height_mm: float
    dpi: int
    from_zero: bool
    editable_text: bool


def draw(figure: BoxFigure, look: Look, *, png: Path, svg: Path) -> None:
    """Draw a figure and write it as PNG and as SVG, without a date or a version.

    A box spans the quartiles with the median as a line; whiskers reach the last value
    within 1.5 box heights; every value is a point.
    """
    with _plain_matplotlib(look):
        from matplotlib.figure import Figure

        size = look.width_mm / MM_PER_INCH, look.height_mm / MM_PER_INCH
        page = Figure(figsize=size, layout="constrained")
        axes = page.subplots()
        _boxes(axes, figure)
        _axes(axes, figure, look)
        page.draw_without_rendering()  # settles the layout, which the points need
        page.set_layout_engine("none")
        _points(axes, figure, page.dpi)
        page.savefig(png, format="png", dpi=look.dpi, metadata={"Software": None})
        page.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})


@contextmanager
def _plain_matplotlib(look: Look) -> Iterator[None]:
    """Set matplotlib up without the user's settings and without a folder of its own.

    Matplotlib looks for its folder when it is imported: import it inside only.
    """
    with tempfile.TemporaryDirectory() as settings:
        os.environ["MPLCONFIGDIR"] = settings
        mpl = import_module("matplotlib")
        mpl.rcdefaults()
        with mpl.rc_context(_style(look)):
            yield


def _style(look: Look) -> dict[str, object]:
    return {
        "font.family": "DejaVu Sans",
        "font.size": 8,
        "axes.titlesize": 9,
        "axes.labelsize": 8,
        "xtick.labelsize": 8,
        "ytick.labelsize": 7.5,
        "axes.linewidth": 0.8,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": INK,
        "ytick.color": INK,
        "ytick.major.width": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "svg.hashsalt": "bioimageit-flow",
        "svg.fonttype": "none" if look.editable_text else "path",
    }


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _boxes(axes: "Axes", figure: BoxFigure) -> None:
    places = range(1, len(figure.names) + 1)
    drawn = axes.boxplot(
        [list(values) for values in figure.values],
        positions=list(places),
        widths=BOX_WIDTH,
        showfliers=False,
        patch_artist=True,
        manage_ticks=False,
        medianprops={
            "color": INK,
            "linewidth": 1.6,
            "solid_capstyle": "butt",
            "zorder": 4,  # over the points
        },
        whiskerprops={"linewidth": 0.9},
        capprops={"linewidth": 0.9},
        boxprops={"linewidth": 0.9},
    )
    for i, colour in enumerate(_colours(len(figure.names))):
        drawn["boxes"][i].set(facecolor=f"{colour}26", edgecolor=colour)
        pair = slice(2 * i, 2 * i + 2)
        for line in (*drawn["whiskers"][pair], *drawn["caps"][pair]):
            line.set_color(colour)


def _axes(axes: "Axes", figure: BoxFigure, look: Look) -> None:
    places = list(range(1, len(figure.names) + 1))
    labels = [
        f"{name}\n(n = {len(values)})"
        for name, values in zip(figure.names, figure.values, strict=True)
    ]
    longest_mm = max(len(name) for name in figure.names) * LETTER_MM
    is_crowded = len(places) * longest_mm > 0.85 * look.width_mm
    axes.set_xticks(
        places,
        labels,
        rotation=35 if is_crowded else 0,
        rotation_mode="anchor" if is_crowded else "default",
        ha="right" if is_crowded else "center",
    )
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(0.4, len(places) + 0.6)
    axes.set_xlabel(figure.x_label)
    axes.set_ylabel(figure.y_label)
    axes.yaxis.grid(visible=True, color="#E3E3E3", linewidth=0.6)
    if figure.title:
        axes.set_title(figure.title)
    if figure.note:
        axes.figure.supxlabel(figure.note, fontsize=6.5, color="#666666")
    _value_range(axes, figure, look)


def _value_range(axes: "Axes", figure: BoxFigure, look: Look) -> None:
    every = [value for values in figure.values for value in values]
    low, high = min(every), max(every)
    if look.from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    span = (high - low) or abs(high) or 1.0
    top = high + span * (0.2 if figure.p_text else 0.06)
    axes.set_ylim(low - span * (0.0 if look.from_zero and low == 0 else 0.06), top)
    if all(float(value).is_integer() for value in every):
        axes.locator_params(axis="y", integer=True)
    if figure.p_text:
        bar, foot = high + span * 0.1, high + span * 0.075
        last = len(figure.names)
        axes.plot([1, 1, last, last], [foot, bar, bar, foot], color=INK, linewidth=0.9)
        axes.text(
            (1 + last) / 2, bar + span * 0.015, figure.p_text, ha="center", va="bottom"
        )


def _points(axes: "Axes", figure: BoxFigure, dpi: float) -> None:
    """Put each value beside its like, in units of the page, so that none is hidden."""
    per_point = POINTS_PER_INCH / dpi
    box = axes.get_window_extent()
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    across_pt = box.width * per_point / (right - left)
    up_pt = box.height * per_point / (top - bottom)
    most = max(len(values) for values in figure.values)
    diameter_pt = next(size for limit, size in POINT_DIAMETERS_PT if most <= limit)
    for i, colour in enumerate(_colours(len(figure.names))):
        values = figure.values[i]
        offsets = swarm_offsets(
            [value * up_pt for value in values],
            diameter_pt * 1.06,
            BOX_WIDTH / 2 * 1.25 * across_pt,
        )
        axes.scatter(
            [i + 1 + offset / across_pt for offset in offsets],
            values,
            s=diameter_pt**2,
            color=colour,
            alpha=0.75,
            linewidths=0.4,
            edgecolors="white",
            zorder=3,
            clip_on=False,
        )
