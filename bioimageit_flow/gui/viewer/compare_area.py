"""One or two panes: alone, side by side, or one over the other behind a curtain."""

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.linking import Linking
from bioimageit_flow.gui.viewer.pane import Pane

_GRIP: Final = 14
_GAP: Final = 3


class Arrangement(StrEnum):
    """How two panes stand."""

    ONE = "one"
    SIDE = "side"
    WIPE = "wipe"


class Curtain(QWidget):
    """The line between two images that lie over each other; it can be dragged.

    Attributes
    ----------
    moved : Signal
        With where it is, 0 to 1.
    """

    moved = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.place = 0.5
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Curtain between A and B"))
        self.setToolTip(tr("Drag, or press Left and Right"))

    def move_to(self, place: float) -> None:
        """Go to a place, 0 to 1."""
        self.place = min(max(place, 0.0), 1.0)
        self.setAccessibleDescription(f"{round(self.place * 100)} %")
        self.moved.emit(self.place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line with a grip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() / 2
        accent = QColor(self.theme.accent if self.hasFocus() else "#ffffff")
        painter.fillRect(QRect(int(middle) - 2, 0, 4, self.height()), QColor(0, 0, 0))
        painter.fillRect(QRect(int(middle) - 1, 0, 2, self.height()), accent)
        grip = QRect(1, self.height() // 2 - 18, self.width() - 2, 36)
        painter.setPen(QColor(0, 0, 0))
        painter.setBrush(accent)
        painter.drawRoundedRect(grip, 5, 5)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        parent = self.parentWidget()
        if parent is not None and event.buttons() & Qt.MouseButton.LeftButton:
            at = self.mapTo(parent, event.position().toPoint()).x()
            self.move_to(at / max(parent.width(), 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a fiftieth."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self.move_to(self.place + step / 50)
        else:
            super().keyPressEvent(event)


class CompareArea(QWidget):
    """One pane, or two that show the same place of two images.

    Parameters
    ----------
    has_two : bool
        Whether there is a second; it costs as much to build as the first.

    Attributes
    ----------
    panes : list of Pane
        One or two.
    """

    def __init__(
        self, theme: Theme, *, has_two: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.arrangement = Arrangement.ONE
        self.panes = [Pane(theme, self) for _ in range(2 if has_two else 1)]
        self.curtain = Curtain(theme, self)
        self.curtain.moved.connect(lambda _place: self._place())
        self.setMinimumSize(160, 120)
        if has_two:
            self.linking: Linking | None = Linking(self.a, self.b)
            self.b.title.setAlignment(Qt.AlignmentFlag.AlignRight)
        else:
            self.linking = None
        self.arrange(Arrangement.ONE)

    @property
    def a(self) -> Pane:
        """The first pane, which is always there."""
        return self.panes[0]

    @property
    def b(self) -> Pane:
        """The second pane, of those that compare."""
        return self.panes[1]

    def link(self, *, is_on: bool) -> None:
        """Let the panes follow each other, or not."""
        if self.linking is not None:
            self.linking.is_on = is_on
            if is_on:
                self.linking.align()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.curtain.theme = theme
        for pane in self.panes:
            pane.set_theme(theme)

    def release(self) -> None:
        """End threads and timers."""
        for pane in self.panes:
            pane.release()

    def arrange(self, arrangement: Arrangement) -> None:
        """Put the panes otherwise."""
        self.arrangement = arrangement
        shows_two = arrangement != Arrangement.ONE
        for pane in self.panes:
            pane.title.setVisible(shows_two)
        for pane in self.panes[1:]:
            pane.setVisible(shows_two)
        self.curtain.setVisible(arrangement == Arrangement.WIPE)
        self._place()
        if shows_two and self.linking is not None:
            self.linking.align()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the panes where they belong."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        area = self.rect()
        if len(self.panes) == 1:
            self.a.setGeometry(area)
            return
        if self.arrangement == Arrangement.SIDE:
            half = (area.width() - _GAP) // 2
            self.b.clearMask()
            self.a.setGeometry(0, 0, half, area.height())
            self.b.setGeometry(half + _GAP, 0, half, area.height())
            return
        self.a.setGeometry(area)
        self.b.setGeometry(area)
        self.b.clearMask()
        if self.arrangement == Arrangement.WIPE:
            at = round(self.curtain.place * area.width())
            right = QRect(at, 0, max(area.width() - at, 1), area.height())
            self.b.setMask(QRegion(right))
            self.curtain.setGeometry(at - _GRIP // 2, 0, _GRIP, area.height())
            self.b.raise_()
            self.curtain.raise_()
