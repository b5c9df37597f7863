"""Changes of a workflow for one plan or run: what options say instead of the file.

They are edits of a copy. The changed copy is what is planned, frozen with the run and
recorded, so that nothing hangs on an option afterwards.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.model.query import parse
from bioimageit_flow.workflow.document import (
    Filter,
    NodeState,
    Source,
    Sweep,
    SweepRange,
    Swept,
)
from bioimageit_flow.workflow.edits.changing import node_of, with_node
from bioimageit_flow.workflow.edits.wires import connect, edge_between
from bioimageit_flow.workflow.file import plain_of
from bioimageit_flow.workflow.graph import Workflow, require_possible
from bioimageit_flow.workflow.querying import add_filter, add_split
from bioimageit_flow.workflow.sweep_text import read_named_sweep

USE_FOR_ALL = "use_for_all"
ANCESTOR = "ancestor"
"""The words of a match beside keys; the second is what holds where nothing is said."""

ARROW = "->"

Keys = str | Sequence[str]
"""One key, or several."""

SweepLike = str | Sequence[bool | int | float | str] | Sweep | SweepRange | Swept
"""A sweep as text, as a list of values, or as a workflow has it."""


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What is otherwise than the workflow says.

    Nodes inside of subworkflows are named ``sub/node``.

    Attributes
    ----------
    split : mapping of str to str
        The query of a split, by its node; a new split is ``name = source``.
    wire : sequence of str
        Wires ``source -> node.port``, in place of those that the input has.
    filter : mapping of str to str
        Queries that items meet which go on from ``node.port`` or a dataset input,
        beside those of the workflow; an empty one removes these.
    match : mapping of str to Keys
        By ``node.port``: keys, ``use_for_all`` or ``ancestor``.
    group_by : mapping of str to Keys
        Keys by node; none for one group of all.
    sweep : mapping of str to SweepLike
        By ``node.parameter``.
    enable, disable, bypass : sequence of str
        Nodes.
    """

    split: Mapping[str, str] = field(default_factory=dict)
    wire: Sequence[str] = ()
    filter: Mapping[str, str] = field(default_factory=dict)
    match: Mapping[str, Keys] = field(default_factory=dict)
    group_by: Mapping[str, Keys] = field(default_factory=dict)
    sweep: Mapping[str, SweepLike] = field(default_factory=dict)
    enable: Sequence[str] = ()
    disable: Sequence[str] = ()
    bypass: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """An adjustment that cannot be made, with the word and the target that it names."""

    what: str
    error: FlowError


def adjust(
    workflow: Workflow, wanted: Adjustments, folder: Path | None = None
) -> list[Wrong]:
    """Change a workflow; return what cannot be changed so, all at once.

    Parameters
    ----------
    workflow : Workflow
        Is changed.
    wanted : Adjustments
        What is otherwise.
    folder : Path, optional
        Folder of the workflow file, beside which subworkflows lie.
    """
    wrong: list[Wrong] = []
    for word, target, act in _acts(wanted):
        try:
            _inside(workflow, target, folder, act)
        except FlowError as error:
            wrong.append(Wrong(f"{word} {target}", error))
        except ValueError as error:
            text = str(error)
            sentence = WorkflowError(f"{text[:1].upper()}{text[1:]}.", remedy=_SWEEPS)
            wrong.append(Wrong(f"{word} {target}", sentence))
    return wrong


def set_parameter(
    workflow: Workflow, name: str, value: object, folder: Path | None = None
) -> None:
    """Set ``node.parameter``, also of a node inside of a subworkflow.

    Raises
    ------
    WorkflowError
        If there is none, or the value does not fit.
    """
    _inside(workflow, name, folder, partial(_set, value))


_SWEEPS = (
    "Write for example '5, 10, 20', '1 to 10 step 0.5', 'lin(0, 1, 5)' or "
    "'log(1, 100, 3)'; 'as KEY' and 'zip NAME' may follow."
)

_Act = Callable[[Workflow, str], None]


def _acts(wanted: Adjustments) -> Iterator[tuple[str, str, _Act]]:
    """Go through what is to be done, in an order in which each finds what it names."""
    for target, query in wanted.split.items():
        yield "split", target, partial(_split, query)
    sources: dict[str, list[str]] = {}
    for wire in wanted.wire:
        start, arrow, target = (part.strip() for part in wire.partition(ARROW))
        sources.setdefault(target or wire, []).append(start if arrow else "")
    for target, starts in sources.items():
        yield "wire", target, partial(_wire, starts)
    for target, query in wanted.filter.items():
        yield "filter", target, partial(_filter, query)
    for target, keys in wanted.match.items():
        yield "match", target, partial(_match, keys)
    for target, keys in wanted.group_by.items():
        yield "group_by", target, partial(_group, keys)
    for target, sweep in wanted.sweep.items():
        yield "sweep", target, partial(_sweep, sweep)
    for state, word, names in (
        (NodeState.ENABLED, "enable", wanted.enable),
        (NodeState.DISABLED, "disable", wanted.disable),
        (NodeState.BYPASS, "bypass", wanted.bypass),
    ):
        for target in names:
            yield word, target, partial(_set_state, state)


def _inside(workflow: Workflow, target: str, folder: Path | None, act: _Act) -> None:
    """Do something in the workflow, or in the subworkflow that a target names.

    A subworkflow that lies in a file becomes one inside: the file stays as it is.
    """
    outer, slash, rest = target.partition("/")
    if not slash or outer not in workflow.nodes:
        act(workflow, target)
        return
    drawn = workflow.nodes[outer].workflow
    if drawn is None:
        raise WorkflowError(f"{outer} is no subworkflow.", node=outer)
    workflow.toolset.folder = folder
    inner = Workflow.of(
        workflow.toolset.read_inner(drawn, outer), catalogue=workflow.catalogue
    )
    _inside(inner, rest, folder, act)
    changed = with_node(workflow.document, outer, workflow=plain_of(inner.document))
    workflow.apply(f"Change {outer}", changed)


