"""The line in which the window speaks: what was refused and why, with the remedy.

No box is opened where a line will do. A message stays until the next one, until it is
closed, or, where it needs no answer, for some seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import pixmap, themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme

Level = Literal["info", "good", "warning", "error"]

_SHORT_MS: Final = 8_000
_LEAST_TEXT: Final = 160
_AROUND: Final = 90
"""What the sign, the cross and the margins take, in pixels."""
_ICONS: Final[dict[Level, str]] = {
    "info": "info",
    "good": "good",
    "warning": "warning",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A button on a message: its words, and what it does."""

    words: str
    call: Callable[[], object]


class MessageLine(QFrame):
    """One message at a time.

    Attributes
    ----------
    shown : Signal
        With the text, whenever one is shown.
    """

    shown = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self.setAccessibleName(tr("Message"))
        self._theme = theme
        self._is_until_edit = False
        self._sign = QLabel()
        self._text = pieces.label("", wraps=True)
        self._text.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred
        )
        self._offers = QHBoxLayout()
        self._words = pieces.row(self._text, self._offers, gap=10)
        self._close = pieces.tool_button(
            tr("Close this message"), themed("close", theme), self.hide
        )
        layout = pieces.row(self._sign, self._words, self._close, gap=10)
        layout.setContentsMargins(12, 5, 6, 5)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown, empty if nothing is."""
        return "" if self.isHidden() else self._text.text()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme for the next message."""
        self._theme = theme
        self._close.setIcon(themed("close", theme))
        self.hide()

    def say(
        self,
        text: str,
        remedy: str = "",
        *,
        level: Level = "info",
        offers: Sequence[Offer] = (),
        stays: bool | None = None,
        until_edit: bool = False,
    ) -> None:
        """Show a message.

        Parameters
        ----------
        remedy : str
            What to do, as a sentence behind the text.
        offers : sequence of Offer
            Buttons, the most useful first.
        stays : bool, optional
            Whether it waits for the user; by default when there is a button, a
            warning or an error.
        until_edit : bool
            Whether it is settled, and goes, with the next edit of the workflow.
        """
        self._is_until_edit = until_edit
        self._text.setText(f"{said(text)} {said(remedy)}".strip())
        colour = {
            "info": self._theme.info,
            "good": self._theme.success,
            "warning": self._theme.warning,
            "error": self._theme.error,
        }[level]
        self._sign.setPixmap(pixmap(_ICONS[level], colour, 18, 2))
        pieces.restyle(self, level=level)
        pieces.clear(self._offers)
        for place, offer in enumerate(offers):
            role: Literal["primary", ""] = "" if place else "primary"
            self._offers.addWidget(
                pieces.button(said(offer.words), self._taking(offer), role=role)
            )
        self.show()
        self._arrange()
        waits = bool(offers) or level in ("warning", "error")
        self._timer.stop()
        if not (waits if stays is None else stays):
            self._timer.start(_SHORT_MS)
        self.shown.emit(self._text.text())
        QAccessible.updateAccessibility(
            QAccessibleEvent(self._text, QAccessible.Event.Alert)
        )

    def settle(self) -> None:
        """Take away what an edit has settled."""
        if self._is_until_edit:
            self.hide()

    def press_first_offer(self) -> bool:
        """Press the first button; False if there is none."""
        item = self._offers.itemAt(0)
        found = item.widget() if item is not None else None
        if found is None or not self.isVisible():
            return False
        found.click()  # type: ignore[attr-defined]
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange words and buttons for another width."""
        super().resizeEvent(event)
        self._arrange()

    def hideEvent(self, event: object) -> None:
        """Forget the time when hidden."""
        self._timer.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def _taking(self, offer: Offer) -> Callable[[], None]:
        def take() -> None:
            self.hide()
            offer.call()

        return take

    def _arrange(self) -> None:
        """Put the buttons below the words, or below each other, where it is narrow."""
        items = map(self._offers.itemAt, range(self._offers.count()))
        widths = [item.sizeHint().width() for item in items if item is not None]
        beside = QBoxLayout.Direction.LeftToRight
        below = QBoxLayout.Direction.TopToBottom
        room = self.width() - _AROUND
        needed = sum(widths) + self._offers.spacing() * len(widths)
        # A long name in the text cannot be broken, and would press on the buttons.
        least = max(_LEAST_TEXT, self._text.minimumSizeHint().width())
        is_wide = needed + least <= room or not widths
        self._words.setDirection(beside if is_wide else below)
        self._offers.setDirection(beside if needed <= room else below)
