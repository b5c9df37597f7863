"""Large scenes come onto the canvas in parts, so that no turn of the window is long."""

from dataclasses import replace
from itertools import islice
from typing import Final

from bioimageit_flow.editor.scene import Scene

AT_ONCE: Final = 100
"""How many boxes and wires are made in one turn of the window."""
GONE_AT_ONCE: Final = 500
"""How many boxes and wires leave in one turn."""
MOVED_AT_ONCE: Final = 300
"""How many boxes take another place, or are marked otherwise, in one turn."""


def part_of(wanted: Scene, shown: Scene, most: int = AT_ONCE) -> Scene:
    """Return the scene to show next on the way from what is shown to what is wanted.

    Parameters
    ----------
    wanted : Scene
        What shall be seen in the end.
    shown : Scene
        What is seen now.
    most : int
        How many nodes and wires may be new in one part.

    Returns
    -------
    Scene
        ``wanted`` itself, where no more than that is new; else a part of it that keeps
        all that is there already, boxes before wires.
    """
    wanted = _leaving_in_part(_moved_in_part(wanted, shown), shown)
    boxes = [key for key in wanted.nodes if key not in shown.nodes]
    wires = [key for key in wanted.wires if key not in shown.wires]
    if len(boxes) + len(wires) <= most:
        return wanted
    late = set(boxes[most:])
    nodes = {key: view for key, view in wanted.nodes.items() if key not in late}
    ready = (
        key
        for key in wires
        if wanted.wires[key].source[0] in nodes and wanted.wires[key].target[0] in nodes
    )
    coming = set(islice(ready, max(most - len(boxes), 0)))
    return replace(
        wanted,
        nodes=nodes,
        wires={
            key: view
            for key, view in wanted.wires.items()
            if key in shown.wires or key in coming
        },
    )


def _moved_in_part(wanted: Scene, shown: Scene) -> Scene:
    """Return a scene in which some boxes are still as they are shown."""
    if len(wanted.nodes) <= MOVED_AT_ONCE:
        return wanted
    changed = (
        key
        for key, view in wanted.nodes.items()
        if (old := shown.nodes.get(key)) is not None
        and old is not view
        # Wires go to the ports there are, so these are never late.
        and (old.inputs, old.outputs) == (view.inputs, view.outputs)
        and old != view
    )
    late = {key: shown.nodes[key] for key in islice(changed, MOVED_AT_ONCE, None)}
    return replace(wanted, nodes={**wanted.nodes, **late}) if late else wanted


def _leaving_in_part(wanted: Scene, shown: Scene) -> Scene:
    """Return a scene that still has some of what leaves, wires leaving first."""
    wires = shown.wires.keys() - wanted.wires.keys()
    boxes = shown.nodes.keys() - wanted.nodes.keys()
    if len(wires) + len(boxes) <= GONE_AT_ONCE:
        return wanted
    kept = {key: shown.wires[key] for key in islice(sorted(wires), GONE_AT_ONCE, None)}
    room = GONE_AT_ONCE - (len(wires) - len(kept))
    late = {key: shown.nodes[key] for key in islice(sorted(boxes), room, None)}
    for view in kept.values():
        for name in (view.source[0], view.target[0]):
            if name in boxes:
                late[name] = shown.nodes[name]
    return replace(
        wanted, nodes={**wanted.nodes, **late}, wires={**wanted.wires, **kept}
    )
