"""What every page of the viewer is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from bioimageit_flow.gui.theme import Theme


class Page(QWidget):
    """What a page has to do beside being a widget.

    Attributes
    ----------
    failed : Signal
        With an error to be shown.
    """

    failed = Signal(object)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""

    def release(self) -> None:
        """End threads and timers, close files."""
