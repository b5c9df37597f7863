"""Large scenes come onto the canvas in parts, so that no turn of the window is long."""

from dataclasses import replace
from itertools import islice
from typing import Final

from bioimageit_flow.editor.scene import Scene

AT_ONCE: Final = 150
"""How many boxes and wires are made in one turn of the window."""


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
