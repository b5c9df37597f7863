"""What a workflow file says: `*.flow.yaml`, schema 1.

A document is a frozen value. The editable graph (`graph.Workflow`) replaces its
document by a changed copy at every edit, so that any state can be kept, compared and
restored.
"""

import re
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bioimageit_flow.model.ids import is_uuid
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.tool import PORT, Author, Axes, Described, FormatName

WORKFLOW_SCHEMA = "bioimageit-flow/workflow/1"

NODE_ID = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
_SOURCE = re.compile(rf"({NODE_ID}(?:/{NODE_ID})*)(?:\.({PORT}))?")

NodeKey = Annotated[str, StringConstraints(pattern=f"^{NODE_ID}$")]
PortKey = Annotated[str, StringConstraints(pattern=f"^{PORT}$")]
Isolation = Literal["worker", "job"]


class Source(BaseModel):
    """Where a wire comes from: a dataset input, or an output port of a node.

    Attributes
    ----------
    node : str
        The dataset input or the node.
    port : str or None
        None for a dataset input.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    node: str
    port: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Source":
        """Read ``node.port`` or the name of a dataset input.

        Raises
        ------
        ValueError
            If it is neither.
        """
        return _source(text)

    def __str__(self) -> str:
        return f"{self.node}.{self.port}" if self.port else self.node


@lru_cache(maxsize=50_000)
def _source(text: str) -> Source:
    match = _SOURCE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is neither 'node.port' nor a dataset input")
    return Source(node=match[1], port=match[2])


def _is_source(text: str) -> str:
    Source.parse(text)
    return text


SourceText = Annotated[str, AfterValidator(_is_source)]


@dataclass(frozen=True, slots=True)
class Edge:
    """One wire, known by ``source.port -> node.port``."""

    source: Source
    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.source} -> {self.node}.{self.port}"


class NodeState(StrEnum):
    """Whether a node takes part in a run."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    BYPASS = "bypass"


class DatasetInput(Described):
    """A place where a run binds a dataset."""

    kind: Kind
    axes: tuple[Axes, ...] = ()
    formats: tuple[FormatName, ...] = ()
    label: str = ""
    help: str = ""


class MatchBy(BaseModel):
    """Items meet when they agree on these annotation keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    by: Annotated[tuple[str, ...], Field(min_length=1)]


Match = Literal["use_for_all"] | MatchBy


class SweepRange(BaseModel):
    """Evenly spaced values, the last one included.

    Attributes
    ----------
    from_, to : float
        The first value and the last one that is possible.
    step : float
        From one value to the next; or, instead,
    count : int
        how many values there are.
    log : bool
        With `count`: each value is the same multiple of the one before.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, defer_build=True
    )

    from_: float = Field(alias="from")
    to: float
    step: float | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    log: bool = False

    @model_validator(mode="after")
    def _one_spacing(self) -> "SweepRange":
        if (self.step is None) == (self.count is None):
            raise ValueError("a range needs either 'step' or 'count'")
        if self.log and self.count is None:
            raise ValueError("a logarithmic range needs 'count'")
        return self


class Sweep(BaseModel):
    """Several values for one parameter, each of which multiplies the collection.

    Attributes
    ----------
    values : tuple
        The values; or, instead,
    range : SweepRange
        where they lie.
    zip : str
        Sweeps with the same name here go through their values together, also those of
        other nodes; the others make a grid.
    key : str
        The annotation that says which value an item was made with; by default the name
        of the parameter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    values: tuple[bool | int | float | str, ...] | None = None
    range: SweepRange | None = None
    zip: str | None = None
    key: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> "Sweep":
        if (self.values is None) == (self.range is None):
            raise ValueError("a sweep needs either 'values' or 'range'")
        return self


class FromAnnotation(BaseModel):
    """A parameter that takes the value of an annotation of the item."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    annotation: str


