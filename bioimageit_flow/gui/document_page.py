"""One open workflow in the window: its canvas, the way back, and a first hint."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.canvas.canvas import Canvas
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme


class DocumentPage(QWidget):
    """The canvas of an editor, with the trail of entered subworkflows above it.

    Attributes
    ----------
    leave_requested : Signal
        With the number of subworkflows to stay in.
    """

    leave_requested = Signal(int)

    def __init__(
        self, editor: Editor, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self._theme = theme
        self._trail_shown: tuple[str, ...] = ()
        self.canvas = Canvas(self)
        self.canvas.set_theme(theme)
        self._trail = QHBoxLayout()
        self._trail.setSpacing(2)
        self._trail_bar = pieces.holder(self._trail)
        self._trail.setContentsMargins(10, 4, 10, 4)
        self.hint = QLabel(self.canvas)
        self.hint.setObjectName("canvasHint")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setTextFormat(Qt.TextFormat.RichText)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.canvas.installEventFilter(self)
        self.setLayout(pieces.column(self._trail_bar, self.canvas, gap=0))
        self.canvas.show_editor(editor)
        editor.scene_changed.connect(self._look)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.canvas.set_theme(theme)
        self.hint.setText(_hint(theme))
        self._trail_shown = ()
        self._look()

    def release(self) -> None:
        """Let go of the editor."""
        self.editor.scene_changed.disconnect(self._look)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the hint in the middle of the canvas."""
        if watched is self.canvas and event.type() is QEvent.Type.Resize:
            self._place_hint()
        return False

    def _look(self, _scene: object = None) -> None:
        scene = self.editor.scene
        self.hint.setVisible(not (scene.nodes or scene.notes or scene.frames))
        self._place_hint()
        if scene.trail != self._trail_shown:
            self._trail_shown = scene.trail
            self._fill_trail(scene.trail)

    def _place_hint(self) -> None:
        self.hint.adjustSize()
        place = self.canvas.rect().center() - self.hint.rect().center()
        self.hint.move(place)

    def _fill_trail(self, trail: tuple[str, ...]) -> None:
        pieces.clear(self._trail)
        self._trail_bar.setVisible(len(trail) > 1)
        for depth, title in enumerate(trail):
            if depth:
                arrow = QLabel()
                arrow.setPixmap(icon("right", self._theme.muted).pixmap(14, 14))
                self._trail.addWidget(arrow)
            is_here = depth == len(trail) - 1
            if is_here:
                self._trail.addWidget(pieces.label(title))
            else:
                self._trail.addWidget(
                    pieces.button(title, self._leaving(depth), role="quiet")
                )
        self._trail.addStretch(1)

    def _leaving(self, depth: int) -> Callable[[], None]:
        def leave() -> None:
            self.leave_requested.emit(depth)

        return leave


def _hint(theme: Theme) -> str:
    def key(text: str) -> str:
        return (
            f'<span style="background:{theme.raised};color:{theme.text}">'
            f"&nbsp;{text}&nbsp;</span>"
        )

    rows = (
        (key("Tab"), tr("find a tool and add it here")),
        (key("Ctrl+I"), tr("add a dataset input")),
        (tr("drag"), tr("a tool from the palette, or image files, to here")),
    )
    lines = "".join(
        f'<tr><td align="right" style="padding:4px">{left}</td>'
        f'<td style="padding:4px">{right}</td></tr>'
        for left, right in rows
    )
    return (
        f'<div style="color:{theme.muted}"><p style="font-size:14pt" align="center">'
        f"{tr('Your workflow begins here')}</p><table>{lines}</table></div>"
    )
