"""A scene as an SVG picture, drawn without Qt and without a display.

Notebooks, reports and the picture export use it; the shapes and places are those of the
canvas (`bioimageit_flow.editor.geometry`).
"""

import re
import textwrap
from collections.abc import Iterator
from html import escape

from bioimageit_flow.editor.colours import Colours, Paper, lightness, title_colour
from bioimageit_flow.editor.geometry import (
    CORNER_RADIUS,
    PORT_RADIUS,
    SHAPES,
    bounds,
    curve,
    port_offset,
)
from bioimageit_flow.editor.scene import (
    HEADER_HEIGHT,
    FrameView,
    NodeRole,
    NodeView,
    NoteView,
    PortView,
    Scene,
    WireView,
)
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow.document import NodeState

FONTS = "Inter, 'Noto Sans', 'Segoe UI', Helvetica, Arial, sans-serif"

_MARGIN = 40.0
_NARROW = "fijlrtI.,:;'|!()[]"
_WIDE = "mwMW@%"


def draw_svg(scene: Scene, colours: Colours | None = None) -> str:
    """Return a picture of everything a scene shows.

    Parameters
    ----------
    scene : Scene
        What to draw; the selection is left out.
    colours : Colours, optional
        A theme; by default colours for white paper.
    """
    paint: Colours = colours or Paper()
    left, top, right, bottom = bounds(scene) or (0.0, 0.0, 320.0, 120.0)
    left, top = left - _MARGIN, top - _MARGIN
    width, height = right + _MARGIN - left, bottom + _MARGIN - top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" '
        f'height="{_n(height)}" viewBox="{_n(left)} {_n(top)} {_n(width)} '
        f'{_n(height)}" font-family="{FONTS}" role="img">',
        f"<title>{escape(' / '.join(scene.trail) or 'Workflow')}</title>",
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" '
        f'height="{_n(height)}" fill="{paint.canvas}"/>',
    ]
    for frame in scene.frames.values():
        parts.extend(_frame(frame, paint))
    for note in scene.notes.values():
        parts.extend(_note(note, paint))
    for wire in scene.wires.values():
        parts.extend(_wire(wire, scene, paint))
    for node in scene.nodes.values():
        parts.extend(_node(node, paint))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _frame(frame: FrameView, paint: Colours) -> Iterator[str]:
    colour = paint.frames.get(frame.colour, paint.frames["grey"])
    place = f'x="{_n(frame.x)}" y="{_n(frame.y)}" width="{_n(frame.width)}"'
    yield (
        f'<rect {place} height="{_n(frame.height)}" rx="10" fill="{colour}" '
        f'fill-opacity="0.1" stroke="{colour}" stroke-opacity="0.65"/>'
    )
    yield (
        f'<path d="M{_n(frame.x)} {_n(frame.y + 30)}v-20a10 10 0 0 1 10 -10'
        f'h{_n(frame.width - 20)}a10 10 0 0 1 10 10v20z" fill="{colour}" '
        f'fill-opacity="0.25"/>'
    )
    title = _cut(frame.title, frame.width - 24, 13)
    yield _text(title, frame.x + 12, frame.y + 20, 13, paint.text, weight=600)


def _note(note: NoteView, paint: Colours) -> Iterator[str]:
    yield (
        f'<rect x="{_n(note.x)}" y="{_n(note.y)}" width="{_n(note.width)}" '
        f'height="{_n(note.height)}" rx="5" fill="{paint.note}" '
        f'stroke="{paint.note_text}" stroke-opacity="0.28"/>'
    )
    y = note.y + 20
    for line, is_heading in _plain_lines(note.text, (note.width - 20) / 6.0):
        if y > note.y + note.height - 6:
            return
        size = 14 if is_heading else 11
        weight = 600 if is_heading else 400
        yield _text(line, note.x + 10, y, size, paint.note_text, weight=weight)
        y += size + 5


def _wire(wire: WireView, scene: Scene, paint: Colours) -> Iterator[str]:
    source, target = scene.nodes.get(wire.source[0]), scene.nodes.get(wire.target[0])
    if source is None or target is None:
        return
    dx, dy = port_offset(source, wire.source[1], is_output=True)
    ex, ey = port_offset(target, wire.target[1], is_output=False)
    way = curve(
        (source.x + dx, source.y + dy), (target.x + ex, target.y + ey), wire.waypoints
    )
    start = way.segments[0][0]
    steps = "".join(
        f"C{_p(first)} {_p(second)} {_p(last)}"
        for _, first, second, last in way.segments
    )
    colour = paint.kinds[wire.kind] if wire.kind is not None else paint.node_muted
    dash = ""
    if wire.problem:
        colour, dash = paint.error, ' stroke-dasharray="7 6"'
    yield (
        f'<path d="M{_p(start)}{steps}" fill="none" stroke="{colour}" '
        f'stroke-width="2.4" stroke-linecap="round"{dash}/>'
    )
    for x, y in wire.waypoints:
        yield (
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="5" fill="{colour}" '
            f'stroke="{paint.canvas}" stroke-width="1.5"/>'
        )