class Swept(BaseModel):
    """A parameter that takes several values in turn."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    sweep: Sweep


Setting = FromAnnotation | Swept | bool | int | float | str | list[int | float | str]


SPLIT_INPUT = "items"
SPLIT_OUTPUTS = ("accepted", "rejected")


class Node(Described):
    """One node: a tool, a subworkflow or a split, with its settings and incoming wires.

    Attributes
    ----------
    where : str
        A query, which makes the node a split: what it takes on ``items`` leaves by
        ``accepted`` or by ``rejected``.
    isolation : str
        ``job`` gives each job a container of its own; see also `Document`.
    """

    tool: str | None = None
    workflow: str | dict[str, Any] | None = None
    where: str | None = None
    parameters: dict[PortKey, Any] = {}
    wires: dict[PortKey, SourceText | tuple[SourceText, ...]] = {}
    match: dict[PortKey, Match] = {}
    group_by: tuple[str, ...] = ()
    label: str = ""
    state: NodeState = NodeState.ENABLED
    isolation: Isolation = "worker"

    @model_validator(mode="after")
    def _tool_or_workflow(self) -> "Node":
        if [self.tool, self.workflow, self.where].count(None) != 2:
            raise ValueError("a node needs one of 'tool', 'workflow' and 'where'")
        return self

    @property
    def is_split(self) -> bool:
        """Whether the node sends items two ways by a query."""
        return self.where is not None

    @field_validator("parameters")
    @classmethod
    def _settings_are_known(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        return {name: _setting(name, value) for name, value in parameters.items()}

    def sources(self, port: str) -> tuple[Source, ...]:
        """Return where the wires into one port come from, in their order."""
        wire = self.wires.get(port, ())
        texts = (wire,) if isinstance(wire, str) else wire
        return tuple(Source.parse(text) for text in texts)


def _setting(name: str, value: object) -> Setting:
    match value:
        case FromAnnotation() | Swept() | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return list(value)
        case {"annotation": _}:
            return FromAnnotation.model_validate(value)
        case {"sweep": _}:
            return Swept.model_validate(value)
    raise ValueError(
        f"parameter {name!r} is neither a value, nor 'annotation:', nor 'sweep:'"
    )


class Filter(Described):
    """Only the items that a query accepts go on from a port."""

    node: str
    port: str | None = None
    where: str


class Note(Described):
    """Markdown on the canvas.

    Attributes
    ----------
    text : str
        Markdown.
    id : str
        By which the layout knows it; ``note_1`` and so on where it has none.
    """

    text: str
    id: str = ""


Coordinate = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]
Point = tuple[Coordinate, Coordinate]
Rectangle = tuple[Coordinate, Coordinate, Coordinate, Coordinate]


class Frame(Described):
    """A coloured area with a title that carries its nodes along.

    Attributes
    ----------
    id : str
        Unique among the frames.
    rect : tuple of float
        x, y, width, height.
    nodes : tuple of str
        Nodes, dataset inputs and notes that move with it.
    """

    id: str
    title: str = ""
    colour: str = "grey"
    rect: Rectangle
    nodes: tuple[str, ...] = ()


class Layout(Described):
    """Where things are drawn; changes no result and no fingerprint.

    Attributes
    ----------
    nodes : dict of tuple of float
        Upper left corners of nodes and dataset inputs.
    notes : dict of tuple of float
        x, y, width, height of notes.
    waypoints : dict
        Points that a wire is led through, by its ``source.port -> node.port``.
    view : dict
        What was seen last.
    """

    nodes: dict[str, Point] = {}
    notes: dict[str, Rectangle] = {}
    frames: tuple[Frame, ...] = ()
    waypoints: dict[str, tuple[Point, ...]] = {}
    view: dict[str, Any] = {}


class Document(Described):
    """A whole workflow file; its `isolation` is that of all its nodes."""

    schema_: Literal["bioimageit-flow/workflow/1"] = Field(
        default="bioimageit-flow/workflow/1", alias="schema"
    )
    id: str
    name: str
    description: str = ""
    authors: tuple[Author, ...] = ()
    licence: str = ""
    isolation: Isolation = "worker"
    inputs: dict[NodeKey, DatasetInput] = {}
    nodes: dict[NodeKey, Node] = {}
    outputs: dict[PortKey, SourceText] = {}
    filters: tuple[Filter, ...] = ()
    notes: tuple[Note, ...] = ()
    layout: Layout = Layout()

    @field_validator("id")
    @classmethod
    def _id_is_uuid(cls, text: str) -> str:
        if not is_uuid(text):
            raise ValueError(f"{text!r} is not a uuid")
        return text

    @model_validator(mode="after")
    def _names_differ(self) -> "Document":
        for name in self.nodes:
            if name in self.inputs:
                raise ValueError(f"a dataset input and a node are both called {name!r}")
        return self

    def edges(self) -> list[Edge]:
        """Return every wire, in the order of the file."""
        for document, all_edges, _ in (lately := tuple(_EDGES)):
            if document is self:
                return list(all_edges)
        before = lately[-1][2] if lately else {}  # most nodes outlast an edit
        into: _Wired = {}
        found: list[Edge] = []
        for name, node in self.nodes.items():
            known = before.get(name)
            if known is None or known[0] is not node:
                wired = ((p, s) for p in node.wires for s in node.sources(p))
                known = node, tuple(Edge(s, name, p) for p, s in wired)
            into[name] = known
            found += known[1]
        _EDGES.append((self, tuple(found), into))
        return found


_Wired = dict[str, tuple[Node, tuple[Edge, ...]]]
_EDGES: deque[tuple[Document, tuple[Edge, ...], _Wired]] = deque(maxlen=4)
"""Of the documents asked last: an editor asks for the same ones many times."""
