"""Playing an image along one of its axes, as a movie."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

FASTEST: Final = 60
USUAL: Final = 10


class Player(QObject):
    """Steps along an axis so often, around the end to the beginning.

    A step waits until the one before is shown: a slow disk makes a slow movie, not a
    window that lags behind.

    Parameters
    ----------
    step : callable
        Given the axis; goes one plane on.
    is_ready : callable
        Whether what was asked for before is shown.

    Attributes
    ----------
    changed : Signal
        It began, or ended.
    """

    changed = Signal()

    def __init__(
        self,
        step: Callable[[str], None],
        is_ready: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._step, self._is_ready = step, is_ready
        self.axis = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.set_rate(USUAL)

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def set_rate(self, frames_per_s: int) -> None:
        """Step so many times a second."""
        self._timer.setInterval(round(1000 / min(max(frames_per_s, 1), FASTEST)))

    def toggle(self, axis: str) -> None:
        """Play along an axis, or stop if that is what is played."""
        is_same = self.is_playing and self.axis == axis
        self.stop()
        if not is_same:
            self.axis = axis
            self._timer.start()
            self.changed.emit()

    def stop(self) -> None:
        """Stop where it is."""
        if self._timer.isActive():
            self._timer.stop()
            self.changed.emit()

    def _tick(self) -> None:
        if self._is_ready():
            self._step(self.axis)
