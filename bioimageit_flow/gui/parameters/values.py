"""One editor per type of value: what is typed goes on, also when it does not fit."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QToolButton,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.folder_dialog import label_dialog
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

_BIG_STEP: Final = 10


class ValueEditor(QWidget):
    """Shows a value and tells when the user changes it.

    Attributes
    ----------
    edited : Signal
        With the new value; a text where what is typed is no value of the type.
    """

    edited = Signal(object)

    def show_value(self, value: object, *, is_mixed: bool = False) -> None:
        """Show a value; `is_mixed` where several nodes differ."""
        raise NotImplementedError

    def mark(self, *, is_bad: bool) -> None:
        """Show whether the value fits."""

    def set_name(self, name: str, description: str) -> None:
        """Say what a screen reader says."""
        target = self.focusProxy() or self
        target.setAccessibleName(name)
        target.setAccessibleDescription(description)


class _LineEditor(ValueEditor):
    """What is typed as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.textEdited.connect(lambda text: self.edited.emit(self.parse(text)))
        self.setFocusProxy(self.field)
        self.bar = pieces.row(self.field)
        self.setLayout(self.bar)

    def parse(self, text: str) -> object:
        """Return what a text stands for; the text itself if it is no value."""
        return text

    def format(self, value: object) -> str:
        """Return a value as text."""
        return "" if value is None else str(value)

    def show_value(self, value: object, *, is_mixed: bool = False) -> None:
        self.field.setPlaceholderText(tr("several values") if is_mixed else "")
        if is_mixed:
            if not self.field.hasFocus():
                self.field.setText("")
            return
        has_same = self.field.hasFocus() and self.parse(self.field.text()) == value
        if not has_same:
            self.field.setText(self.format(value))

    def mark(self, *, is_bad: bool) -> None:
        pieces.restyle(self.field, state="bad" if is_bad else "")


class TextEditor(_LineEditor):
    """Free text."""


class NumberEditor(_LineEditor):
    """A number; arrow keys and the wheel step it, Shift steps ten times as far.

    Parameters
    ----------
    is_whole : bool
        Whether it must be a whole number.
    step : float
        What one press of an arrow adds.
    bounds : tuple of float or None
        Beyond which the arrows do not go.
    """

    def __init__(
        self,
        *,
        is_whole: bool,
        step: float,
        bounds: tuple[float | None, float | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_whole = is_whole
        self._step = step
        self._bounds = bounds
        self.field.installEventFilter(self)

    def parse(self, text: str) -> object:
        """Return what a text stands for; the text itself if it is no value."""
        plain = text.strip().replace(",", ".") if text.count(",") == 1 else text.strip()
        try:
            number = float(plain)
        except ValueError:
            return text
        if not math.isfinite(number):
            return text
        if self._is_whole:
            return int(number) if number.is_integer() else number
        return number

    def format(self, value: object) -> str:
        """Return a value as text."""
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return super().format(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Step by keys and wheel; the wheel only where the field has the keys."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
            if steps:
                shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.step(steps * (_BIG_STEP if shift else 1))
                return True
        if isinstance(event, QWheelEvent) and self.field.hasFocus():
            self.step(1 if event.angleDelta().y() > 0 else -1)
            return True
        return False

    def step(self, steps: int) -> None:
        """Add some steps, within the bounds."""
        value = self.parse(self.field.text())
        if not isinstance(value, int | float):
            return
        low, high = self._bounds
        new = round(value + steps * self._step, 10)
        new = new if low is None else max(new, low)
        new = new if high is None else min(new, high)
        result: int | float = int(new) if self._is_whole else float(new)
        self.field.setText(self.format(result))
        self.edited.emit(result)


class ListEditor(_LineEditor):
    """Values with commas between them.

    Parameters
    ----------
    item : str
        int, float or text.
    """

    def __init__(self, item: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item = item
        self.field.setToolTip(tr("Values with commas between them"))

    def parse(self, text: str) -> object:
        """Return what a text stands for; the text itself if it is no value."""
        words = [word.strip() for word in text.split(",")]
        return [self._element(word) for word in words if word]

    def _element(self, word: str) -> int | float | str:
        if self._item == "text":
            return word
        try:
            number = float(word)
        except ValueError:
            return word
        return int(number) if self._item == "int" and number.is_integer() else number

    def format(self, value: object) -> str:
        """Return a value as text."""
        if isinstance(value, list | tuple):
            return ", ".join(str(one) for one in value)
        return super().format(value)


class FileEditor(_LineEditor):
    """A path, typed, chosen or dropped."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        browse: QToolButton = pieces.tool_button(
            tr("Choose a file"), themed("open", theme), self._browse
        )
        self.bar.addWidget(browse)
        self.setAcceptDrops(True)
        self.field.setAcceptDrops(False)

    def dragEnterEvent(self, event: object) -> None:
        """Take a file."""
        if event.mimeData().hasUrls():  # type: ignore[attr-defined]
            event.acceptProposedAction()  # type: ignore[attr-defined]

    def dropEvent(self, event: object) -> None:
        """Take the path of the first file that is dropped."""
        urls = event.mimeData().urls()  # type: ignore[attr-defined]
        if urls and urls[0].isLocalFile():
            self._give(urls[0].toLocalFile())

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("Choose a file"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        label_dialog(dialog)
        here = Path(self.field.text() or ".").parent
        dialog.setDirectory(str(here))
        dialog.fileSelected.connect(self._give)
        dialog.open()

    def _give(self, path: str) -> None:
        self.field.setText(path)
        self.edited.emit(path)


class CheckEditor(ValueEditor):
    """On or off."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(words)
        self.box.clicked.connect(self._click)
        self.setFocusProxy(self.box)
        self.setLayout(pieces.row(self.box, None))

    def _click(self) -> None:
        self.box.setTristate(False)
        self.edited.emit(self.box.isChecked())

    def show_value(self, value: object, *, is_mixed: bool = False) -> None:
        """Show a value."""
        self.box.setTristate(is_mixed)
        if is_mixed:
            self.box.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.box.setChecked(value is True)


class ChoiceEditor(ValueEditor):
    """One of some values, each with its words.

    Parameters
    ----------
    choices : sequence of tuple of str
        Value and words.
    """

    def __init__(
        self, choices: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.box = _CalmBox()
        for value, words in choices:
            self.box.addItem(tr(words), value)
        self.box.activated.connect(
            lambda _place: self.edited.emit(self.box.currentData())
        )
        self.setFocusProxy(self.box)
        self.setLayout(pieces.row(self.box))

    def show_value(self, value: object, *, is_mixed: bool = False) -> None:
        """Show a value, also one that is none of the choices."""
        self.box.setPlaceholderText(tr("several values") if is_mixed else str(value))
        place = -1 if is_mixed else self.box.findData(value)
        self.box.setCurrentIndex(place)

    def mark(self, *, is_bad: bool) -> None:
        """Show whether the value fits."""
        pieces.restyle(self.box, state="bad" if is_bad else "")


class _CalmBox(QComboBox):
    """A box that the wheel changes only while it has the keys."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if QApplication.focusWidget() is self:
            super().wheelEvent(event)
        else:
            event.ignore()
