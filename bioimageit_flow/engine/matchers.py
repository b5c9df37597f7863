"""What pairs or groups the items of a node, by its tool and its rules."""

from collections.abc import Mapping

from bioimageit_flow.engine.group_matcher import GroupMatcher
from bioimageit_flow.engine.item_matcher import ItemMatcher
from bioimageit_flow.engine.pairing import PortRule
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.workflow.document import MatchBy, Node

Matcher = ItemMatcher | GroupMatcher


def matcher_of(
    name: str, node: Node, tool: Tool, parts: Mapping[str, frozenset[str]]
) -> Matcher:
    """Return what pairs the items of a node.

    Parameters
    ----------
    parts : mapping of str to frozenset of str
        Names of the parts that each source brings, as `parts_of` returns them.
    """
    rules = {}
    for port in (port for port in tool.inputs if node.sources(port)):
        rule = node.match.get(port)
        if isinstance(rule, MatchBy):
            rules[port] = PortRule(by=rule.by)
        else:
            use_for_all = rule == "use_for_all" or tool.inputs[port].use_for_all
            rules[port] = PortRule(use_for_all=use_for_all)
    if tool.takes_group:
        item_ports = (port for port in rules if tool.inputs[port].takes == "item")
        return GroupMatcher(name, rules, node.group_by, frozenset(item_ports))
    plain = [port for port, rule in rules.items() if rule == PortRule()]
    brought = {parts[str(one)] for port in plain for one in node.sources(port)}
    return ItemMatcher(name, rules, has_parts=len(brought) > 1)
