"""Colours by what they are for, for pictures that are drawn without a window."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.model.kinds import Kind

TINTS = (
    "#3d7fd0",
    "#2f9e7a",
    "#c27c2c",
    "#8f63c9",
    "#c2557d",
    "#5a9a3c",
    "#b8574a",
    "#2f93ab",
)
"""Colours that tell toolboxes apart; blended into the title of their nodes."""


class Colours(Protocol):
    """Colours as ``#rrggbb``; the themes of the window have all of them."""

    @property
    def is_dark(self) -> bool:
        """Whether text is light."""

    @property
    def canvas(self) -> str:
        """The ground."""

    @property
    def node(self) -> str:
        """The body of a node."""

    @property
    def node_title(self) -> str:
        """The title of a node, before it is tinted."""

    @property
    def node_border(self) -> str:
        """The outline of a node."""

    @property
    def node_text(self) -> str:
        """Titles and names of ports."""

    @property
    def node_muted(self) -> str:
        """Less important text."""

    @property
    def dataset_title(self) -> str:
        """The title of a dataset input."""

    @property
    def subworkflow_title(self) -> str:
        """The title of a subworkflow."""

    @property
    def missing_title(self) -> str:
        """The title of a tool that is not to be had."""

    @property
    def note(self) -> str:
        """The paper of a note."""

    @property
    def note_text(self) -> str:
        """The text of a note."""

    @property
    def text(self) -> str:
        """The title of a frame."""

    @property
    def warning(self) -> str:
        """A warning."""

    @property
    def error(self) -> str:
        """An error."""

    @property
    def kinds(self) -> Mapping[Kind, str]:
        """Wires and ports."""

    @property
    def frames(self) -> Mapping[str, str]:
        """Frames, by name."""


KINDS_ON_LIGHT: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.IMAGE: "#2489c5",
        Kind.LABELS: "#b87f00",
        Kind.POINTS: "#948a00",
        Kind.SHAPES: "#d55e00",
        Kind.TRACKS: "#b85f8e",
        Kind.SURFACE: "#005f94",
        Kind.TABLE: "#00845f",
        Kind.SCALAR: "#3a414c",
        Kind.MODEL: "#596270",
        Kind.FILE: "#757e8b",
    }
)
"""The colour of each kind of data on a light ground, after Okabe and Ito."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Colours for white paper: those of Okabe and Ito, dark enough to be read."""

    is_dark: bool = False
    canvas: str = "#ffffff"
    node: str = "#ffffff"
    node_title: str = "#e9edf1"
    node_border: str = "#aab3bf"
    node_text: str = "#1d232a"
    node_muted: str = "#5c6672"
    dataset_title: str = "#cfe6f6"
    subworkflow_title: str = "#e2d9f3"
    missing_title: str = "#f6d5d1"
    note: str = "#fff8d8"
    note_text: str = "#423b12"
    text: str = "#1d232a"
    warning: str = "#9c6500"
    error: str = "#c0392b"
    kinds: Mapping[Kind, str] = field(default_factory=lambda: dict(KINDS_ON_LIGHT))
    frames: Mapping[str, str] = field(
        default_factory=lambda: {
            "grey": "#7d8794",
            "blue": "#4a9be0",
            "green": "#2fae82",
            "orange": "#d9952b",
            "purple": "#a884d6",
            "red": "#dd6a5b",
            "yellow": "#cdbb34",
        }
    )


def tint_of(category: str) -> str:
    """Return the colour of a toolbox, the same on every machine."""
    return TINTS[zlib.crc32(category.encode()) % len(TINTS)]


def blended(ground: str, colour: str, share: float) -> str:
    """Mix two colours ``#rrggbb``."""
    pairs = zip(_channels(ground), _channels(colour), strict=True)
    mixed = [round(a * (1 - share) + b * share) for a, b in pairs]
    return "#" + "".join(f"{value:02x}" for value in mixed)


def title_colour(colours: Colours, role: NodeRole, category: str) -> str:
    """Return the ground of a title: by role, or for tools by toolbox."""
    match role:
        case NodeRole.DATASET:
            return colours.dataset_title
        case NodeRole.SUBWORKFLOW:
            return colours.subworkflow_title
        case NodeRole.MISSING:
            return colours.missing_title
        case NodeRole.TOOL:
            share = 0.34 if colours.is_dark else 0.2
            return blended(colours.node_title, tint_of(category), share)


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.lstrip("#")[-6:]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def lightness(colour: str) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = _channels(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
