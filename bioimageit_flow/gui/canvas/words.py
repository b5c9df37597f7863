"""The words of the canvas, translated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bioimageit_flow.editor.scene import NodeRole, NodeStatus, NodeView
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.workflow.document import NodeState

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.board import Spot


PROGRESS: Final = (
    "{a} of {b}",
    "{a} of {b}, {c} left",
    "{a} of {b}, {c} failed",
    "{a} of {b}, paused",
    "{a} of {b} failed",
    "{a} of {b} to run",
    "{a} to run",
    "{a} waiting",
    "{a} known",
    "{a} reused",
    "{a} done",
    "image: {a} of {b}",
    "not run",
)
"""What stands below a box: what a plan, or a run, has to say of its jobs."""

STATUSES: Final = tuple(status.value for status in NodeStatus)

_COUNTED: Final = re.compile(r"(.+) \((\d+)\)")
_AMOUNT: Final = re.compile(r"\d[\d.:]*( ([KMGT]i)?B)?")


def words_for_progress(text: str) -> str:
    """Return what a plan or a run says of a node in the language of the window."""
    amounts = [found.group() for found in _AMOUNT.finditer(text)]
    names = iter("abc")
    template = _AMOUNT.sub(lambda _: "{" + next(names, "c") + "}", text)
    if template not in PROGRESS:
        return said(text)
    return tr(template, **dict(zip("abc", amounts, strict=False)))


def words_for_why(text: str) -> str:
    """Return why a plan would run a node, in the language of the window."""
    return "; ".join(_reason(one) for one in text.split("; "))


def _reason(text: str) -> str:
    found = _COUNTED.fullmatch(text)
    return f"{said(found[1])} ({found[2]})" if found else said(text)


def word_for_state(state: NodeState) -> str:
    """Return what stands on a node that does not run as drawn."""
    match state:
        case NodeState.DISABLED:
            return tr("off")
        case NodeState.BYPASS:
            return tr("bypass")
        case NodeState.ENABLED:
            return ""


def words_for_port(spot: Spot) -> str:
    """Return what a port takes or gives, for a tip."""
    view = spot.view
    first = view.label
    kind = tr(view.kind.value) if view.letter != "?" else tr("kind not known")
    if spot.is_output:
        text = tr("gives many: {kind}") if view.is_many else "{kind}"
    elif view.takes_group:
        text = tr("takes a group: {kind}")
    elif view.is_optional:
        text = tr("{kind}, optional")
    else:
        text = "{kind}"
    lines = [f"{first} · {text.format(kind=kind)}"]
    if view.help:
        lines.append(view.help)
    return "\n".join(lines)


def words_for_node(view: NodeView) -> str:
    """Return what a node is, for who cannot see it."""
    role = {
        NodeRole.DATASET: tr("dataset input"),
        NodeRole.TOOL: tr("tool"),
        NodeRole.SUBWORKFLOW: tr("subworkflow"),
        NodeRole.MISSING: tr("missing tool"),
    }[view.role]
    parts = [f"{view.title}, {role}"]
    if view.subtitle:
        parts.append(view.subtitle)
    if word := word_for_state(view.state):
        parts.append(word)
    if view.status is not NodeStatus.IDLE:
        parts.append(tr(view.status.value))
    if view.progress:
        parts.append(words_for_progress(view.progress))
    if view.why:
        parts.append(words_for_why(view.why))
    if view.inputs:
        names = ", ".join(port.label for port in view.inputs)
        parts.append(tr("inputs: {names}", names=names))
    if view.outputs:
        names = ", ".join(port.label or tr(port.kind.value) for port in view.outputs)
        parts.append(tr("outputs: {names}", names=names))
    if view.problem:
        parts.append(view.problem)
    return ". ".join(parts)
