"""The page that a newcomer sees first: go on, begin, learn, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.drawing import draw_svg
from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon, logo, pixmap, themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

_MAX_WIDTH: Final = 980
_CARD: Final = QSize(316, 190)
_LINES: Final = 3
_GAP: Final = 16


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A workflow that was opened before.

    Attributes
    ----------
    picture : Path or None
        A PNG of its canvas, if there is one.
    """

    path: Path
    picture: Path | None = None

    @property
    def title(self) -> str:
        """Its name without the ending."""
        return self.path.name.removesuffix(".flow.yaml")


@dataclass(frozen=True, slots=True)
class ExampleCard:
    """A built-in example.

    Attributes
    ----------
    scene : Scene or None
        What its canvas shows.
    """

    name: str
    title: str
    summary: str
    scene: Scene | None = None


@dataclass(frozen=True, slots=True)
class MachineFinding:
    """A line about this machine."""

    text: str
    remedy: str
    is_good: bool


class StartPage(QScrollArea):
    """Recent workflows, examples, the first steps, and findings about the machine."""

    new_requested = Signal()
    open_requested = Signal()
    tutorial_requested = Signal()
    recent_requested = Signal(str)
    example_requested = Signal(str)
    experiment_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._theme = theme
        self._recent: tuple[RecentFile, ...] = ()
        self._examples: tuple[ExampleCard, ...] = ()
        self._findings: tuple[MachineFinding, ...] | None = None
        self._busy = ""
        self._experiment: Path | None = None
        self._columns = 3
        self._build()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        if self.isVisible():
            self._build()
        else:
            self._is_stale = True

    def showEvent(self, event: QShowEvent) -> None:
        """Take the colours that were chosen while a workflow was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._build()

    def show_recent(self, recent: Sequence[RecentFile]) -> None:
        """List workflows that were opened before, the last one first."""
        if tuple(recent) != self._recent:
            self._recent = tuple(recent)
            self._fill_recent()

    def show_examples(self, examples: Sequence[ExampleCard]) -> None:
        """List the built-in examples."""
        self._examples = tuple(examples)
        self._fill_examples()

    def show_findings(self, findings: Sequence[MachineFinding]) -> None:
        """Say what this machine can do."""
        self._findings = tuple(findings)
        self._fill_findings()

    def show_busy(self, name: str) -> None:
        """Mark the example whose data are being made; empty for none."""
        self._busy = name
        self._fill_examples()

    def show_experiment(self, path: Path | None) -> None:
        """Name the experiment that the window works with; None for none."""
        self._experiment = path
        self.experiment.setVisible(path is not None)
        if path is not None:
            self.experiment.setText(
                tr("Experiment {name}", name="/".join(path.parts[-2:]))
            )
            self.experiment.setToolTip(str(path))
            self.experiment.setAccessibleDescription(str(path))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards side by side as there is room for."""
        super().resizeEvent(event)
        room = min(self.viewport().width() - 64, self._max_width())
        columns = max(1, (room + _GAP) // (self._card().width() + _GAP))
        if columns != self._columns:
            self._columns = columns
            self._fill_recent()
            self._fill_examples()

    def _max_width(self) -> int:
        return round(_MAX_WIDTH * max(1.0, self._theme.font_scale))

    def _card(self) -> QSize:
        return _CARD * max(1.0, self._theme.font_scale)

    def _build(self) -> None:
        self._is_stale = False
        theme = self._theme
        sign = QLabel()
        sign.setPixmap(logo(theme, 56))
        words = pieces.column(
            pieces.label("BioImageIT Flow", "title"),
            pieces.label(
                tr(
                    "Draw an image analysis, run it on every image, trace every result."
                ),
                "muted",
            ),
            gap=2,
        )
        head = pieces.row(sign, words, None, gap=18)
        self.new = pieces.button(
            tr("New workflow"),
            self.new_requested.emit,
            role="primary",
            icon=icon("new", theme.accent_text),
        )
        self.open = pieces.button(
            tr("Open…"), self.open_requested.emit, icon=themed("open", theme)
        )
        self.learn = pieces.button(
            tr("First steps in five minutes"),
            self.tutorial_requested.emit,
            icon=themed("book", theme),
        )
        self.experiment = pieces.button(
            "",
            self.experiment_requested.emit,
            role="quiet",
            icon=icon("dataset", theme.accent),
        )
        self.experiment.setObjectName("experimentOfWindow")
        buttons = (self.new, self.open, self.learn, self.experiment)
        for one in buttons:
            one.setIconSize(QSize(18, 18))
            one.setMinimumHeight(round(38 * theme.font_scale))
        begin = pieces.row(*buttons, None, gap=10)
        self._recent_title = pieces.label(tr("Recent"), "heading")
        self._recent_grid = _grid()
        self._example_grid = _grid()
        self._finding_rows = QVBoxLayout()
        self._finding_rows.setSpacing(8)
        card = QFrame()
        card.setProperty("role", "card")
        card.setLayout(self._finding_rows)
        self._finding_rows.setContentsMargins(16, 14, 16, 14)
        inner = QWidget()
        inner.setMaximumWidth(self._max_width())
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inner.setLayout(
            pieces.column(
                head,
                _space(8),
                begin,
                _space(14),
                self._recent_title,
                self._recent_grid,
                _space(10),
                pieces.label(tr("Examples, with data and known results"), "heading"),
                self._example_grid,
                _space(10),
                pieces.label(tr("This machine"), "heading"),
                card,
                None,
                gap=10,
            )
        )
        page = QWidget()
        page.setObjectName("startPage")
        across = pieces.row(None, inner, None)
        across.setStretch(1, 100)
        across.setContentsMargins(32, 36, 32, 32)
        page.setLayout(across)
        self.setWidget(page)
        self.show_experiment(self._experiment)
        self._fill_recent()
        self._fill_examples()
        self._fill_findings()

    def _fill_recent(self) -> None:
        pieces.clear(self._recent_grid)
        self._recent_title.setVisible(bool(self._recent))
        shown = self._recent[: 2 * self._columns]
        for place, file in enumerate(shown):
            seen = QPixmap(str(file.picture)) if file.picture else None
            card = self._card_button(
                file.title, str(file.path.parent), seen, "subworkflow"
            )
            card.setToolTip(str(file.path))
            path = str(file.path)
            card.clicked.connect(
                lambda _=False, path=path: self.recent_requested.emit(path)
            )
            self._put(self._recent_grid, card, place)

    def _fill_examples(self) -> None:
        pieces.clear(self._example_grid)
        for place, example in enumerate(self._examples):
            is_busy = example.name == self._busy
            detail = tr("Making its images…") if is_busy else tr(example.summary)
            drawn = _drawing(example.scene, self._theme) if example.scene else None
            card = self._card_button(tr(example.title), detail, drawn, "picture")
            card.setToolTip(tr(example.summary))
            card.setEnabled(not self._busy)
            card.setObjectName(f"example-{example.name}")
            name = example.name
            card.clicked.connect(
                lambda _=False, name=name: self.example_requested.emit(name)
            )
            self._put(self._example_grid, card, place)

    def _fill_findings(self) -> None:
        pieces.clear(self._finding_rows)
        if self._findings is None:
            self._finding_rows.addWidget(
                pieces.label(tr("Looking at this machine…"), "muted")
            )
            return
        open_ones = [one for one in self._findings if not one.is_good]
        if not open_ones:
            self._finding(
                MachineFinding(tr("Everything that is needed is here."), "", True)
            )
        for one in open_ones:
            self._finding(one)

    def _finding(self, one: MachineFinding) -> None:
        theme = self._theme
        sign = QLabel()
        name, colour = (
            ("good", theme.success) if one.is_good else ("warning", theme.warning)
        )
        sign.setPixmap(pixmap(name, colour, 18, 2))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        text = pieces.label(one.text, wraps=True)
        lines = [text]
        if one.remedy:
            lines.append(pieces.label(one.remedy, "muted", wraps=True))
        words = pieces.holder(pieces.column(*lines, gap=2))
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        sign.setFixedWidth(18)
        self._finding_rows.addLayout(pieces.row(sign, words, gap=12))

    def _put(self, grid: QGridLayout, card: QPushButton, place: int) -> None:
        grid.addWidget(card, place // self._columns, place % self._columns)

    def _card_button(
        self, title: str, detail: str, picture: QPixmap | None, sign: str
    ) -> QPushButton:
        card = QPushButton()
        card.setProperty("role", "card")
        card.setCursor(Qt.CursorShape.PointingHandCursor)
        card.setAccessibleName(title)
        card.setAccessibleDescription(detail)
        size = self._card()
        seen = QLabel()
        seen.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown = picture or QPixmap()
        height = size.height() - round(88 * max(1.0, self._theme.font_scale))
        if shown.isNull():
            seen.setPixmap(pixmap(sign, self._theme.muted, 40, 2))
        else:
            density = 2.0
            fitted = shown.scaled(
                QSize(size.width() - 24, height) * density,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            fitted.setDevicePixelRatio(density)
            seen.setPixmap(fitted)
        seen.setFixedHeight(height)
        ground = _ground(shown) or self._theme.canvas
        seen.setStyleSheet(f"background: {ground}; border-radius: 6px;")
        name = pieces.label(title)
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        below = pieces.label(detail, "small", wraps=True)
        below.setAlignment(Qt.AlignmentFlag.AlignTop)
        below.ensurePolished()
        below.setFixedHeight(below.fontMetrics().lineSpacing() * _LINES + 2)
        for part in (seen, name, below):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = pieces.column(seen, name, below, gap=3)
        layout.setContentsMargins(12, 12, 12, 10)
        card.setLayout(layout)
        card.setFixedSize(size)
        return card


def _ground(picture: QPixmap) -> str:
    """Return the colour around what a picture shows; empty if there is none.

    A picture that was kept in another theme goes on to the edge of its card.
    """
    if picture.isNull():
        return ""
    colour = picture.copy(0, 0, 1, 1).toImage().pixelColor(0, 0)
    return colour.name() if colour.alpha() == 255 else ""


def _drawing(scene: Scene, theme: Theme) -> QPixmap:
    """Return a picture of a canvas."""
    renderer = QSvgRenderer(QByteArray(draw_svg(scene, theme).encode()))
    size = renderer.defaultSize()
    picture = QPixmap(size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return picture


def _grid() -> QGridLayout:
    made = QGridLayout()
    made.setSpacing(_GAP)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return made


def _space(height: int) -> QWidget:
    made = QWidget()
    made.setFixedHeight(height)
    return made
