"""Two panes that stay at the same place of their images."""

from PySide6.QtCore import QRectF

from bioimageit_flow.editor.viewing.places import scale_between
from bioimageit_flow.gui.viewer.pane import Pane


class Linking:
    """Keeps two panes at the same place of their images.

    Parameters
    ----------
    first, second : Pane
        Which follow each other while `is_on`.
    """

    def __init__(self, first: Pane, second: Pane) -> None:
        self._panes = (first, second)
        self.is_on = True
        self._is_moving = False
        first.canvas.view_moved.connect(lambda: self._follow(first, second))
        second.canvas.view_moved.connect(lambda: self._follow(second, first))

    def align(self) -> None:
        """Put the second where the first is."""
        self._follow(*self._panes)

    def _follow(self, moved: Pane, other: Pane) -> None:
        if self._is_moving or not self.is_on:
            return
        if moved.isHidden() or other.isHidden() or moved.exhibit is None:
            return
        scale_y, scale_x = _scale(moved, other)
        rect = moved.canvas.box.viewRect()
        self._is_moving = True
        try:
            other.canvas.show_rect(
                QRectF(
                    (rect.left() + 0.5) * scale_x - 0.5,
                    (rect.top() + 0.5) * scale_y - 0.5,
                    rect.width() * scale_x,
                    rect.height() * scale_y,
                )
            )
        finally:
            self._is_moving = False


def _scale(moved: Pane, other: Pane) -> tuple[float, float]:
    if moved.exhibit is None or other.exhibit is None:
        return 1.0, 1.0
    if moved.exhibit.base is None or other.exhibit.base is None:
        return 1.0, 1.0
    return scale_between(other.exhibit.info, moved.exhibit.info)
