"""What the canvas shows: one frozen snapshot, and the difference between two.

A scene says what is to be seen and nothing about how it is drawn: no colour, no font,
no Qt. The canvas keeps the scene that it shows and applies only the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow.document import NodeState

Point = tuple[float, float]
PortAddress = tuple[str, str | None]
"""A node and a port of it; the port of a dataset input is None."""

NODE_WIDTH = 220.0
HEADER_HEIGHT = 46.0
PORT_HEIGHT = 24.0
NODE_PADDING = 10.0

UNKNOWN_LETTER = "?"

LETTERS = {
    Kind.IMAGE: "I",
    Kind.LABELS: "L",
    Kind.POINTS: "P",
    Kind.SHAPES: "S",
    Kind.TRACKS: "K",
    Kind.SURFACE: "U",
    Kind.TABLE: "T",
    Kind.SCALAR: "N",
    Kind.MODEL: "M",
    Kind.FILE: "F",
}
"""The letter that stands at a port, so that colour is never the only sign."""


class NodeRole(StrEnum):
    """What a box on the canvas stands for."""

    DATASET = "dataset"
    TOOL = "tool"
    SUBWORKFLOW = "subworkflow"
    MISSING = "missing"


class NodeStatus(StrEnum):
    """What a run has to say of a node."""

    IDLE = "idle"
    READY = "ready"
    STALE = "stale"
    FETCHING = "fetching"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PortView:
    """One port of a box.

    Attributes
    ----------
    name : str
        Name in the descriptor; empty for the one port of a dataset input.
    label : str
        What is written beside it.
    kind : Kind
        What passes; ``file`` where it is not known.
    letter : str
        The letter of the kind, ``?`` where it is not known.
    takes_group : bool
        Whether it waits for a group and takes several wires.
    is_many : bool
        Whether one job gives many items here.
    is_optional : bool
        Whether it may stay unwired.
    is_wired : bool
        Whether a wire ends or begins here.
    help : str
        What passes here, in a sentence.
    """

    name: str
    label: str
    kind: Kind
    letter: str
    takes_group: bool = False
    is_many: bool = False
    is_optional: bool = False
    is_wired: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One box: a dataset input, a tool, a subworkflow, or a tool that is missing.

    Attributes
    ----------
    title, subtitle : str
        What people call it, and which tool it is.
    category : str
        Name of the toolbox.
    x, y : float
        Upper left corner, in pixels of the unscaled canvas.
    severity : Severity or None
        Of the worst problem of the node.
    problem : str
        The sentence of that problem.
    badge : str
        A few characters such as ``x3`` for a sweep of three values.
    progress : str
        What a run or a plan has to say of it, in a few words.
    fraction : float
        How far a run has come with it, from 0 to 1.
    why : str
        Why a plan would run it.
    """

    id: str
    role: NodeRole
    title: str
    subtitle: str
    category: str
    x: float
    y: float
    inputs: tuple[PortView, ...] = ()
    outputs: tuple[PortView, ...] = ()
    state: NodeState = NodeState.ENABLED
    severity: Severity | None = None
    problem: str = ""
    status: NodeStatus = NodeStatus.IDLE
    badge: str = ""
    is_selected: bool = False
    progress: str = ""
    fraction: float = 1.0
    why: str = ""

    @property
    def width(self) -> float:
        """Width in pixels of the unscaled canvas."""
        return NODE_WIDTH

    @property
    def height(self) -> float:
        """Height in pixels of the unscaled canvas."""
        rows = max(len(self.inputs), len(self.outputs), 1)
        return HEADER_HEIGHT + rows * PORT_HEIGHT + NODE_PADDING

    def port(self, name: str | None, *, is_output: bool) -> PortView | None:
        """Return a port by name; None if there is none."""
        ports = self.outputs if is_output else self.inputs
        return next((one for one in ports if one.name == (name or "")), None)


@dataclass(frozen=True, slots=True)
class WireView:
    """One wire.

    Attributes
    ----------
    key : str
        ``source.port -> node.port``, as in the file.
    source, target : tuple of str and str or None
        Node and port; the port is None for a dataset input.
    kind : Kind or None
        What it carries, None where it is not known.
    problem : str
        Why it is not valid; empty if it is.
    waypoints : tuple of tuple of float
        Where it is led through, from source to target.
    """

    key: str
    source: PortAddress
    target: tuple[str, str]
    kind: Kind | None = None
    problem: str = ""
    waypoints: tuple[Point, ...] = ()
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class FrameView:
    """A coloured area with a title that carries its nodes along.

    Attributes
    ----------
    colour : str
        A word of `COLOURS`, which the theme turns into a colour.
    """

    id: str
    title: str
    colour: str
    x: float
    y: float
    width: float
    height: float
    nodes: tuple[str, ...] = ()
    is_selected: bool = False


COLOURS = ("grey", "blue", "green", "orange", "purple", "red", "yellow")
"""Words for the colours of frames."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """A piece of Markdown on the canvas."""

    id: str
    text: str
    x: float
    y: float
    width: float
    height: float
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is to be seen on one canvas.

    Attributes
    ----------
    nodes, frames, notes : mapping by id
        In the order in which the keyboard walks them.
    wires : mapping by key
    trail : tuple of str
        Titles of the workflow and of the subworkflows entered, outermost first.
    """

    nodes: Mapping[str, NodeView] = field(default_factory=dict)
    wires: Mapping[str, WireView] = field(default_factory=dict)
    frames: Mapping[str, FrameView] = field(default_factory=dict)
    notes: Mapping[str, NoteView] = field(default_factory=dict)
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """Which ids of one family came, went, or changed."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two scenes, by family."""

    nodes: Delta = Delta()
    wires: Delta = Delta()
    frames: Delta = Delta()
    notes: Delta = Delta()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.wires or self.frames or self.notes)


def difference(old: Scene, new: Scene) -> Changes:
    """Return what has to be done to a canvas that shows one scene to show another."""
    return Changes(
        nodes=_delta(old.nodes, new.nodes),
        wires=_delta(old.wires, new.wires),
        frames=_delta(old.frames, new.frames),
        notes=_delta(old.notes, new.notes),
    )


def _delta(old: Mapping[str, object], new: Mapping[str, object]) -> Delta:
    return Delta(
        added=tuple(key for key in new if key not in old),
        removed=tuple(key for key in old if key not in new),
        changed=tuple(
            key
            for key, view in new.items()
            if key in old and old[key] is not view and old[key] != view
        ),
    )
