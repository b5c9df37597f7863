"""What happens to files beside the editor: crashes, and changes by other programs."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from bioimageit_flow.gui.documents import title_of
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.editor.journal import Recovery
    from bioimageit_flow.gui.window import MainWindow


_NAMED: Final = 3
"""How many workflows a message calls by name."""

_PERIOD: Final = 2000
"""Milliseconds between two looks at the disk while the window is used."""


class Watching(QObject):
    """Offers what a crash left, and looks at the disk while the window is used.

    Parameters
    ----------
    window : MainWindow
        In which it is told.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._asked: set[int] = set()
        self.being_saved: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._look_if_awake)
        self._timer.start()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.applicationStateChanged.connect(self._woken)

    def offer_recovery(self) -> None:
        """Offer what an editor that crashed has left."""
        found = self._window.workspace.recoveries()
        damaged = self._window.workspace.damaged_journals()
        lost = (
            tr("What was kept of another workflow is damaged: {file}.", file=damaged[0])
            if damaged
            else ""
        )
        if lost and not found:
            self._window.message.say(lost, level="warning")
        if not found:
            return

        def recover(all_: "list[Recovery]") -> None:
            for one in all_:
                self._window.attempt(partial(self._window.workspace.recover, one))

        def discard() -> None:
            for one in found:
                self._window.workspace.discard(one)

        names = _in_words([one.title for one in found])
        self._window.message.say(
            tr("The editor ended unexpectedly. Not saved then: {names}.", names=names),
            lost,
            level="warning",
            offers=[
                Offer(tr("Recover"), lambda: recover(found)),
                Offer(tr("Discard"), discard),
            ],
        )

    def _woken(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.look_at_disk()

    def _look_if_awake(self) -> None:
        if QApplication.applicationState() is Qt.ApplicationState.ApplicationActive:
            self.look_at_disk()

    def look_at_disk(self) -> None:
        """Say which files other programs have changed."""
        for editor in self._window.workspace.changed_on_disk():
            if id(editor) not in self._asked | self.being_saved:
                self._window.documents.show_editor(editor)
                self.ask(editor)
                return

    def would_overwrite(self, editor: "Editor") -> bool:
        """Say whether saving would lose what another program wrote."""
        is_there = editor.path is not None and editor.path.exists()
        return is_there and editor in self._window.workspace.changed_on_disk()

    def ask(self, editor: "Editor", then: Callable[[], object] = lambda: None) -> None:
        """Ask whose version counts; if it is the one here, do something more."""
        workspace = self._window.workspace
        self._asked.add(id(editor))

        def reload() -> None:
            self._asked.discard(id(editor))
            self._window.attempt(lambda: workspace.reload(editor))

        def keep() -> None:
            self._asked.discard(id(editor))
            workspace.keep_mine(editor)
            then()

        title = title_of(editor)
        self._window.message.say(
            tr("Another program changed the file of “{title}”.", title=title),
            level="warning",
            offers=[
                Offer(tr("Read it again"), reload),
                Offer(tr("Keep mine"), keep),
            ],
        )


def _in_words(titles: list[str]) -> str:
    """Return a few titles, each once, with how often it is there."""
    counts = Counter(titles)
    said = [
        title if count == 1 else f"{title} ({count})" for title, count in counts.items()
    ]
    return ", ".join(said[:_NAMED]) + ("\u2026" if len(said) > _NAMED else "")
