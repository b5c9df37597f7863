"""From a document to the scene that shows it. Pure: the same in, the same out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bioimageit_flow.editor.scene import (
    LETTERS,
    UNKNOWN_LETTER,
    FrameView,
    NodeRole,
    NodeView,
    NoteView,
    PortView,
    Scene,
    WireView,
)
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import (
    DatasetInput,
    Document,
    FromAnnotation,
    Node,
    Swept,
)
from bioimageit_flow.workflow.edits.places import note_ids, note_places
from bioimageit_flow.workflow.interface import Interface, Offer, Ported
from bioimageit_flow.workflow.rules import WireProblems, offered, wire_problems

_View = TypeVar("_View", NodeView, WireView, FrameView, NoteView)

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(slots=True)
class Memory:
    """The views of the last scene with what they were made of.

    A view whose ground is the same is the same object again, so that a scene of a
    thousand nodes costs little after the first.
    """

    nodes: dict[str, tuple[tuple[object, ...], NodeView]] = field(default_factory=dict)
    wires: dict[str, WireView] = field(default_factory=dict)
    judged: dict[int, tuple[object, str, Kind | None, str]] = field(
        default_factory=dict
    )


def compose(
    document: Document,
    ports: Mapping[str, Ported],
    problems: Iterable[Problem] = (),
    selection: Collection[str] = frozenset(),
    *,
    categories: Mapping[str, str] | None = None,
    trail: tuple[str, ...] = (),
    wires: WireProblems | None = None,
    memory: Memory | None = None,
) -> Scene:
    """Return what the canvas shows of a document.

    Parameters
    ----------
    document : Document
        The workflow.
    ports : mapping
        What stands behind each node; a node that is not among them is a placeholder.
    problems : iterable of Problem
        What is wrong; the worst of a node is shown at it.
    selection : collection of str
        Ids of nodes, notes and frames, and keys of wires.
    categories : mapping, optional
        Names of toolboxes by their id.
    trail : tuple of str
        Titles of the workflow and of the subworkflows entered.
    wires : sequence, optional
        What `wire_problems` says, if that is known already.
    memory : Memory, optional
        Of the scene before; changes nothing but the time it takes.
    """
    known = wire_problems(document, ports) if wires is None else wires
    composer = _Composer(
        document, ports, problems, selection, categories or {}, known, memory
    )
    return composer.scene(trail)


def reselect(scene: Scene, selection: Collection[str]) -> Scene:
    """Return a scene in which other things are selected."""

    def selected(views: Mapping[str, _View]) -> Mapping[str, _View]:
        changed = {
            key: replace(view, is_selected=not view.is_selected)
            for key, view in views.items()
            if view.is_selected is not (key in selection)
        }
        return {**views, **changed} if changed else views

    return replace(
        scene,
        nodes=selected(scene.nodes),
        wires=selected(scene.wires),
        frames=selected(scene.frames),
        notes=selected(scene.notes),
    )


class _Composer:
    def __init__(
        self,
        document: Document,
        ports: Mapping[str, Ported],
        problems: Iterable[Problem],
        selection: Collection[str],
        categories: Mapping[str, str],
        wires: WireProblems,
        memory: Memory | None,
    ) -> None:
        self.document = document
        self.ports = ports
        self.selection = selection
        self.categories = categories
        self.memory = memory or Memory()
        self.worst: dict[str, Problem] = {}
        for problem in problems:
            name = problem.node.partition("/")[0]
            seen = self.worst.get(name)
            if seen is None or _RANK[problem.severity] < _RANK[seen.severity]:
                self.worst[name] = problem
        self.sources: dict[str, dict[str, Kind | None]] = {}
        self.targets: dict[str, dict[str, Kind | None]] = {}
        self.wires = self._wires(wires)

    def scene(self, trail: tuple[str, ...]) -> Scene:
        document = self.document
        nodes = {
            name: self._dataset(name, one) for name, one in document.inputs.items()
        }
        made = {}
        for name, node in document.nodes.items():
            ground = (
                node,
                self.ports.get(name),
                document.layout.nodes.get(name),
                self.worst.get(name),
                self.targets.get(name),
                self.sources.get(name),
                name in self.selection,
            )
            old = self.memory.nodes.get(name)
            if old is None or not _is_same(old[0], ground):
                old = (ground, self._node(name, node))
            made[name] = old
            nodes[name] = old[1]
        self.memory.nodes = made
        self.memory.wires = self.wires
        return Scene(
            nodes=nodes,
            wires=self.wires,
            frames=self._frames(),
            notes=self._notes(),
            trail=trail,
        )

    def _wires(self, wires: WireProblems) -> dict[str, WireView]:
        views = {}
        waypoints = self.document.layout.waypoints
        offers: dict[str, Kind | None] = {}
        before, judged = self.memory.judged, {}
        for pair in wires:
            edge, wrong = pair
            source, port = edge.source.node, edge.source.port
            known = before.get(id(pair))
            if known is None or known[0] is not pair:
                text = f"{source}.{port}" if port else source
                if text not in offers:
                    offer = offered(self.document, self.ports, edge.source)
                    offers[text] = offer.kind if isinstance(offer, Offer) else None
                key = f"{text} -> {edge.node}.{edge.port}"
                known = pair, key, offers[text], str(wrong[0]) if wrong else ""
            judged[id(pair)] = known
            _, key, kind, problem = known
            bends = waypoints.get(key, ())
            self.sources.setdefault(source, {}).setdefault(port or "", kind)
            self.targets.setdefault(edge.node, {}).setdefault(edge.port, kind)
            old = self.memory.wires.get(key)
            is_selected = key in self.selection
            if (
                old is not None
                and old.kind is kind
                and old.problem == problem
                and old.waypoints == bends
                and old.is_selected is is_selected
            ):
                views[key] = old
                continue
            views[key] = WireView(
                key=key,
                source=(source, port),
                target=(edge.node, edge.port),
                kind=kind,
                problem=problem,
                waypoints=bends,
                is_selected=is_selected,
            )
        self.memory.judged = judged
        return views

    def _dataset(self, name: str, entry: DatasetInput) -> NodeView:
        x, y = self.document.layout.nodes.get(name, (0.0, 0.0))
        axes = " or ".join(entry.axes)
        problem = self.worst.get(name)
        port = PortView(
            name="",
            label=str(entry.kind),
            kind=entry.kind,
            letter=LETTERS[entry.kind],
            is_wired=name in self.sources,
            help=entry.help,
        )
        said = f"{entry.kind} {axes}".strip()
        return NodeView(
            id=name,
            role=NodeRole.DATASET,
            title=entry.label or name,
            subtitle=f"{name} · {said}" if entry.label else said,
            category="dataset",
            x=x,
            y=y,
            outputs=(port,),
            severity=problem.severity if problem else None,
            problem=str(problem) if problem else "",
            is_selected=name in self.selection,
        )

    def _node(self, name: str, node: Node) -> NodeView:
        behind = self.ports.get(name)
        x, y = self.document.layout.nodes.get(name, (0.0, 0.0))
        problem = self.worst.get(name)
        role, title, subtitle, category = self._said(name, node, behind)
        return NodeView(
            id=name,
            role=role,
            title=title,
            subtitle=subtitle,
            category=category,
            x=x,
            y=y,
            inputs=self._inputs(name, node, behind),
            outputs=self._outputs(name, behind),
            state=node.state,
            severity=problem.severity if problem else None,
            problem=str(problem) if problem else "",
            badge=badge_of(node),
            is_selected=name in self.selection,
        )

    def _said(
        self, name: str, node: Node, behind: Ported | None
    ) -> tuple[NodeRole, str, str, str]:
        if isinstance(behind, Tool):
            category = self.categories.get(behind.toolbox, behind.toolbox)
            title = node.label or behind.name
            subtitle = behind.name if title != behind.name else name
            return NodeRole.TOOL, title, subtitle, category
        if isinstance(behind, Interface):
            title = node.label or behind.name
            return NodeRole.SUBWORKFLOW, title, "subworkflow", "subworkflow"
        what = node.tool or "subworkflow that cannot be read"
        return NodeRole.MISSING, node.label or name, what, "missing"

    def _inputs(
        self, name: str, node: Node, behind: Ported | None
    ) -> tuple[PortView, ...]:
        known = behind.inputs if behind is not None else {}
        wired = self.targets.get(name, {})
        views = [_input(key, port, key in wired) for key, port in known.items()]
        views += [
            _unknown(key, wired.get(key), takes_group=not isinstance(wire, str))
            for key, wire in node.wires.items()
            if key not in known
        ]
        return tuple(views)

    def _outputs(self, name: str, behind: Ported | None) -> tuple[PortView, ...]:
        known = behind.outputs if behind is not None else {}
        wired = self.sources.get(name, {})
        views = [_output(key, port, key in wired) for key, port in known.items()]
        views += [_unknown(key, None) for key in wired if key and key not in known]
        return tuple(views)

    def _frames(self) -> dict[str, FrameView]:
        return {
            frame.id: FrameView(
                frame.id,
                frame.title,
                frame.colour,
                *frame.rect,
                nodes=frame.nodes,
                is_selected=frame.id in self.selection,
            )
            for frame in self.document.layout.frames
        }

    def _notes(self) -> dict[str, NoteView]:
        places, ids = note_places(self.document), note_ids(self.document)
        return {
            id_: NoteView(
                id_, note.text, *places[id_], is_selected=id_ in self.selection
            )
            for id_, note in zip(ids, self.document.notes, strict=True)
        }


def _is_same(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    """Compare what a view is made of: the node and its tool by identity."""
    return old[0] is new[0] and old[1] is new[1] and old[2:] == new[2:]


def _input(name: str, port: InputPort, is_wired: bool) -> PortView:
    return PortView(
        name=name,
        label=port.label or spoken(name),
        kind=port.kind,
        letter=LETTERS[port.kind],
        takes_group=port.takes == "group",
        is_optional=port.optional,
        is_wired=is_wired,
        help=port.help,
    )


def _output(name: str, port: OutputPort, is_wired: bool) -> PortView:
    return PortView(
        name=name,
        label=port.label or spoken(name),
        kind=port.kind,
        letter=LETTERS[port.kind],
        is_many=port.many,
        is_optional=port.optional,
        is_wired=is_wired,
        help=port.help,
    )


def _unknown(name: str, kind: Kind | None, *, takes_group: bool = False) -> PortView:
    return PortView(
        name=name,
        label=spoken(name),
        kind=kind or Kind.FILE,
        letter=LETTERS[kind] if kind else UNKNOWN_LETTER,
        takes_group=takes_group,
        is_wired=True,
    )


def spoken(name: str) -> str:
    """Return a name of a descriptor as people read it: ``min_size`` is ``min size``."""
    return name.replace("_", " ")


def badge_of(node: Node) -> str:
    """Return a few characters that say what is special about a node."""
    times = 1
    for value in node.parameters.values():
        if isinstance(value, Swept):
            times *= sweep_length(value)
    if times > 1:
        return f"\u00d7{times}"
    if any(isinstance(value, FromAnnotation) for value in node.parameters.values()):
        return "@"
    return ""


def sweep_length(value: Swept) -> int:
    """Return how many values a sweep has; 0 where the file says nothing sensible."""
    sweep = value.sweep
    if sweep.values is not None:
        return len(sweep.values)
    between = sweep.range
    if between is None:
        return 0
    if between.count is not None:
        return between.count
    if not between.step:
        return 0
    return max(0, int((between.to - between.from_) / between.step + 1e-9) + 1)
