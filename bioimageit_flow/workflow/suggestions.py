"""Which tools fit where: for a wire dropped on nothing, and for one that is refused.

The rules are those of `rules`: what is suggested here is accepted there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bioimageit_flow.model.kinds import Kind, reads, takes
from bioimageit_flow.model.port import InputPort
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import InstalledTool, Tool
from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.interface import Offer, Ported, offer_of
from bioimageit_flow.workflow.rules import edge_problems, offered
from bioimageit_flow.workflow.structure import above, below, would_close_circle

MAX_REMEDIES = 3


def fits(port: InputPort, offer: Offer | None) -> bool:
    """Say whether a port takes what a source offers; anything fits the unknown."""
    if offer is None:
        return True
    if not takes(port.kind, offer.kind):
        return False
    if offer.formats and not any(
        reads(port.formats, name, is_image=offer.kind.is_pixels)
        for name in offer.formats
    ):
        return False
    accepted = () if "*" in port.axes else port.axes
    return not accepted or not offer.axes or bool(set(accepted) & set(offer.axes))


def closeness(port: InputPort, offer: Offer | None) -> float:
    """Return how well something fits, from 0 (it does not) to 1 (made for it)."""
    if not fits(port, offer):
        return 0.0
    if offer is None:
        return 0.5
    close = 1.0 if port.kind is offer.kind else 0.6
    if port.kind is Kind.FILE and offer.kind is not Kind.FILE:
        close = 0.3
    return close * (0.8 if port.optional else 1.0)


def inputs_for(tool: Ported, offer: Offer | None) -> list[tuple[float, str]]:
    """Return the inputs of a tool that take an offer, the best first, how well each."""
    found = [(closeness(port, offer), name) for name, port in tool.inputs.items()]
    return sorted(
        ((close, name) for close, name in found if close), key=lambda one: -one[0]
    )


def outputs_for(tool: Ported, port: InputPort) -> list[tuple[float, str]]:
    """Return the outputs of a tool that a port takes, the best first."""
    found = [
        (closeness(port, offer_of(output)), name)
        for name, output in tool.outputs.items()
    ]
    return sorted(
        ((close, name) for close, name in found if close), key=lambda one: -one[0]
    )


@dataclass(frozen=True, slots=True)
class Bridge:
    """A tool that could stand between a source and a port, and by which ports."""

    tool: InstalledTool
    takes: str
    gives: str


def bridges(
    offer: Offer | None, port: InputPort, tools: Iterable[InstalledTool]
) -> list[Bridge]:
    """Return the tools that make what a port takes of what a source offers.

    The simplest come first: those with few inputs to wire and few things to choose,
    whose ports are of the very kinds.
    """
    found: list[tuple[tuple[float, ...], Bridge]] = []
    for installed in tools:
        tool = installed.tool
        entries, exits = inputs_for(tool, offer), outputs_for(tool, port)
        if not entries or not exits:
            continue
        close_in, entry = entries[0]
        close_out, exit_ = exits[0]
        needed = [
            name
            for name, one in tool.inputs.items()
            if not one.optional and name != entry
        ]
        cost = (
            -close_in * close_out,
            float(len(needed)),
            float(tool.inputs[entry].takes == "group"),
            float(_is_free(tool)),
            float(len(tool.parameters)),
        )
        found.append((cost, Bridge(installed, entry, exit_)))
    found.sort(key=lambda one: (one[0], one[1].tool.ref))
    return [bridge for _, bridge in found]


def _is_free(tool: Tool) -> bool:
    """Say whether what a tool does is left to its user, such as running a macro."""
    return any(
        parameter.type in ("text", "file") and parameter.default in ("", None)
        for parameter in tool.parameters.values()
    )


def compatible_targets(
    document: Document, tools: Mapping[str, Ported], node: str, port: str | None
) -> set[tuple[str, str]]:
    """Return the input ports that a wire from a source may go to."""
    source = Source(node=node, port=port)
    offer = offered(document, tools, source)
    if isinstance(offer, str):
        return set()
    barred = {node, *above(document, {node})}
    return {
        (name, entry)
        for name in document.nodes
        if name not in barred and name in tools
        for entry, wanted in tools[name].inputs.items()
        if fits(wanted, offer)
    }


def compatible_sources(
    document: Document, tools: Mapping[str, Ported], node: str, port: str
) -> set[tuple[str, str | None]]:
    """Return the sources from which a wire may come to an input port."""
    behind = tools.get(node)
    if behind is None or port not in behind.inputs:
        return set()
    wanted = behind.inputs[port]
    barred = below(document, {node})
    candidates: list[tuple[str, str | None]] = [
        (name, None) for name in document.inputs
    ]
    candidates += [
        (name, out)
        for name in document.nodes
        if name not in barred and name in tools
        for out in tools[name].outputs
    ]
    found = set()
    for name, out in candidates:
        offer = offered(document, tools, Source(node=name, port=out))
        if not isinstance(offer, str) and fits(wanted, offer):
            found.add((name, out))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a wire before it is drawn.

    Attributes
    ----------
    ok : bool
        Whether it may be drawn.
    text, remedy : str
        Why not, and what to do.
    insert : tuple of str
        Tools that could be put between, the simplest first.
    """

    ok: bool
    text: str = ""
    remedy: str = ""
    insert: tuple[str, ...] = ()


def verdict_on(
    document: Document,
    tools: Mapping[str, Ported],
    edge: Edge,
    candidates: Iterable[InstalledTool],
) -> Verdict:
    """Return what the rules say of a wire, with the tools that would mend it."""
    problem = next(edge_problems(document, tools, edge), None)
    if problem is None:
        if would_close_circle(document, edge):
            return Verdict(
                ok=False,
                text=f"The wire {edge} would close a circle.",
                remedy="A node cannot wait for itself.",
            )
        return Verdict(ok=True)
    if problem.code not in ("kind-mismatch", "axes-mismatch", "format-mismatch"):
        return Verdict(ok=False, text=problem.text, remedy=problem.fix)
    return _with_bridges(problem, document, tools, edge, candidates)


def _with_bridges(
    problem: Problem,
    document: Document,
    tools: Mapping[str, Ported],
    edge: Edge,
    candidates: Iterable[InstalledTool],
) -> Verdict:
    offer = offered(document, tools, edge.source)
    wanted = tools[edge.node].inputs[edge.port]
    known = offer if isinstance(offer, Offer) else None
    found = bridges(known, wanted, candidates)[:MAX_REMEDIES]
    remedy = problem.fix
    if found:
        names = " or ".join(bridge.tool.tool.name for bridge in found)
        remedy = f"Insert {names}."
    return Verdict(
        ok=False,
        text=_expectation(wanted, known, problem, edge),
        remedy=remedy,
        insert=tuple(bridge.tool.ref for bridge in found),
    )


def _expectation(
    wanted: InputPort, offer: Offer | None, problem: Problem, edge: Edge
) -> str:
    if offer is None:
        return problem.text
    if problem.code == "kind-mismatch":
        return f"{edge.node}.{edge.port} expects {wanted.kind}, gets {offer.kind}."
    if problem.code == "axes-mismatch":
        accepted = " or ".join(wanted.axes)
        given = " or ".join(offer.axes)
        return f"{edge.node}.{edge.port} expects the axes {accepted}, gets {given}."
    accepted, given = " or ".join(wanted.formats), " or ".join(offer.formats)
    return f"{edge.node}.{edge.port} expects {accepted}, gets {given}."
