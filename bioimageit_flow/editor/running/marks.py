"""What the canvas shows at each node of a plan, or of a run that works."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bioimageit_flow.editor.scene import NodeStatus, Scene
from bioimageit_flow.model.plan import NEVER_RUN, NOT_READY, WAITS, NodePlan
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.run_tally import NodeTally, RunTally


@dataclass(frozen=True, slots=True)
class NodeMark:
    """What is shown at a node.

    Attributes
    ----------
    text : str
        A few words, such as ``12 of 40, 1:05 left``.
    fraction : float
        How far it has come, from 0 to 1.
    why : str
        Why its jobs would run, as the plan has it.
    """

    status: NodeStatus
    text: str = ""
    fraction: float = 1.0
    why: str = ""


Marks = Mapping[str, NodeMark]

_GETTING = re.compile(
    r"Getting the image .+: (?P<done>[\d.]+ \w+) of (?P<of>[\d.]+ \w+)"
)
"""What a container engine says while it pulls."""


def marks_of_plan(nodes: Iterable[NodePlan]) -> dict[str, NodeMark]:
    """Return what a plan has to say at each node.

    Jobs that wait for others have no reason of their own: where nothing that was made
    before is out of date, they are as new as those that they wait for.
    """
    marks: dict[str, NodeMark] = {}
    is_stale = False
    for node in nodes:
        to_run = node.new + node.waiting
        if not node.jobs:
            continue
        if not to_run:
            mark = NodeMark(NodeStatus.REUSED, f"{node.reused} known")
        elif node.reused or _is_changed(node) or (is_stale and not node.reasons):
            is_stale = True
            text = f"{to_run} of {node.jobs} to run"
            mark = NodeMark(NodeStatus.STALE, text, why=why_of(node))
        else:
            mark = NodeMark(NodeStatus.READY, f"{to_run} to run", why=why_of(node))
        marks[node.node] = mark
    return marks


def why_of(node: NodePlan) -> str:
    """Return the reasons of a node, the most frequent first, with their counts."""
    reasons = dict(node.reasons)
    if node.waiting and not reasons:
        reasons = {WAITS: node.waiting}
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(f"{reason} ({count})" for reason, count in reasons.items())


def _is_changed(node: NodePlan) -> bool:
    told = set(node.reasons) - {NOT_READY}
    return bool(told) and NEVER_RUN not in told


def marks_of_run(tally: RunTally, now_s: float) -> dict[str, NodeMark]:
    """Return what a run has to say at each node."""
    marks = {name: _mark(node, tally, now_s) for name, node in tally.nodes.items()}
    if tally.preparing is not None:
        name, text = tally.preparing
        marks[name] = _fetching(text)
    return {name: mark for name, mark in marks.items() if mark is not None}


def _fetching(text: str) -> NodeMark:
    """Return how much of an image is there; below a box there is room for no name."""
    found = _GETTING.fullmatch(text)
    if found is None:
        return NodeMark(NodeStatus.FETCHING, text, 0.0)
    done, of = found["done"], found["of"]
    fraction = _bytes(done) / (_bytes(of) or 1.0)
    return NodeMark(NodeStatus.FETCHING, f"image: {done} of {of}", min(fraction, 1.0))


def _bytes(text: str) -> float:
    number, _, unit = text.partition(" ")
    powers = {"B": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4}
    return float(number) * 1024.0 ** powers.get(unit, 0)


def _mark(node: NodeTally, tally: RunTally, now_s: float) -> NodeMark | None:
    if not node.expected and not node.ended and not node.running:
        return None
    fraction = node.completed / node.expected if node.expected else 1.0
    is_ended = tally.state not in (RunState.RUNNING, RunState.PAUSED, RunState.QUEUED)
    if not is_ended and (node.running or (node.ended and not node.is_over)):
        text = f"{node.ended} of {node.expected}"
        left_s = node.eta_s(now_s)
        if node.failed:
            text += f", {node.failed} failed"
        elif left_s is not None:
            text += f", {clock(left_s)} left"
        if tally.state is RunState.PAUSED:
            text = f"{node.ended} of {node.expected}, paused"
        return NodeMark(NodeStatus.RUNNING, text, fraction)
    if node.failed:
        is_all = node.failed >= node.ended
        status = NodeStatus.FAILED if is_all else NodeStatus.PARTIAL
        return NodeMark(status, f"{node.failed} of {node.expected} failed", fraction)
    if not node.ended:
        text = f"{node.expected} waiting" if not is_ended else "not run"
        return NodeMark(NodeStatus.WAITING, text, 0.0)
    if not node.is_over:
        return NodeMark(
            NodeStatus.PARTIAL, f"{node.ended} of {node.expected}", fraction
        )
    if node.reused == node.ended:
        return NodeMark(NodeStatus.REUSED, f"{node.reused} reused")
    return NodeMark(NodeStatus.DONE, f"{node.ended} done")


def at_level(marks: Marks, entered: tuple[str, ...]) -> dict[str, NodeMark]:
    """Return the marks of the nodes at one level of nested workflows.

    Nodes inside a subworkflow make one mark of the node that stands for it.
    """
    prefix = "".join(f"{name}/" for name in entered)
    inside: dict[str, list[NodeMark]] = {}
    for name, mark in marks.items():
        if name.startswith(prefix):
            here = name.removeprefix(prefix).partition("/")[0]
            inside.setdefault(here, []).append(mark)
    return {
        name: some[0] if len(some) == 1 else _joined(some)
        for name, some in inside.items()
    }


_WORST_FIRST = (
    NodeStatus.FAILED,
    NodeStatus.PARTIAL,
    NodeStatus.FETCHING,
    NodeStatus.RUNNING,
    NodeStatus.STALE,
    NodeStatus.WAITING,
    NodeStatus.READY,
    NodeStatus.DONE,
    NodeStatus.REUSED,
    NodeStatus.IDLE,
)


def _joined(some: list[NodeMark]) -> NodeMark:
    worst = min(some, key=lambda mark: _WORST_FIRST.index(mark.status))
    if worst.status is NodeStatus.WAITING and any(
        mark.status in (NodeStatus.DONE, NodeStatus.REUSED) for mark in some
    ):
        worst = replace(worst, status=NodeStatus.RUNNING)
    fraction = sum(mark.fraction for mark in some) / len(some)
    return replace(worst, fraction=fraction)


def with_marks(scene: Scene, marks: Marks) -> Scene:
    """Return a scene whose nodes show their marks."""
    nodes = dict(scene.nodes)
    for name, mark in marks.items():
        view = nodes.get(name)
        if view is not None:
            nodes[name] = replace(
                view,
                status=mark.status,
                progress=mark.text,
                fraction=mark.fraction,
                why=mark.why,
            )
    return replace(scene, nodes=nodes)


def clock(seconds: float) -> str:
    """Return a time as people read it: ``1:05``, ``2:00:00``."""
    whole = max(round(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
