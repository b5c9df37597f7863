"""Dialogs that work in a thread: progress, cancel, and what came of it."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any, Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QProgressBar, QVBoxLayout, QWidget

from bioimageit_flow.editor.experiment.import_form import StoppedError
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.language import tr

_PERIOD_S: Final = 0.1

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; 0 where nobody knows."""


class _Told(QObject):
    """Carries progress from a thread to the window, at most ten times a second."""

    told = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_stopped = Event()
        self._last = 0.0

    def __call__(self, done: int, of: int) -> None:
        if self.is_stopped.is_set():
            raise StoppedError
        now = monotonic()
        if now - self._last >= _PERIOD_S or done == of:
            self._last = now
            self.told.emit(done, of)


class WorkDialog(QDialog):
    """A dialog with a place for what is asked, and a line for what goes on.

    Parameters
    ----------
    background : Background
        Where it works.
    title : str
        Of the window.
    verb : str
        On the button that begins; empty for none.

    Attributes
    ----------
    body : QVBoxLayout
        What is asked.
    """

    def __init__(
        self,
        background: Background,
        title: str,
        verb: str,
        parent: QWidget | None = None,
        size: QSize | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._background = background
        self._told: _Told | None = None
        self._is_gone = False
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(10)
        self.says = pieces.label("", wraps=True)
        self.says.setMinimumHeight(self.says.fontMetrics().lineSpacing())
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(6)
        self.bar.setAccessibleName(tr("Progress"))
        self.go = pieces.button(verb, self.begin, role="primary")
        self.go.setVisible(bool(verb))
        self.go.setDefault(True)
        self.stop = pieces.button(tr("Close"), self.leave)
        self.buttons = pieces.row(None, self.stop, self.go, gap=8)
        # what is said takes no room of its own, so that buttons stay under the mouse
        for one in (self.bar, self.says):
            kept = one.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            one.setSizePolicy(kept)
            one.hide()
        foot = pieces.column(self.bar, self.says, gap=4)
        self.setLayout(pieces.column(self.body, foot, self.buttons, margin=18, gap=12))
        if size is not None:
            self.resize(size)

    # What a dialog of its own does

    def begin(self) -> None:
        """Do what the button says; overridden."""
        self.accept()

    # Working

    @property
    def is_working(self) -> bool:
        """Whether something goes on."""
        return self._told is not None

    def work(
        self,
        function: Callable[[Progress], object],
        done: Callable[[Any], None],
        words: str = "",
    ) -> None:
        """Do something in a thread; then call `done` in the thread of the window."""
        told = _Told(self)
        told.told.connect(self._show_progress)
        self._told = told
        self.bar.setRange(0, 0)
        self.bar.show()
        self.go.setEnabled(False)
        self.stop.setText(tr("Cancel"))
        self.say(words)

        def end(call: Callable[[Any], None]) -> Callable[[Any], None]:
            def then(result: object) -> None:
                if self._is_gone:
                    return
                self._told = None
                self.bar.hide()
                self.go.setEnabled(True)
                self.stop.setText(tr("Close"))
                call(result)

            return then

        def run() -> object:
            try:
                return function(told)
            except StoppedError:
                return StoppedError

        def finished(result: object) -> None:
            if result is StoppedError:
                self.stopped()
            else:
                done(result)

        self._background.run(run, end(finished), end(self.refuse))

    def stopped(self) -> None:
        """Say that it was cancelled; overridden where more is to be said."""
        self.say(tr("Cancelled."), "warning")

    def refuse(self, error: FlowError) -> None:
        """Say why something cannot be done."""
        self.say(f"{error.message} {error.remedy}".strip(), "error")

    def say(self, text: str, role: str = "muted") -> None:
        """Say something below what is asked."""
        self.says.setText(text)
        pieces.restyle(self.says, role=role)
        self.says.setVisible(bool(text))
        self._make_room()

    def _make_room(self) -> None:
        """Grow where a long sentence would press together what is asked."""
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        layout.activate()
        wanted = layout.totalMinimumHeightForWidth(self.width())
        if wanted > self.height():
            self.resize(self.width(), wanted)

    def _show_progress(self, done: int, of: int) -> None:
        if of:
            self.bar.setRange(0, of)
            self.bar.setValue(done)
            self.say(tr("{done} of {of}", done=f"{done:,}", of=f"{of:,}"))
        else:
            self.say(tr("{done} files", done=f"{done:,}"))

    # Ending

    def leave(self) -> None:
        """Cancel what goes on, or close."""
        if self._told is not None:
            self._told.is_stopped.set()
            self.say(tr("Cancelling\u2026"))
        else:
            self.reject()

    def reject(self) -> None:
        """Close; what goes on is cancelled."""
        self._end()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel what goes on."""
        self._end()
        super().closeEvent(event)

    def _end(self) -> None:
        self._is_gone = True
        if self._told is not None:
            self._told.is_stopped.set()
