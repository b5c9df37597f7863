"""A tool as one node of one run uses it, on the machine that is there."""

from collections.abc import Iterator
from dataclasses import replace

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.runtimes.gpus import without_missing_gpu
from bioimageit_flow.runtimes.protocol import Availability
from bioimageit_flow.workflow.document import Document, Node


def fitted(
    tool: InstalledTool,
    node: Node,
    document: Document,
    availability: Availability | None = None,
) -> InstalledTool:
    """Return a tool with the isolation that was asked for, and without a missing GPU.

    Nothing of this enters a fingerprint: neither how far jobs are kept apart, nor on
    which processor they are done, is to change a result.

    Parameters
    ----------
    node, document
        Which say how far jobs are kept from each other; so does the tool itself, and
        the strictest wish holds.
    availability : Availability, optional
        What the node's runtime says of the tool. A tool that may do without a GPU is
        given none where there are too few.
    """
    if availability is not None:
        tool = without_missing_gpu(tool, availability)
    if "job" not in (node.isolation, document.isolation):
        return tool
    return replace(tool, tool=tool.tool.model_copy(update={"isolation": "job"}))


def refused_rights(
    name: str, tool: InstalledTool, *, is_trusted: bool
) -> Iterator[Problem]:
    """Yield a problem for each right that a tool asks for and nobody has given it."""
    if tool.tool.resources.network and not is_trusted:
        yield Problem(
            "network",
            Severity.ERROR,
            f"{name} asks for the network, with which its tool {tool.ref} could send "
            "your data away; you have not allowed that.",
            node=name,
            fix="See what it asks for, and allow it if you trust it: "
            f"`bioimageit-flow trust {tool.tool.id}`.",
        )
