"""What happens to files beside the editor: crashes, and changes by other programs."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from bioimageit_flow.gui.documents import title_of
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.editor.journal import Recovery
    from bioimageit_flow.gui.window import MainWindow


class Watching(QObject):
    """Offers what a crash left, and looks at the disk when the window is woken.

    Parameters
    ----------
    window : MainWindow
        In which it is told.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._asked: set[int] = set()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.applicationStateChanged.connect(self._woken)

    def offer_recovery(self) -> None:
        """Offer what an editor that crashed has left."""
        found = self._window.workspace.recoveries()
        if not found:
            return

        def recover(all_: "list[Recovery]") -> None:
            for one in all_:
                self._window.attempt(partial(self._window.workspace.recover, one))

        def discard() -> None:
            for one in found:
                self._window.workspace.discard(one)

        names = ", ".join(one.title for one in found[:3])
        self._window.message.say(
            tr("The editor ended unexpectedly. Not saved then: {names}.", names=names),
            level="warning",
            offers=[
                Offer(tr("Recover"), lambda: recover(found)),
                Offer(tr("Discard"), discard),
            ],
        )

    def _woken(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.look_at_disk()

    def look_at_disk(self) -> None:
        """Say which files other programs have changed."""
        workspace = self._window.workspace
        for editor in workspace.changed_on_disk():
            if id(editor) in self._asked:
                continue
            self._asked.add(id(editor))
            self._window.documents.show_editor(editor)

            def reload(editor: "Editor" = editor) -> None:
                self._asked.discard(id(editor))
                self._window.attempt(lambda: workspace.reload(editor))

            def keep(editor: "Editor" = editor) -> None:
                self._asked.discard(id(editor))
                workspace.keep_mine(editor)

            self._window.message.say(
                tr(
                    "Another program changed the file of “{title}”.",
                    title=title_of(editor),
                ),
                level="warning",
                offers=[
                    Offer(tr("Read it again"), reload),
                    Offer(tr("Keep mine"), keep),
                ],
            )
            return
