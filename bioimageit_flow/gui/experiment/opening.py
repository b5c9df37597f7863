"""Opening and making experiments; asked in the folder dialog of the desktop."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.folder_dialog import call_with_folder
from bioimageit_flow.gui.language import tr
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.known_experiments import known_experiments

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel


class Opening(QObject):
    """The commands that bring another experiment to the front.

    Parameters
    ----------
    panel : ExperimentPanel
        Whose they are.
    """

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._window = panel.window_

    def release(self) -> None:
        """Close the dialogs that are open."""
        for dialog in self._window.findChildren(QFileDialog, "experimentFolder"):
            dialog.close()

    def open(self, path: Path, *_checked: object) -> None:
        """Open an experiment."""
        self._window.workspace.experiment.open(path)

    def ask_to_open(self) -> None:
        """Let the user choose the folder of an experiment."""
        dialog = self._dialog(tr("Open an experiment"), self.open)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.open()

    def ask_to_create(self) -> None:
        """Let the user name a new folder, and make an experiment in it."""
        dialog = self._dialog(tr("A new folder for the experiment"), self.create)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, tr("Name"))
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Create"))
        dialog.selectFile(tr("my-experiment"))
        dialog.open()

    def ask_for_server(self) -> None:
        """Let the user name a folder and a database, and make an experiment there."""
        from bioimageit_flow.gui.experiment.server_dialog import ServerDialog

        ServerDialog(self._panel).open()

    def create(self, path: Path) -> None:
        """Make an experiment in a folder and open it."""
        window = self._window

        def make() -> None:
            Experiment.create(path, session=window.workspace.session).close()

        self._panel.background.run(
            make, lambda _none: self.open(path), self._refuse_new
        )

    def _refuse_new(self, error: FlowError) -> None:
        text = f"{error.message} {error.remedy}".strip()
        if self._panel.opened.experiment is None:
            self._panel.welcome.say(text)
        else:
            self._window.refuse(error)

    def _dialog(self, title: str, call: Callable[[Path], None]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("experimentFolder")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        known = known_experiments()
        dialog.setDirectory(str(known[0].parent if known else Path.home()))
        call_with_folder(dialog, call)
        return dialog

    def show_folder(self) -> None:
        """Show the folder in the desktop's own window."""
        path = self._window.workspace.experiment.path
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
