"""The items of one canvas: reconciled from a scene, and found by place.

Nothing here knows an editor. What is where is told by plain arithmetic over the items,
so that an answer costs microseconds and hit areas keep their size at any zoom.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QGraphicsScene

from bioimageit_flow.editor.geometry import Box, around
from bioimageit_flow.editor.scene import (
    PortAddress,
    PortView,
    Scene,
    WireView,
    difference,
)
from bioimageit_flow.gui.canvas.frames import FrameItem, NoteItem
from bioimageit_flow.gui.canvas.nodes import NodeItem
from bioimageit_flow.gui.canvas.stills import Stills
from bioimageit_flow.gui.canvas.style import Style
from bioimageit_flow.gui.canvas.wires import WireItem

Boxed = NodeItem | FrameItem | NoteItem
"""What has a place of its own."""

_Item = TypeVar("_Item", NodeItem, FrameItem, NoteItem)


@dataclass(frozen=True, slots=True)
class Spot:
    """A port on the canvas."""

    node: str
    name: str
    is_output: bool
    view: PortView

    @property
    def address(self) -> PortAddress:
        """Node and port; the port of a dataset input is None."""
        return self.node, self.name or None

    @property
    def key(self) -> tuple[bool, str]:
        """The port within its node."""
        return self.is_output, self.name


class Board:
    """Items by id, and the wires between them.

    Parameters
    ----------
    surface : QGraphicsScene
        Where the items live.
    style : Style
        How they look.
    stills : Stills, optional
        Keeps pictures of the nodes.
    """

    def __init__(
        self, surface: QGraphicsScene, style: Style, stills: Stills | None = None
    ) -> None:
        self.surface = surface
        self._stills = stills
        self.style = style
        self.scene = Scene()
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[str, WireItem] = {}
        self.frames: dict[str, FrameItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self._wires_of: dict[str, list[WireItem]] = {}

    def show(self, scene: Scene) -> None:
        """Apply the difference between what is shown and a scene."""
        changes = difference(self.scene, scene)
        old, self.scene = self.scene, scene
        for key in changes.wires.removed:
            wire = self.wires.pop(key)
            for node in {wire.view.source[0], wire.view.target[0]}:
                self._wires_of[node].remove(wire)
            wire.delete()
        self._drop(self.nodes, changes.nodes.removed)
        self._drop(self.frames, changes.frames.removed)
        self._drop(self.notes, changes.notes.removed)
        for key in changes.frames.added:
            self._put(self.frames, key, FrameItem(scene.frames[key], self.style))
        for key in changes.notes.added:
            self._put(self.notes, key, NoteItem(scene.notes[key], self.style))
        for key in changes.nodes.added:
            made = NodeItem(scene.nodes[key], self.style, self._stills)
            self._put(self.nodes, key, made)
        for key in changes.frames.changed:
            self.frames[key].show_view(scene.frames[key])
        for key in changes.notes.changed:
            self.notes[key].show_view(scene.notes[key])
        moved = set(changes.nodes.added)
        for key in changes.nodes.changed:
            before, now = old.nodes[key], scene.nodes[key]
            self.nodes[key].show_view(now)
            if (before.x, before.y) != (now.x, now.y) or (
                before.inputs,
                before.outputs,
            ) != (now.inputs, now.outputs):
                moved.add(key)
        for key in changes.wires.added:
            wire = WireItem(scene.wires[key], self.style)
            self.surface.addItem(wire)
            self.wires[key] = wire
        for key in changes.wires.changed:
            self.wires[key].show_view(scene.wires[key])
        fresh = {key: self.wires[key] for key in changes.wires.changed}
        for key in changes.wires.added:
            fresh[key] = self.wires[key]
            self._index(self.wires[key])
        for name in moved:
            for wire in self._wires_of.get(name, ()):
                fresh[wire.view.key] = wire
        for wire in fresh.values():
            self.lay(wire)

    def set_style(self, style: Style) -> None:
        """Draw everything in another theme."""
        self.style = style
        for family in (self.nodes, self.wires, self.frames, self.notes):
            for item in family.values():
                item.set_style(style)

    def lay(self, wire: WireItem) -> None:
        """Draw the way of a wire between the nodes where they are now."""
        start = self.port_place(wire.view.source, is_output=True)
        end = self.port_place(wire.view.target, is_output=False)
        wire.lay(start, end)

    def lay_wires_of(self, nodes: Iterable[str]) -> None:
        """Draw again the wires of some nodes."""
        seen: set[int] = set()
        for node in nodes:
            for wire in self._wires_of.get(node, ()):
                if id(wire) not in seen:
                    seen.add(id(wire))
                    self.lay(wire)

    def port_place(
        self, address: PortAddress, *, is_output: bool
    ) -> tuple[float, float]:
        """Return the middle of a port; of the other end's node if there is none."""
        item = self.nodes.get(address[0])
        if item is None:
            return 0.0, 0.0
        return item.port_at(address[1], is_output=is_output)

    def box(self, key: str) -> Boxed | None:
        """Return a node, frame or note by id."""
        return self.nodes.get(key) or self.frames.get(key) or self.notes.get(key)

    def node_at(self, at: QPointF) -> NodeItem | None:
        """Return the uppermost node at a point."""
        best: NodeItem | None = None
        for item in self.nodes.values():
            if item.holds(at) and (best is None or item.zValue() >= best.zValue()):
                best = item
        return best

    def port_at(self, at: QPointF, reach: float) -> Spot | None:
        """Return the nearest port whose middle is within reach of a point."""
        best: Spot | None = None
        nearest = reach
        for item in self.nodes.values():
            left, top, right, bottom = item.area
            if not (
                left - reach <= at.x() <= right + reach
                and top - reach <= at.y() <= bottom + reach
            ):
                continue
            for spot, (x, y) in self.ports_of(item):
                distance = max(abs(at.x() - x), abs(at.y() - y))
                if distance < nearest:
                    best, nearest = spot, distance
        return best

    def ports_of(self, item: NodeItem) -> Iterator[tuple[Spot, tuple[float, float]]]:
        """Yield the ports of a node and where they are."""
        for is_output, ports in (
            (False, item.view.inputs),
            (True, item.view.outputs),
        ):
            for port in ports:
                yield (
                    Spot(item.id, port.name, is_output, port),
                    item.port_at(port.name, is_output=is_output),
                )

    def spot(self, node: str, port: str | None, *, is_output: bool) -> Spot | None:
        """Return a port by name."""
        item = self.nodes.get(node)
        view = item.view.port(port, is_output=is_output) if item else None
        return Spot(node, port or "", is_output, view) if view else None

    def wire_at(self, at: QPointF, reach: float) -> WireItem | None:
        """Return the nearest wire within reach of a point."""
        best, nearest = None, reach
        for wire in self.wires.values():
            distance = wire.curve.distance(at.x(), at.y(), within=nearest)
            if distance < nearest:
                best, nearest = wire, distance
        return best

    def waypoint_at(self, at: QPointF, reach: float) -> tuple[WireItem, int] | None:
        """Return the reroute dot within reach of a point."""
        for wire in self.wires.values():
            for number, (x, y) in enumerate(wire.waypoints):
                if max(abs(at.x() - x), abs(at.y() - y)) <= reach:
                    return wire, number
        return None

    def area_at(self, at: QPointF, reach: float) -> FrameItem | NoteItem | None:
        """Return the note, or the frame by its title or corner, at a point."""
        for note in reversed(self.notes.values()):
            left, top, right, bottom = note.area
            if left <= at.x() <= right and top <= at.y() <= bottom:
                return note
        # The smallest first: a frame in a frame can be taken by its title.
        for frame in sorted(self.frames.values(), key=_size):
            if frame.is_title(at) or frame.is_handle(at, reach):
                return frame
        return None

    def wires_into(self, node: str, port: str) -> list[WireView]:
        """Return the wires that end at a port."""
        return [
            wire.view
            for wire in self.wires.values()
            if wire.view.target == (node, port)
        ]

    def within(self, box: Box) -> set[str]:
        """Return the ids of nodes and notes that touch a box, and frames inside it."""
        left, top, right, bottom = box
        touched = {
            key
            for family in (self.nodes, self.notes)
            for key, item in family.items()
            if item.area[0] <= right
            and item.area[2] >= left
            and item.area[1] <= bottom
            and item.area[3] >= top
        }
        return touched | {
            key
            for key, frame in self.frames.items()
            if frame.area[0] >= left
            and frame.area[2] <= right
            and frame.area[1] >= top
            and frame.area[3] <= bottom
        }

    def bounds(self, keys: Iterable[str] | None = None) -> Box | None:
        """Return the box around some items, or around all of them."""
        families: list[Mapping[str, Boxed]] = [self.nodes, self.frames, self.notes]
        chosen = None if keys is None else set(keys)
        return around(
            item.area
            for family in families
            for key, item in family.items()
            if chosen is None or key in chosen
        )

    def _index(self, wire: WireItem) -> None:
        for node in {wire.view.source[0], wire.view.target[0]}:
            self._wires_of.setdefault(node, []).append(wire)

    def _put(self, family: dict[str, _Item], key: str, item: _Item) -> None:
        family[key] = item
        self.surface.addItem(item)

    def _drop(self, family: dict[str, _Item], keys: Iterable[str]) -> None:
        for key in keys:
            family.pop(key).delete()


def _size(frame: FrameItem) -> float:
    left, top, right, bottom = frame.area
    return (right - left) * (bottom - top)
