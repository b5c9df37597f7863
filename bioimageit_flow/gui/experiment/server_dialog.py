"""A new experiment of which a PostgreSQL server keeps what is known."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFormLayout, QLineEdit

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.work_dialog import WorkDialog
from bioimageit_flow.gui.folder_dialog import ask_folder
from bioimageit_flow.gui.language import tr
from bioimageit_flow.session import Experiment

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel


class ServerDialog(WorkDialog):
    """Asks for a folder, where files go, and for the database that knows of them."""

    def __init__(self, panel: "ExperimentPanel") -> None:
        super().__init__(
            panel.background,
            tr("New experiment on a server"),
            tr("Create"),
            panel.window_,
            QSize(600, 300),
        )
        self._panel = panel
        self.folder = self._line(tr("Folder"), tr("empty, or not there yet"))
        self.address = self._line(
            tr("Database"), "postgresql://flow@server.example.org/experiments"
        )
        choose = pieces.button(tr("Choose\u2026"), self._ask_folder)
        form = QFormLayout()
        form.setVerticalSpacing(7)
        form.addRow(tr("Folder"), pieces.row(self.folder, choose))
        form.addRow(tr("Database"), self.address)
        self.body.addLayout(form)
        self.body.addWidget(
            pieces.label(
                tr(
                    "Images and results lie in the folder, which all who work with it "
                    "must reach. The password is taken from ~/.pgpass or PGPASSWORD "
                    "and written nowhere."
                ),
                "muted",
                wraps=True,
            )
        )
        self.body.addStretch(1)
        self._enable()
        self.folder.setFocus()

    def _line(self, name: str, hint: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(hint)
        made.textChanged.connect(lambda _text: self._enable())
        return made

    def _enable(self) -> None:
        is_whole = bool(self.folder.text().strip() and self.address.text().strip())
        self.go.setEnabled(is_whole and not self.is_working)

    def _ask_folder(self) -> None:
        ask_folder(
            self,
            tr("A new folder for the experiment"),
            lambda path: self.folder.setText(str(path)),
        )

    def begin(self) -> None:
        """Make the experiment and open it."""
        path = Path(self.folder.text().strip()).expanduser()
        address = self.address.text().strip()
        session = self._panel.window_.workspace.session

        def make(_progress: object) -> None:
            Experiment.create(path, store=address, session=session).close()

        def done(_none: object) -> None:
            self._panel.commands.open(path)
            self.accept()

        self.work(make, done, tr("Asking the server\u2026"))
