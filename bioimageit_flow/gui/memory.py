"""Python's search for cycles, at moments when nobody waits for the window.

A large workflow is some hundred thousand objects, and going through all of them takes
longer than a gesture may. So old objects are looked through when the user has turned to
another program, and every few minutes; young ones as ever. The program itself stays
until it ends: what it consists of is never looked through.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

_NEVER: Final = 1_000_000_000
_MOST_YOUNG: Final = 2_000
"""How many new objects there may be until the young ones are looked through; while the
program starts, they are far more."""

_EVERY_MS: Final = 5 * 60 * 1000


class QuietCollector(QObject):
    """Takes the collection of old objects out of the way of gestures.

    Parameters
    ----------
    application : QApplication
        Of this process.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        gc.freeze()
        self._before = gc.get_threshold()
        young, middle, _ = self._before
        gc.set_threshold(min(young, _MOST_YOUNG), middle, _NEVER)
        application.applicationStateChanged.connect(self._look)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def release(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        self._application.applicationStateChanged.disconnect(self._look)
        gc.set_threshold(*self._before)
        gc.unfreeze()

    def collect(self) -> None:
        """Go through all objects now."""
        gc.collect()

    def _look(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            self.collect()
