"""Preferences: theme, language, size of text. Each takes effect at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QSlider, QWidget

from bioimageit_flow.gui import language, pieces, theme
from bioimageit_flow.gui.language import tr

_STEP: Final = 5


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: names of a theme and a language, and a factor on texts."""

    theme: str = theme.SYSTEM
    language: str = language.SYSTEM
    font_scale: float = 1.0


class PreferencesDialog(QDialog):
    """Three choices.

    Parameters
    ----------
    choices : Choices
        As they are now.
    change : callable
        Told the new choices after every change.
    """

    def __init__(
        self,
        choices: Choices,
        change: Callable[[Choices], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Preferences"))
        self._choices = choices
        self._change = change
        self.theme = QComboBox()
        for name, words in (
            (theme.SYSTEM, tr("As the desktop")),
            ("dark", tr("Dark")),
            ("light", tr("Light")),
            ("contrast", tr("High contrast")),
        ):
            self.theme.addItem(words, name)
        self.theme.setCurrentIndex(max(0, self.theme.findData(choices.theme)))
        self.theme.activated.connect(lambda _place: self._take())
        self.language = QComboBox()
        self.language.addItem(tr("As the desktop"), language.SYSTEM)
        for code, words in language.LANGUAGES.items():
            self.language.addItem(words, code)
        self.language.setCurrentIndex(max(0, self.language.findData(choices.language)))
        self.language.activated.connect(lambda _place: self._take())
        self.scale = QSlider(Qt.Orientation.Horizontal)
        self.scale.setRange(
            round(theme.MIN_FONT_SCALE * 100 / _STEP),
            round(theme.MAX_FONT_SCALE * 100 / _STEP),
        )
        self.scale.setValue(round(choices.font_scale * 100 / _STEP))
        self.scale.setMinimumWidth(220)
        self.percent = pieces.label("")
        self.scale.valueChanged.connect(lambda _value: self._show_percent())
        self.scale.sliderReleased.connect(self._take)
        self.scale.actionTriggered.connect(self._step)
        self._show_percent()
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(14)
        form.addRow(tr("Theme"), self.theme)
        form.addRow(tr("Language"), self.language)
        form.addRow(tr("Size of text"), pieces.row(self.scale, self.percent, gap=10))
        for name, widget in (
            (tr("Theme"), self.theme),
            (tr("Language"), self.language),
            (tr("Size of text"), self.scale),
        ):
            widget.setAccessibleName(name)
        self.ready = pieces.button(tr("Close"), self.accept, role="primary")
        end = pieces.row(None, self.ready)
        self.setLayout(pieces.column(form, None, end, margin=24, gap=22))
        self.setMinimumWidth(460)

    def _show_percent(self) -> None:
        self.percent.setText(f"{self.scale.value() * _STEP} %")

    def _step(self) -> None:
        if not self.scale.isSliderDown():
            self._take(self.scale.sliderPosition())

    def _take(self, position: int | None = None) -> None:
        place = self.scale.value() if position is None else position
        new = replace(
            self._choices,
            theme=str(self.theme.currentData()),
            language=str(self.language.currentData()),
            font_scale=place * _STEP / 100,
        )
        if new != self._choices:
            self._choices = new
            self._change(new)
