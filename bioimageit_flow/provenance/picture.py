"""Lineage as a picture."""

from bioimageit_flow.model.data import Imported
from bioimageit_flow.model.stamp import Stamp
from bioimageit_flow.provenance.drawing import Box, draw_graph
from bioimageit_flow.provenance.tree import LineageTree
from bioimageit_flow.provenance.whence import Whence
from bioimageit_flow.workflow.branch import branch_document
from bioimageit_flow.workflow.document import Document

MANY, SHOWN = 6, 3
"""Of more alike inputs than `MANY`, `SHOWN` are drawn and the others are counted."""


def draw_whence(whence: Whence) -> str:
    """Return a picture of where a file comes from, as the text of an SVG."""
    title = f"Where {whence.path.name} comes from"
    if whence.places:
        return draw_lineage(whence.places[0].tree, title=title)
    if whence.stamp is not None:
        return _draw_branch(whence.stamp, whence.path.name, title)
    box = Box("file", whence.path.name, ("nothing is known of it",), "more")
    return draw_graph([box], [], title=title)


def draw_lineage(tree: LineageTree, *, title: str) -> str:
    """Return a picture of an item with all it came from, as the text of an SVG."""
    boxes: dict[str, Box] = {}
    edges: list[tuple[str, str]] = []
    waiting = [(tree, "")]
    while waiting:
        one, taker = waiting.pop()
        item = one.item
        if item.id not in boxes:
            boxes[item.id] = _item_box(one, is_asked=one is tree)
        if taker:
            edges.append((item.id, taker))
        if one.job is None or one.is_repeated:
            continue
        job = one.job
        settings = [
            f"{name} = {value} {job.units.get(name, '')}".rstrip()
            for name, value in job.parameters.items()
            if value not in ("", [])
        ]
        boxes.setdefault(job.id, Box(job.id, job.node, (job.tool, *settings[:4])))
        edges.append((job.id, item.id))
        shown = one.branches if len(one.branches) <= MANY else one.branches[:SHOWN]
        waiting += [(branch, job.id) for branch in reversed(shown)]
        left = len(one.branches) - len(shown) + one.left_out
        if left:
            more = f"{job.id} more"
            boxes[more] = Box(more, f"… and {left} more", (), "more")
            edges.append((more, job.id))
    return draw_graph(list(boxes.values()), edges, title=title)


def workflow_boxes(document: Document) -> tuple[list[Box], list[tuple[str, str]]]:
    """Return the boxes and edges of a workflow."""
    boxes = [
        Box(f"input {name}", one.label or name, (str(one.kind),), "data")
        for name, one in document.inputs.items()
    ]
    for name, node in document.nodes.items():
        what = node.tool or (f"where {node.where}" if node.where else "a subworkflow")
        boxes.append(Box(name, node.label or name, (what,)))
    edges = [
        (
            f"input {edge.source.node}"
            if edge.source.port is None
            else edge.source.node,
            edge.node,
        )
        for edge in document.edges()
    ]
    return boxes, edges


def _draw_branch(stamp: Stamp, name: str, title: str) -> str:
    document = branch_document(stamp.branch, stamp.node, stamp.port)
    boxes, edges = workflow_boxes(document)
    boxes.append(Box("file", name, (f"{stamp.node}.{stamp.port}",), "result"))
    return draw_graph(boxes, [*edges, (stamp.node.split("/")[0], "file")], title=title)


def _item_box(tree: LineageTree, *, is_asked: bool) -> Box:
    item = tree.item
    if isinstance(item.origin, Imported):
        return Box(item.id, item.name, (f"{item.info.kind}, raw",), "data")
    look = "result" if is_asked else "more"
    return Box(item.id, item.name, (str(item.info.kind),), look)
