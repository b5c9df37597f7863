"""Which parts the items on a wire have: of sweeps, of many outputs, of groups.

Known from the drawing alone, so that a node can tell whether all of its ports bring the
same parts, or one of them brings the whole of what another brings in parts.
"""

from collections.abc import Collection, Mapping

from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import (
    SPLIT_INPUT,
    SPLIT_OUTPUTS,
    Document,
    MatchBy,
    Node,
)
from bioimageit_flow.workflow.structure import order_of
from bioimageit_flow.workflow.sweeps import key_of, sweeps_of

NO_PARTS: frozenset[str] = frozenset()


def parts_of(
    document: Document, tools: Mapping[str, Tool], parted: Collection[str] = ()
) -> dict[str, frozenset[str]]:
    """Return the names of the parts of what comes from each source.

    Parameters
    ----------
    document : Document
        Without circles.
    tools : mapping of str to Tool
        The tool of each node.
    parted : collection of str
        Dataset inputs several of whose items descend from the same raw item.
    """
    found = {
        name: frozenset({f"<{name}"}) if name in parted else NO_PARTS
        for name in document.inputs
    }
    for name in order_of(document):
        node = document.nodes[name]
        if node.is_split:
            own = _brought(node, (SPLIT_INPUT,), found)
            found |= {f"{name}.{port}": own for port in SPLIT_OUTPUTS}
            continue
        tool = tools[name]
        if tool.takes_group:
            own = frozenset(f"={key}" for key in node.group_by)
        else:
            plain = [port for port in tool.inputs if _is_plain(port, node, tool)]
            own = _brought(node, plain, found)
        for parameter, sweep in sweeps_of(node).items():
            own |= {f"={key_of(parameter, sweep)}"}
            own |= {f"~{sweep.zip}"} if sweep.zip else NO_PARTS
        for port, output in tool.outputs.items():
            found[f"{name}.{port}"] = own | ({name} if output.many else NO_PARTS)
    return found


def _is_plain(port: str, node: Node, tool: Tool) -> bool:
    rule = node.match.get(port)
    is_for_all = rule == "use_for_all" or tool.inputs[port].use_for_all
    return not isinstance(rule, MatchBy) and not is_for_all


def _brought(
    node: Node, ports: Collection[str], found: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    sources = [str(source) for port in ports for source in node.sources(port)]
    return frozenset().union(*(found.get(source, NO_PARTS) for source in sources))
