"""The words of the canvas, translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bioimageit_flow.editor.scene import NodeRole, NodeView
from bioimageit_flow.gui.language import tr
from bioimageit_flow.workflow.document import NodeState

if TYPE_CHECKING:
    from bioimageit_flow.gui.canvas.board import Spot


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
    if view.inputs:
        names = ", ".join(port.label for port in view.inputs)
        parts.append(tr("inputs: {names}", names=names))
    if view.outputs:
        names = ", ".join(port.label or tr(port.kind.value) for port in view.outputs)
        parts.append(tr("outputs: {names}", names=names))
    if view.problem:
        parts.append(view.problem)
    return ". ".join(parts)
