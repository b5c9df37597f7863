"""The canvas: NodeGraphQt draws, the editor decides."""

from bioimageit_flow.gui.canvas.canvas import Canvas
from bioimageit_flow.gui.canvas.drops import DATASET_TYPE, TOOL_TYPE

__all__ = ["DATASET_TYPE", "TOOL_TYPE", "Canvas"]
