"""The outline: the same as the canvas, as a tree to read and to walk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bioimageit_flow.editor.scene import NodeRole, NodeView, Scene
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.problem import Severity
from bioimageit_flow.workflow.document import Document

Reader = Callable[[str | Mapping[str, Any], str], Document]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline.

    Attributes
    ----------
    id : str
        Node, frame or note; ``sub/node`` inside a subworkflow.
    text : str
        What is read: title, what it takes from where, and what is wrong.
    role : str
        ``dataset``, ``tool``, ``subworkflow``, ``missing``, ``frame`` or ``note``.
    severity : Severity or None
        Of its worst problem.
    children : tuple of Entry
        What a frame carries, what a subworkflow holds.
    """

    id: str
    text: str
    role: str
    severity: Severity | None = None
    children: tuple["Entry", ...] = ()


def outline_of(scene: Scene, document: Document, read: Reader) -> tuple[Entry, ...]:
    """Return the outline of a scene: frames with what they carry, then the rest.

    Parameters
    ----------
    scene : Scene
        What the canvas shows.
    document : Document
        Of which it is the scene.
    read : callable
        Reads the workflow in a node.
    """
    framed: set[str] = set()
    entries = []
    for frame in scene.frames.values():
        inside = [name for name in frame.nodes if name not in framed]
        framed.update(inside)
        children = tuple(
            entry
            for name in inside
            if (entry := _entry(scene, document, read, name)) is not None
        )
        entries.append(Entry(frame.id, frame.title or "Frame", "frame", None, children))
    for name in (*scene.nodes, *scene.notes):
        entry = None if name in framed else _entry(scene, document, read, name)
        if entry is not None:
            entries.append(entry)
    return tuple(entries)


def _entry(scene: Scene, document: Document, read: Reader, name: str) -> Entry | None:
    if name in scene.notes:
        text = scene.notes[name].text.strip().split("\n")[0]
        return Entry(name, text or "Note", "note")
    view = scene.nodes.get(name)
    if view is None:
        return None
    children: tuple[Entry, ...] = ()
    node = document.nodes.get(name)
    if view.role is NodeRole.SUBWORKFLOW and node is not None and node.workflow:
        try:
            children = _inner(read(node.workflow, name), name)
        except FlowError:
            children = ()
    return Entry(name, _text(scene, view), str(view.role), view.severity, children)


def _inner(document: Document, prefix: str) -> tuple[Entry, ...]:
    inputs = [
        Entry(f"{prefix}/{name}", one.label or name, "dataset")
        for name, one in document.inputs.items()
    ]
    nodes = [
        Entry(
            f"{prefix}/{name}",
            node.label or name,
            "subworkflow" if node.workflow else "tool",
        )
        for name, node in document.nodes.items()
    ]
    return (*inputs, *nodes)


def _text(scene: Scene, view: NodeView) -> str:
    sources = dict.fromkeys(
        wire.source[0] for wire in scene.wires.values() if wire.target[0] == view.id
    )
    titles = [scene.nodes[one].title if one in scene.nodes else one for one in sources]
    taken = f", from {', '.join(titles)}" if titles else ""
    state = "" if view.state == "enabled" else f" ({view.state})"
    wrong = f". {view.problem}" if view.problem else ""
    return f"{view.title}{state}{taken}{wrong}"