def _split(query: str, workflow: Workflow, name: str) -> None:
    new, sign, source = (part.strip() for part in name.partition("="))
    if sign:
        _require_source(workflow, source)
        add_split(workflow, source, query, id=new)
        return
    if not node_of(workflow.document, name).is_split:
        raise WorkflowError(
            f"{name} is no split.",
            remedy="Make one with 'NAME=SOURCE: QUERY', such as 'good=spots.points: "
            "snr > 3', and wire 'good.accepted -> NODE.PORT'.",
            node=name,
        )
    parse(query)
    workflow.apply(f"Split {name}", with_node(workflow.document, name, where=query))


def _wire(sources: Sequence[str], workflow: Workflow, target: str) -> None:
    document = workflow.document
    for place, source in enumerate(sources):
        if not source:
            raise WorkflowError(
                f"{target!r} is no wire.", remedy="Write 'SOURCE -> NODE.PORT'."
            )
        edge = edge_between(source, target)
        node_of(document, edge.node)
        _require_source(workflow, source)
        tools, _ = workflow.toolset.ports_of(document)
        require_possible(document, tools, edge)
        document = connect(document, edge, takes_group=place > 0)
    workflow.apply(f"Wire {target}", document)


def _filter(query: str, workflow: Workflow, place: str) -> None:
    source = _require_source(workflow, place)
    if query.strip():
        add_filter(workflow, place, query)
        return
    document = workflow.document
    of_place = Filter(node=source.node, port=source.port, where="")
    kept = tuple(
        one
        for one in document.filters
        if (one.node, one.port) != (of_place.node, of_place.port)
    )
    if len(kept) == len(document.filters):
        raise WorkflowError(
            f"The workflow has no filter at {place}, so there is none to remove.",
            remedy="Write the query behind the colon.",
            node=source.node,
        )
    changed = document.model_copy(update={"filters": kept})
    workflow.apply(f"Remove the filter of {place}", changed)


def _match(keys: Keys, workflow: Workflow, port: str) -> None:
    names = _keys(keys)
    edge = edge_between("any", port)
    node = node_of(workflow.document, edge.node)
    if not node.sources(edge.port):
        wired = ", ".join(f"{edge.node}.{name}" for name in node.wires) or "none"
        raise WorkflowError(
            f"{port} has no wire, so nothing can be matched there.",
            remedy=f"Its wired inputs are: {wired}.",
            node=edge.node,
            port=edge.port,
        )
    if not names:
        raise WorkflowError(
            f"Nothing is said by which items of {port} are matched.",
            remedy=f"Name keys, or write '{USE_FOR_ALL}' or '{ANCESTOR}'.",
            node=edge.node,
            port=edge.port,
        )
    if keys == ANCESTOR:
        workflow.match(port)
    else:
        is_for_all = keys == USE_FOR_ALL
        workflow.match(port, by=() if is_for_all else names, use_for_all=is_for_all)


def _group(keys: Keys, workflow: Workflow, node: str) -> None:
    changed = with_node(workflow.document, node, group_by=_keys(keys))
    workflow.apply(f"Group {node}", changed)


def _set(value: object, workflow: Workflow, name: str) -> None:
    node, parameter = _parameter(name)
    workflow.set(node, **{parameter: value})


def _parameter(name: str) -> tuple[str, str]:
    node, dot, parameter = name.rpartition(".")
    if not dot:
        raise WorkflowError(
            f"{name!r} names no parameter.", remedy="Write 'node.parameter'."
        )
    return node, parameter


def _sweep(sweep: SweepLike, workflow: Workflow, name: str) -> None:
    node, parameter = _parameter(name)
    node_of(workflow.document, node)
    workflow.set(node, **{parameter: _swept(workflow, node, parameter, sweep)})


def _set_state(state: NodeState, workflow: Workflow, node: str) -> None:
    workflow.set_state(node, state)


def _swept(workflow: Workflow, node: str, parameter: str, sweep: SweepLike) -> Swept:
    match sweep:
        case Swept():
            return sweep
        case Sweep():
            return Swept(sweep=sweep)
        case SweepRange():
            return Swept(sweep=Sweep(range=sweep))
        case str():
            tools, _ = workflow.toolset.ports_of(workflow.document)
            known = tools[node].parameters if node in tools else {}
            type_ = known[parameter].type if parameter in known else None
            return read_named_sweep(sweep, type_ or ParameterType.TEXT)
        case _:
            return read_named_sweep(json.dumps(list(sweep)), ParameterType.TEXT)


def _require_source(workflow: Workflow, text: str) -> Source:
    """Return the port or dataset input that a text means, which has to be there."""
    document = workflow.document
    try:
        source = Source.parse(text)
    except ValueError as error:
        raise WorkflowError(f"{error}.", remedy="Write 'node.port'.") from error
    if source.node in document.inputs:
        if source.port is not None:
            raise WorkflowError(
                f"{source.node} is a dataset input and has no ports.",
                remedy=f"Write {source.node!r}.",
                node=source.node,
            )
        return source
    if source.node not in document.nodes:
        known = ", ".join([*document.inputs, *document.nodes])
        raise WorkflowError(
            f"There is no node or dataset input {source.node!r}.",
            remedy=f"There are: {known}.",
        )
    return source


def _keys(keys: Keys) -> tuple[str, ...]:
    names = keys.split(",") if isinstance(keys, str) else keys
    return tuple(name.strip() for name in names if name.strip())
