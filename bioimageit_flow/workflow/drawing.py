"""A workflow as a small SVG picture, for notebooks and pages.

Boxes lie where the layout says, else in columns by their distance from the data.
"""

from html import escape

from bioimageit_flow.workflow.document import Document, NodeState
from bioimageit_flow.workflow.structure import cyclic_edges, graph_of

_WIDTH, _HEIGHT, _ACROSS, _DOWN, _MARGIN = 150, 44, 220, 80, 12
_LETTERS = 20


def draw_workflow(document: Document) -> str:
    """Return the SVG of a workflow; the same document gives the same picture."""
    places = _places(document)
    width = max((x for x, _ in places.values()), default=0) + _WIDTH
    height = max((y for _, y in places.values()), default=0) + _HEIGHT
    wires = [
        _wire(places[edge.source.node], places[edge.node])
        for edge in document.edges()
        if edge.source.node in places and edge.node in places
    ]
    boxes = [
        _box(
            places[name],
            entry.label or name,
            str(entry.kind),
            "#e8f1fb",
            is_faint=False,
        )
        for name, entry in document.inputs.items()
    ]
    boxes += [
        _box(
            places[name],
            node.label or name,
            (node.tool or node.where or "subworkflow").partition("@")[0],
            "#fff6e0" if node.is_split else "#f2f2f2",
            is_faint=node.state is not NodeState.ENABLED,
        )
        for name, node in document.nodes.items()
    ]
    left, whole = -_MARGIN, 2 * _MARGIN
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{left} {left} {width + whole:g} {height + whole:g}" '
        f'width="{width + whole:g}" height="{height + whole:g}" '
        f'font-family="sans-serif">{"".join(wires + boxes)}</svg>'
    )


def _places(document: Document) -> dict[str, tuple[float, float]]:
    names = [*document.inputs, *document.nodes]
    drawn = document.layout.nodes
    if names and all(name in drawn for name in document.nodes):
        known = {name: drawn[name] for name in names if name in drawn}
        left = min((x for x, _ in known.values()), default=0.0)
        top = min((y for _, y in known.values()), default=0.0)
        lacking = [name for name in names if name not in known]
        shift = _ACROSS if lacking else 0
        places = {n: (x - left + shift, y - top) for n, (x, y) in known.items()}
        return places | {
            name: (0.0, float(n * _DOWN)) for n, name in enumerate(lacking)
        }
    columns = _columns(document)
    rows: dict[int, int] = {}
    places = {}
    for name in names:
        column = columns[name]
        row = rows.get(column, 0)
        rows[column] = row + 1
        places[name] = (float(column * _ACROSS), float(row * _DOWN))
    return places


def _columns(document: Document) -> dict[str, int]:
    graph = graph_of(document)
    columns = dict.fromkeys(graph, 0)
    if cyclic_edges(document):
        return columns
    pending = [name for name in graph if graph.in_degree(name) == 0]
    while pending:
        name = pending.pop(0)
        for other in graph.successors(name):
            if columns[other] < columns[name] + 1:
                columns[other] = columns[name] + 1
                pending.append(other)
    return columns


def _wire(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + _WIDTH, start[1] + _HEIGHT / 2
    to_x, to_y = end[0], end[1] + _HEIGHT / 2
    half = max((to_x - x) / 2, 20)
    curve = (
        f"M{x:g} {y:g}C{x + half:g} {y:g} {to_x - half:g} {to_y:g} {to_x:g} {to_y:g}"
    )
    return f'<path d="{curve}" fill="none" stroke="#888" stroke-width="1.5"/>'


def _box(
    place: tuple[float, float], title: str, line: str, fill: str, *, is_faint: bool
) -> str:
    x, y = place
    opacity = ' opacity="0.45"' if is_faint else ""
    middle = x + _WIDTH / 2
    return (
        f'<g{opacity}><rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'rx="6" fill="{fill}" stroke="#777"/>'
        f'<text x="{middle:g}" y="{y + 18:g}" font-size="12" text-anchor="middle" '
        f'font-weight="bold">{_cut(title)}</text>'
        f'<text x="{middle:g}" y="{y + 34:g}" font-size="10" text-anchor="middle" '
        f'fill="#555">{_cut(line)}</text></g>'
    )


def _cut(text: str) -> str:
    return escape(text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…")
