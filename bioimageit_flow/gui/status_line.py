"""The line at the bottom: what is there, what is wrong, how large it is seen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow, QPushButton

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.problem import errors_among


class StatusLine(QPushButton):
    """The button of the problems, which opens their panel.

    Parameters
    ----------
    window : QMainWindow
        In whose status bar it stands, with labels beside it.
    """

    zoom_reset = Signal()

    def __init__(self, window: QMainWindow, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "quiet")
        self.setAccessibleName(tr("Problems"))
        self._theme = theme
        self._counts = pieces.label("")
        self._work = pieces.label("")
        self.zoom = QPushButton()
        self.zoom.setProperty("role", "quiet")
        self.zoom.setToolTip(tr("Back to natural size"))
        self.zoom.setAccessibleName(tr("Zoom"))
        self.zoom.clicked.connect(self.zoom_reset)
        bar = self._bar = window.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self)
        bar.addWidget(self._counts)
        bar.addPermanentWidget(self._work)
        bar.addPermanentWidget(self.zoom)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme

    def show_editor(self, editor: Editor | None) -> None:
        """Count what an editor has."""
        self._bar.setVisible(editor is not None)
        if editor is None:
            self._counts.setText("")
            return
        boxes, wires = len(editor.scene.nodes), len(editor.scene.wires)
        words = [
            tr("1 box") if boxes == 1 else tr("{count} boxes", count=boxes),
            tr("1 wire") if wires == 1 else tr("{count} wires", count=wires),
        ]
        chosen = len(editor.selection)
        if chosen:
            words.append(tr("{count} selected", count=chosen))
        self._counts.setText(" \u00b7 ".join(words))
        errors = len(errors_among(editor.problems))
        others = len(editor.problems) - errors
        if errors:
            one = errors == 1
            text = tr("1 problem") if one else tr("{count} problems", count=errors)
            self._mark("error", self._theme.error, text)
        elif others:
            one = others == 1
            text = tr("1 hint") if one else tr("{count} hints", count=others)
            self._mark("warning", self._theme.warning, text)
        else:
            self._mark("good", self._theme.success, tr("No problems"))

    def show_zoom(self, zoom: float) -> None:
        """Show the zoom."""
        self.zoom.setText(f"{zoom * 100:.0f} %")

    def show_work(self, text: str) -> None:
        """Say what goes on in the background; empty for nothing."""
        self._work.setText(text)

    def _mark(self, name: str, colour: str, text: str) -> None:
        self.setIcon(icon(name, colour))
        self.setText(text)
