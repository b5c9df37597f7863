"""The first steps, beside the canvas, ticked off as they are done."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.scene import NodeRole, Scene
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import pixmap
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Look:
    """What the steps are judged by."""

    scene: Scene
    has_parameters: bool
    is_saved: bool
    has_images: bool
    has_run: bool


@dataclass(frozen=True, slots=True)
class _Step:
    title: str
    text: str
    is_done: Callable[[Look], bool]
    panel: str = ""
    """The dock where it is done, offered by a button."""


def _has_dataset(look: Look) -> bool:
    return any(node.role is NodeRole.DATASET for node in look.scene.nodes.values())


def _has_tool(look: Look) -> bool:
    return any(node.role is NodeRole.TOOL for node in look.scene.nodes.values())


def _has_wire(look: Look) -> bool:
    return any(not wire.problem for wire in look.scene.wires.values())


def _steps() -> tuple[_Step, ...]:
    return (
        _Step(
            tr("Say what goes in"),
            tr(
                "Press Ctrl+I for a dataset input: the place where a run "
                "gets its images. Or drop image files on the canvas."
            ),
            _has_dataset,
        ),
        _Step(
            tr("Add a tool"),
            tr(
                "Press Tab over the canvas, type a word such as “spots”, and "
                "press Enter. You can also drag a tool from the palette."
            ),
            _has_tool,
        ),
        _Step(
            tr("Draw a wire"),
            tr(
                "Drag from the dot at the right of a box to a dot at the left of "
                "another. Dots that fit glow. Let go on the empty canvas to be "
                "offered the tools that fit."
            ),
            _has_wire,
        ),
        _Step(
            tr("Set a parameter"),
            tr("Click a box and change a value in the panel Parameters."),
            lambda look: look.has_parameters,
        ),
        _Step(
            tr("Save"),
            tr("Press Ctrl+S. The file holds no path of yours: share it as it is."),
            lambda look: look.is_saved,
        ),
        _Step(
            tr("Bring your images"),
            tr(
                "Make an experiment, the folder of your images and results, and "
                "import images into it."
            ),
            lambda look: look.has_images,
            panel="experiment",
        ),
        _Step(
            tr("Run it"),
            tr(
                "Press Run above the canvas, or Ctrl+R. A single dataset is taken by "
                "itself; of several, drag one onto the box of the input."
            ),
            lambda look: look.has_run,
        ),
    )


class TutorialPanel(QScrollArea):
    """The steps with their ticks.

    Attributes
    ----------
    close_requested : Signal
    panel_requested : Signal
        With the name of the dock where a step is done.
    """

    close_requested = Signal()
    panel_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self._theme = theme
        self._steps = _steps()
        self._done = [False] * len(self._steps)
        self._build()

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(self._done)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._build()

    def look(self, look: Look) -> None:
        """Tick off what is done."""
        done = [step.is_done(look) for step in self._steps]
        if done != self._done:
            self._done = done
            self._build()

    def _build(self) -> None:
        rows = QVBoxLayout()
        rows.setContentsMargins(14, 12, 14, 14)
        rows.setSpacing(12)
        rows.addWidget(
            pieces.label(
                tr("Your first workflow in five minutes"), "heading", wraps=True
            )
        )
        current = next((i for i, done in enumerate(self._done) if not done), -1)
        for place, (step, done) in enumerate(zip(self._steps, self._done, strict=True)):
            sign = QLabel()
            sign.setFixedWidth(26)
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if done:
                sign.setPixmap(pixmap("good", self._theme.success, 20, 2))
            else:
                sign.setText(str(place + 1))
                sign.setProperty("role", "chip")
            title = pieces.label(step.title, wraps=True)
            font = title.font()
            font.setBold(place == current)
            title.setFont(font)
            words = pieces.column(title, gap=3)
            if place == current:
                words.addWidget(pieces.label(step.text, "muted", wraps=True))
                if step.panel:
                    words.addLayout(pieces.row(self._way_to(step.panel), None))
            step_row = pieces.row(pieces.column(sign, None), words, gap=10)
            step_row.setStretch(1, 1)
            rows.addLayout(step_row)
        if current < 0:
            rows.addWidget(
                pieces.label(
                    tr(
                        "Well done: select a box and press Ctrl+Alt+L to see what "
                        "it made."
                    ),
                    "muted",
                    wraps=True,
                )
            )
        rows.addWidget(
            pieces.button(tr("Close the first steps"), self.close_requested.emit)
        )
        rows.addStretch(1)
        self.setWidget(pieces.holder(rows))

    def _way_to(self, panel: str) -> QPushButton:
        return pieces.button(
            tr("Show the panel"), lambda: self.panel_requested.emit(panel)
        )