def _node(node: NodeView, paint: Colours) -> Iterator[str]:
    opacity = ' opacity="0.5"' if node.state is NodeState.DISABLED else ""
    yield f'<g transform="translate({_n(node.x)} {_n(node.y)})"{opacity}>'
    width, height, radius = node.width, node.height, CORNER_RADIUS
    outline, stroke = paint.node_border, 1.2
    if node.severity is Severity.ERROR:
        outline, stroke = paint.error, 1.6
    elif node.severity is Severity.WARNING:
        outline, stroke = paint.warning, 1.6
    is_dashed = node.role is NodeRole.MISSING or node.state is not NodeState.ENABLED
    dash = ' stroke-dasharray="5 4"' if is_dashed else ""
    size = f'width="{_n(width)}" height="{_n(height)}" rx="{radius}"'
    if node.role is NodeRole.SUBWORKFLOW:
        yield f'<rect x="6" y="6" {size} fill="{paint.node_title}" stroke="{outline}"/>'
    yield f'<rect {size} fill="{paint.node}"/>'
    ground = title_colour(paint, node.role, node.category)
    yield (
        f'<path d="M0 {HEADER_HEIGHT}V{radius}A{radius} {radius} 0 0 1 {radius} 0'
        f"H{width - radius}A{radius} {radius} 0 0 1 {width} {radius}"
        f'V{HEADER_HEIGHT}z" fill="{ground}"/>'
    )
    yield (
        f'<rect {size} fill="none" stroke="{outline}" stroke-width="{stroke}"{dash}/>'
    )
    tag = "" if node.state is NodeState.ENABLED else str(node.state)
    tag = tag or node.badge
    room = width - 24 - (_width(tag, 11) + 16 if tag else 0)
    baseline = 20 if node.subtitle else 28
    yield _text(
        _cut(node.title, room, 13), 12, baseline, 13, paint.node_text, weight=600
    )
    if node.subtitle:
        yield _text(_cut(node.subtitle, room, 11), 12, 37, 11, paint.node_muted)
    if tag:
        yield _text(tag, width - 12, 27, 11, paint.node_text, anchor="end")
    for is_output, ports in ((False, node.inputs), (True, node.outputs)):
        for port in ports:
            yield from _port(node, port, paint, is_output=is_output)
    yield "</g>"


def _port(
    node: NodeView, port: PortView, paint: Colours, *, is_output: bool
) -> Iterator[str]:
    x, y = port_offset(node, port.name, is_output=is_output)
    colour = paint.kinds[port.kind]
    is_many = port.is_many if is_output else port.takes_group
    if is_many:
        aside = x + (5 if is_output else -5)
        yield _shape(port.kind, aside, y, paint.node, colour)
    fill = colour if port.is_wired else paint.node
    yield _shape(port.kind, x, y, fill, colour, is_dashed=port.is_optional)
    ink = paint.node_text
    if port.is_wired:
        ink = "#ffffff" if lightness(colour) < 0.55 else "#10141a"
    yield _text(port.letter, x, y + 3.6, 10, ink, weight=700, anchor="middle")
    place, anchor = (x - 16, "end") if is_output else (x + 16, "start")
    label = _cut(port.label, node.width * 0.46, 11)
    yield _text(label, place, y + 4, 11, paint.node_text, anchor=anchor)


def _shape(
    kind: Kind, x: float, y: float, fill: str, stroke: str, *, is_dashed: bool = False
) -> str:
    dash = ' stroke-dasharray="3 2.4"' if is_dashed and fill != stroke else ""
    look = f'fill="{fill}" stroke="{stroke}" stroke-width="1.7"{dash}'
    corners = SHAPES[kind]
    if not corners:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{PORT_RADIUS}" {look}/>'
    points = " ".join(
        _p((x + dx * PORT_RADIUS, y + dy * PORT_RADIUS)) for dx, dy in corners
    )
    return f'<polygon points="{points}" {look}/>'


def _text(
    text: str,
    x: float,
    y: float,
    size: int,
    colour: str,
    *,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )


def _plain_lines(markdown: str, columns: float) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a note without its marks, and whether each is a heading."""
    for line in markdown.splitlines():
        is_heading = line.lstrip().startswith("#")
        plain = re.sub(r"^\s*#+\s*", "", line)
        plain = re.sub(r"^\s*[*+-]\s+", "\u2022 ", plain)
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain)
        plain = re.sub(r"(\*\*|__|`|(?<!\w)[*_]|[*_](?!\w))", "", plain)
        width = max(int(columns * (0.75 if is_heading else 1.0)), 8)
        for part in textwrap.wrap(plain, width) or [""]:
            yield part, is_heading


def _width(text: str, size: float) -> float:
    """Guess how wide a text is; no font is at hand."""
    units = sum(
        0.32 if one in _NARROW else 0.9 if one in _WIDE else 0.6 for one in text
    )
    return units * size


def _cut(text: str, room: float, size: float) -> str:
    if _width(text, size) <= room:
        return text
    while text and _width(text, size) > room - size:
        text = text[:-1]
    return text.rstrip() + "\u2026"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _p(point: tuple[float, float]) -> str:
    return f"{_n(point[0])},{_n(point[1])}"
