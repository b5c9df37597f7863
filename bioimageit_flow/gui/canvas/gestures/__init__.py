"""What the mouse does on the canvas: one class per gesture.

A gesture begins with a press, follows the mouse, and ends with a release or a cancel.
Only its end asks the editor for a change; until then it moves what is drawn.
"""

from bioimageit_flow.gui.canvas.gestures.base import Gesture, Stage
from bioimageit_flow.gui.canvas.gestures.move import MoveItems, MoveWaypoint, Resize
from bioimageit_flow.gui.canvas.gestures.sweep import Pan, SelectBox, Slice
from bioimageit_flow.gui.canvas.gestures.wire import DrawWire

__all__ = [
    "DrawWire",
    "Gesture",
    "MoveItems",
    "MoveWaypoint",
    "Pan",
    "Resize",
    "SelectBox",
    "Slice",
    "Stage",
]
