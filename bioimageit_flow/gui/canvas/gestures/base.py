"""What a gesture is, and what it may use."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, Qt

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import PortAddress
from bioimageit_flow.gui.canvas.board import Board
from bioimageit_flow.gui.canvas.overlay import Overlay
from bioimageit_flow.gui.canvas.wires import LooseWire

THRESHOLD = 4
"""Pixels that the mouse moves before a press is a drag."""


class Stage(Protocol):
    """What the view offers to gestures."""

    board: Board
    overlay: Overlay
    loose: LooseWire

    @property
    def editor(self) -> Editor:
        """The document that is shown."""

    @property
    def zoom(self) -> float:
        """Pixels of the screen per pixel of the scene."""

    @property
    def snaps(self) -> bool:
        """Whether what is moved snaps to the grid and to its neighbours."""

    def pan(self, dx: int, dy: int) -> None:
        """Move what is seen by pixels of the screen."""

    def attempt(self, intent: Callable[[], object]) -> bool:
        """Ask the editor for a change; a refusal is told, and answered with False."""

    def say(self, text: str, at: QPoint) -> None:
        """Write words beside the cursor; no words take them away."""

    def refuse(
        self,
        text: str,
        remedy: str,
        at: QPoint,
        *,
        source: PortAddress,
        target: PortAddress,
        inserts: Sequence[str],
    ) -> None:
        """Tell why a wire was refused and offer what would help."""

    def ask_for_tool(
        self, scene_at: QPointF, at: QPoint, port: PortAddress | None
    ) -> None:
        """Ask for the search at a place, for what fits a port."""

    def place(self, at: QPoint) -> QPointF:
        """Return the point of the scene under a pixel of the view."""


class Gesture:
    """One gesture, from the press on.

    Parameters
    ----------
    stage : Stage
        The view.
    at : QPoint
        Where the mouse was pressed, in pixels of the view.
    """

    cursor: Qt.CursorShape | None = None

    def __init__(self, stage: Stage, at: QPoint) -> None:
        self.stage = stage
        self.start = at
        self.scene_start = stage.place(at)
        self.is_drag = False

    def move(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the mouse."""
        if not self.is_drag:
            if (at - self.start).manhattanLength() < THRESHOLD:
                return
            self.is_drag = True
            self.begin()
        self.drag(at, modifiers)

    def begin(self) -> None:
        """Prepare, once the press has become a drag."""

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the mouse once it is a drag."""

    def release(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """End: drop if it was a drag, else it was a click."""
        if self.is_drag:
            self.drop(at, modifiers)
        else:
            self.click(at, modifiers)
        self.end()

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Do what the drag meant."""

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Do what a press without a drag means."""

    def cancel(self) -> None:
        """Leave everything as it was before the press."""
        self.end()

    def end(self) -> None:
        """Take away what the gesture drew."""
        self.stage.overlay.clear()
        self.stage.say("", self.start)
