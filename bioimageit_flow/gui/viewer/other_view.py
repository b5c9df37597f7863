"""What is neither image nor table: numbers, texts, figures."""

import json
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QStackedWidget, QWidget

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.style import code_font
from bioimageit_flow.gui.theme import Theme

_MOST_LETTERS: Final = 200_000


def text_of(path: Path) -> str:
    """Return a file as text to be read by people; bytes that are no text are said."""
    if path.is_dir():
        return "\n".join(sorted(one.name for one in path.iterdir()))
    with path.open("rb") as stream:
        data = stream.read(_MOST_LETTERS)
    if b"\0" in data:
        return ""
    text = data.decode("utf-8", "replace")
    if path.suffix == ".json":
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text
    return text


class OtherView(QStackedWidget):
    """Shows a text, or a figure that Qt can draw."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Text of the file"))
        self.figure = QLabel()
        self.figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.figure.setMinimumSize(1, 1)
        self._drawing = QSvgRenderer(self)
        self.addWidget(self.text)
        self.addWidget(self.figure)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other fonts."""
        self.text.setFont(code_font(theme))

    def show_file(self, path: Path, text: str) -> None:
        """Show a file whose text was read already; a figure is drawn."""
        self._drawing.load(path.read_bytes() if path.suffix == ".svg" else b"")
        if self._drawing.isValid():
            self.setCurrentWidget(self.figure)
            self._fit()
            return
        self.setCurrentWidget(self.text)
        self.text.setPlainText(text or tr("This file can only be opened elsewhere."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the figure as large as fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._drawing.isValid():
            return
        density = self.devicePixelRatioF()
        room = self.size() - QSize(24, 24)
        size = self._drawing.defaultSize()
        size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
        picture = QPixmap(size * density)
        picture.fill(QColor("white"))
        painter = QPainter(picture)
        self._drawing.render(painter)
        painter.end()
        picture.setDevicePixelRatio(density)
        self.figure.setPixmap(picture)
