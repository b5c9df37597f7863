"""The colours of the window and the canvas, by what they are for. No Qt.

Kinds of data have the colours of Okabe and Ito, which people with any kind of colour
vision can tell apart (https://jfly.uni-koeln.de/color/); yellow and the two greys are
darker on a light ground, so that every wire keeps a contrast of at least 3 : 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from bioimageit_flow.editor.colours import KINDS_ON_LIGHT
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.model.kinds import Kind

MIN_FONT_SCALE: Final = 0.8
MAX_FONT_SCALE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb`` (or ``#aarrggbb`` where something shines through).

    Attributes
    ----------
    name : str
        ``dark``, ``light`` or ``contrast``.
    window, panel, raised, field : str
        Grounds: behind everything, of docks, of what stands out, of what is typed in.
    border, strong_border : str
        Lines between grounds; around what has to be seen.
    text, muted, accent, accent_text : str
        Text, less important text, what can be pressed, text upon that.
    hover, chosen : str
        Ground under the mouse, and of a selected row.
    info, success, warning, error : str
        Severities.
    canvas, grid, grid_strong : str
        Ground and lines of the canvas.
    node, node_title, node_border, node_text, node_muted : str
        A box: body, strip of the title, outline, texts.
    dataset_title, subworkflow_title, missing_title : str
        The strip of the title of the other roles.
    selection, drop : str
        Outline of what is selected; glow of a port that a dragged wire fits.
    note, note_text, shadow : str
        Notes on the canvas; shadows below boxes.
    kinds : mapping of Kind to str
        Wires and ports.
    frames : mapping of str to str
        Frames, by the words of `bioimageit_flow.editor.scene.COLOURS`.
    statuses : mapping of NodeStatus to str
        What a run says of a node.
    line_width : float
        Factor on the width of wires and outlines.
    font_scale : float
        Factor on all sizes of text.
    """

    name: str
    is_dark: bool
    window: str
    panel: str
    raised: str
    field: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    accent_text: str
    hover: str
    chosen: str
    info: str
    success: str
    warning: str
    error: str
    canvas: str
    grid: str
    grid_strong: str
    node: str
    node_title: str
    node_border: str
    node_text: str
    node_muted: str
    dataset_title: str
    subworkflow_title: str
    missing_title: str
    selection: str
    drop: str
    note: str
    note_text: str
    shadow: str
    kinds: Mapping[Kind, str]
    frames: Mapping[str, str]
    statuses: Mapping[NodeStatus, str]
    line_width: float = 1.0
    font_scale: float = 1.0

    def scaled(self, font_scale: float) -> "Theme":
        """Return this theme with texts of another size, within what is readable."""
        scale = min(max(font_scale, MIN_FONT_SCALE), MAX_FONT_SCALE)
        return replace(self, font_scale=scale)


_KINDS = {
    Kind.IMAGE: "#56b4e9",
    Kind.LABELS: "#e69f00",
    Kind.POINTS: "#f0e442",
    Kind.SHAPES: "#d55e00",
    Kind.TRACKS: "#cc79a7",
    Kind.SURFACE: "#3d94cf",
    Kind.TABLE: "#17a67d",
    Kind.SCALAR: "#d9dde3",
    Kind.MODEL: "#aab2bd",
    Kind.FILE: "#8b95a3",
}

_KINDS_IN_CONTRAST = {
    **_KINDS,
    Kind.SHAPES: "#ff7a1a",
    Kind.TABLE: "#00d69b",
    Kind.SURFACE: "#4aa8ff",
    Kind.TRACKS: "#ff9fd0",
    Kind.SCALAR: "#ffffff",
    Kind.MODEL: "#d0d0d0",
    Kind.FILE: "#b0b0b0",
}

_FRAMES = {
    "grey": "#7d8794",
    "blue": "#4a9be0",
    "green": "#2fae82",
    "orange": "#d9952b",
    "purple": "#a884d6",
    "red": "#dd6a5b",
    "yellow": "#cdbb34",
}

_STATUSES = {
    NodeStatus.IDLE: "#7d8794",
    NodeStatus.READY: "#a8b1bd",
    NodeStatus.STALE: "#cc79a7",
    NodeStatus.FETCHING: "#56b4e9",
    NodeStatus.WAITING: "#a8b1bd",
    NodeStatus.RUNNING: "#56b4e9",
    NodeStatus.DONE: "#2fae82",
    NodeStatus.REUSED: "#7fc4ab",
    NodeStatus.PARTIAL: "#e69f00",
    NodeStatus.FAILED: "#e5604d",
}

