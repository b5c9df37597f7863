"""The settings: a list of pages, and the page that is chosen."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.about_dialog import AboutDialog
from bioimageit_flow.gui.dialogs import Dialogs
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.settings import SETTINGS
from bioimageit_flow.gui.settings.doctor_page import DoctorPage
from bioimageit_flow.gui.settings.machine_pages import FoldersPage, Machine, RunsPage

if TYPE_CHECKING:
    from bioimageit_flow.gui.about_dialog import AboutDialog as About
    from bioimageit_flow.gui.preferences_dialog import PreferencesDialog
    from bioimageit_flow.gui.shortcuts_dialog import ShortcutsDialog
    from bioimageit_flow.gui.window import MainWindow

_SIZE: Final = QSize(860, 620)


class SettingsDialog(QDialog):
    """All settings of the program; each takes effect at once.

    Parameters
    ----------
    window : MainWindow
        Whose they are.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(SETTINGS)
        self.setWindowTitle(tr("Settings"))
        self.resize(_SIZE)
        self._window = window
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Pages of settings"))
        self.list.setMaximumWidth(190)
        self.list.setIconSize(QSize(18, 18))
        self.list.setSpacing(2)
        self.pages = QStackedWidget()
        self._names: list[str] = []
        dialogs = Dialogs(window)
        machine = Machine(window)
        self.look = dialogs.look_page()
        self.shortcuts = dialogs.shortcuts_page()
        self.runs = RunsPage(machine)
        self.folders = FoldersPage(machine)
        self.doctor = DoctorPage(window)
        self.about = AboutDialog(window.theme)
        self._add("look", tr("Look and language"), "picture", self._inner(self.look))
        self._add("shortcuts", tr("Shortcuts"), "keyboard", self._inner(self.shortcuts))
        self._add("runs", tr("Runs and limits"), "run", self.runs)
        self._add("folders", tr("Folders"), "open", self.folders)
        self._add("doctor", tr("This machine"), "good", self.doctor)
        self._add("about", tr("About"), "info", self._inner(self.about))
        self.list.currentRowChanged.connect(self._follow)
        close = pieces.button(tr("Close"), self.accept, role="primary")
        body = pieces.row(gap=12)
        body.addWidget(self.list)
        body.addWidget(self.pages, 1)
        self.setLayout(pieces.column(body, pieces.row(None, close), margin=14, gap=10))
        self.list.setCurrentRow(0)

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        if name in self._names:
            self.list.setCurrentRow(self._names.index(name))

    def _add(self, name: str, title: str, icon: str, page: QWidget) -> None:
        item = QListWidgetItem(themed(icon, self._window.theme), title)
        item.setSizeHint(QSize(150, round(34 * self._window.theme.font_scale)))
        self.list.addItem(item)
        self.pages.addWidget(page)
        self._names.append(name)

    def _inner(self, dialog: "PreferencesDialog | ShortcutsDialog | About") -> QDialog:
        """Make a page of what was a window of its own."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        dialog.setWindowFlags(Qt.WindowType.Widget)
        dialog.setMinimumWidth(0)
        dialog.ready.hide()
        dialog.finished.connect(self.reject)
        return dialog

    def _follow(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        if self.pages.currentWidget() is self.doctor:
            self.doctor.look()

    def reject(self) -> None:
        """Close; what doctor mends goes on in the background."""
        self.doctor.release()
        super().reject()

    def accept(self) -> None:
        """Close."""
        self.doctor.release()
        super().accept()
