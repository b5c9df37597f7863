"""Edits of nodes and dataset inputs."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.validation import explain
from bioimageit_flow.workflow.document import (
    DatasetInput,
    Document,
    Node,
    NodeState,
    Source,
)
from bioimageit_flow.workflow.edits.changing import (
    free_id,
    node_of,
    replaced,
    require_free,
    with_layout,
    with_node,
)
from bioimageit_flow.workflow.edits.wires import (
    with_sources_replaced,
    without_stale_waypoints,
)


def add_node(document: Document, name: str, **fields: object) -> Document:
    """Add a node: ``tool=`` or ``workflow=``, and what else it has.

    Raises
    ------
    WorkflowError
        If the name is taken or malformed, or a field does not fit.
    """
    require_free(document, name)
    try:
        node = Node.model_validate(fields)
    except ValidationError as error:
        raise WorkflowError(f"{name} cannot be added: {explain(error)}.") from error
    return document.model_copy(update={"nodes": {**document.nodes, name: node}})


def add_dataset(
    document: Document,
    name: str,
    kind: Kind | str,
    *,
    axes: Iterable[str] = (),
    formats: Iterable[str] = (),
    label: str = "",
    help: str = "",
) -> Document:
    """Add a dataset input, to which a run binds a dataset.

    Raises
    ------
    WorkflowError
        If the name is taken or malformed, or there is no such kind.
    """
    require_free(document, name)
    fields = {
        "kind": kind,
        "axes": tuple(axes),
        "formats": tuple(formats),
        "label": label,
        "help": help,
    }
    try:
        entry = DatasetInput.model_validate(fields)
    except ValidationError as error:
        raise WorkflowError(
            f"The dataset input {name} cannot be added: {explain(error)}."
        ) from error
    return document.model_copy(update={"inputs": {**document.inputs, name: entry}})


def change_dataset(document: Document, name: str, **fields: object) -> Document:
    """Change the kind, axes, formats, label or help of a dataset input."""
    if name not in document.inputs:
        raise WorkflowError(f"There is no dataset input called {name!r}.")
    plain = {**dict(document.inputs[name]), **fields}
    return replaced(document, inputs={**document.inputs, name: plain})


def set_parameters(document: Document, name: str, given: Mapping[str, Any]) -> Document:
    """Set parameters of a node; None takes one back to its default."""
    changed = {**node_of(document, name).parameters, **given}
    kept = {key: value for key, value in changed.items() if value is not None}
    return with_node(document, name, parameters=kept)


def set_state(
    document: Document, names: Iterable[str], state: NodeState | str
) -> Document:
    """Enable, disable or bypass nodes."""
    for name in names:
        document = with_node(document, name, state=NodeState(state))
    return document


def set_label(document: Document, name: str, label: str) -> Document:
    """Change what is written on a node or dataset input."""
    if name in document.inputs:
        return change_dataset(document, name, label=label)
    return with_node(document, name, label=label)


def rename(document: Document, old: str, new: str) -> Document:
    """Give a node or dataset input another name; wires, layout and filters follow.

    Raises
    ------
    WorkflowError
        If there is none of that name, or the new one is taken or malformed.
    """
    if old == new:
        return document
    if old not in document.inputs:
        node_of(document, old)
    require_free(document, new)

    def renamed(name: str) -> str:
        return new if name == old else name

    document = document.model_copy(
        update={
            "nodes": {renamed(name): node for name, node in document.nodes.items()},
            "inputs": {renamed(name): one for name, one in document.inputs.items()},
            "filters": tuple(
                one.model_copy(update={"node": renamed(one.node)})
                for one in document.filters
            ),
        }
    )
    document = with_sources_replaced(
        document,
        lambda source: source.model_copy(update={"node": renamed(source.node)}),
    )
    layout = document.layout
    return with_layout(
        document,
        nodes={renamed(name): place for name, place in layout.nodes.items()},
        frames=tuple(
            frame.model_copy(update={"nodes": tuple(map(renamed, frame.nodes))})
            for frame in layout.frames
        ),
        waypoints={
            _renamed_key(key, old, new): points
            for key, points in layout.waypoints.items()
        },
    )


def _renamed_key(key: str, old: str, new: str) -> str:
    source, _, target = key.partition(" -> ")
    ends = []
    for end in (source, target):
        node, dot, port = end.partition(".")
        ends.append(f"{new if node == old else node}{dot}{port}")
    return " -> ".join(ends)


def remove_nodes(document: Document, names: Collection[str]) -> Document:
    """Remove nodes and dataset inputs with all that hangs on them.

    Raises
    ------
    WorkflowError
        If one of them is not there.
    """
    gone = set(names)
    for name in gone:
        if name not in document.nodes and name not in document.inputs:
            raise WorkflowError(f"There is no node called {name!r}.")

    def kept(source: Source) -> Source | None:
        return None if source.node in gone else source

    document = with_sources_replaced(
        document.model_copy(
            update={
                "nodes": {n: e for n, e in document.nodes.items() if n not in gone},
                "inputs": {n: e for n, e in document.inputs.items() if n not in gone},
                "filters": tuple(f for f in document.filters if f.node not in gone),
            }
        ),
        kept,
    )
    layout = document.layout
    document = with_layout(
        document,
        nodes={name: xy for name, xy in layout.nodes.items() if name not in gone},
        frames=tuple(
            frame.model_copy(
                update={"nodes": tuple(n for n in frame.nodes if n not in gone)}
            )
            for frame in layout.frames
        ),
    )
    return without_stale_waypoints(document)


def new_node_id(document: Document, tool_id: str) -> str:
    """Return a free name for a node of a tool."""
    return free_id(document, tool_id.partition("@")[0].rpartition("/")[2])