DARK: Final = Theme(
    name="dark",
    is_dark=True,
    window="#16191e",
    panel="#1d2127",
    raised="#282d35",
    field="#14171b",
    border="#30363f",
    strong_border="#4b5461",
    text="#e7eaee",
    muted="#9aa4b1",
    accent="#4c9fe6",
    accent_text="#08131d",
    hover="#2b313a",
    chosen="#25405a",
    info="#6db3ec",
    success="#45bf93",
    warning="#eba937",
    error="#f2776a",
    canvas="#14171b",
    grid="#1c2026",
    grid_strong="#242932",
    node="#262b33",
    node_title="#323944",
    node_border="#434c59",
    node_text="#eef1f4",
    node_muted="#a0aab7",
    dataset_title="#204a66",
    subworkflow_title="#463a66",
    missing_title="#6b2d2b",
    selection="#ffffff",
    drop="#8fd0ff",
    note="#3a3623",
    note_text="#f2ecd0",
    shadow="#70000000",
    kinds=MappingProxyType(_KINDS),
    frames=MappingProxyType(_FRAMES),
    statuses=MappingProxyType(_STATUSES),
)

LIGHT: Final = Theme(
    name="light",
    is_dark=False,
    window="#eef0f3",
    panel="#f8f9fa",
    raised="#ffffff",
    field="#ffffff",
    border="#d8dce1",
    strong_border="#a9b1bb",
    text="#1d232a",
    muted="#5c6672",
    accent="#0a6ebd",
    accent_text="#ffffff",
    hover="#e6e9ed",
    chosen="#cfe4f6",
    info="#0a6ebd",
    success="#00795a",
    warning="#9c6500",
    error="#c0392b",
    canvas="#f3f5f7",
    grid="#e9ecef",
    grid_strong="#dee2e7",
    node="#ffffff",
    node_title="#e9edf1",
    node_border="#b9c1cb",
    node_text="#1d232a",
    node_muted="#5c6672",
    dataset_title="#cfe6f6",
    subworkflow_title="#e2d9f3",
    missing_title="#f6d5d1",
    selection="#0a6ebd",
    drop="#2489c5",
    note="#fff8d8",
    note_text="#423b12",
    shadow="#28000000",
    kinds=KINDS_ON_LIGHT,
    frames=MappingProxyType(_FRAMES),
    statuses=MappingProxyType(
        {
            **_STATUSES,
            NodeStatus.READY: "#6b7683",
            NodeStatus.STALE: "#a8527f",
            NodeStatus.WAITING: "#6b7683",
            NodeStatus.FETCHING: "#2489c5",
            NodeStatus.RUNNING: "#2489c5",
            NodeStatus.DONE: "#00845f",
            NodeStatus.REUSED: "#4c9d83",
            NodeStatus.PARTIAL: "#b87f00",
            NodeStatus.FAILED: "#c0392b",
        }
    ),
)

CONTRAST: Final = Theme(
    name="contrast",
    is_dark=True,
    window="#000000",
    panel="#000000",
    raised="#101010",
    field="#000000",
    border="#b8b8b8",
    strong_border="#ffffff",
    text="#ffffff",
    muted="#e0e0e0",
    accent="#ffe14d",
    accent_text="#000000",
    hover="#333333",
    chosen="#00468c",
    info="#7cc7ff",
    success="#3df5b5",
    warning="#ffc400",
    error="#ff8a80",
    canvas="#000000",
    grid="#141414",
    grid_strong="#262626",
    node="#0a0a0a",
    node_title="#262626",
    node_border="#ffffff",
    node_text="#ffffff",
    node_muted="#e0e0e0",
    dataset_title="#00386b",
    subworkflow_title="#43207a",
    missing_title="#7a0c00",
    selection="#ffe14d",
    drop="#ffe14d",
    note="#1f1c00",
    note_text="#fff7c2",
    shadow="#00000000",
    kinds=MappingProxyType(_KINDS_IN_CONTRAST),
    frames=MappingProxyType({**_FRAMES, "grey": "#c0c0c0"}),
    statuses=MappingProxyType({**_STATUSES, NodeStatus.IDLE: "#c0c0c0"}),
    line_width=1.6,
)

SYSTEM: Final = "system"
"""The choice that follows the desktop between dark and light."""

THEMES: Final[Mapping[str, Theme]] = MappingProxyType(
    {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}
)


def theme_of(choice: str, *, is_system_dark: bool, font_scale: float = 1.0) -> Theme:
    """Return the theme for a choice of the user.

    Parameters
    ----------
    choice : str
        ``dark``, ``light``, ``contrast`` or ``system``; anything else is as ``system``.
    is_system_dark : bool
        What the desktop wants.
    font_scale : float
        Factor on all sizes of text.
    """
    by_system = DARK if is_system_dark else LIGHT
    return THEMES.get(choice, by_system).scaled(font_scale)
