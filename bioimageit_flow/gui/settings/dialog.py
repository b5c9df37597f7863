"""The settings: a list of pages, and the page that is chosen."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSizePolicy,
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
_OF_SCREEN: Final = 0.9
_SIGN: Final = 18
_AROUND: Final = 14
"""Around the title of a page in the list, in pixels."""
_SEEN: Final = QSizePolicy.Policy.Preferred
_UNSEEN: Final = QSizePolicy.Policy.Ignored


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
        self._window = window
        self.resize(self._room())
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Pages of settings"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        self.pages = QStackedWidget()
        self._names: list[str] = []
        self._icons: list[str] = []
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
        area = QScrollArea()  # large texts may need more than a screen has
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.pages)
        body.addWidget(area, 1)
        self.setLayout(pieces.column(body, pieces.row(None, close), margin=14, gap=10))
        self.list.setCurrentRow(0)
        window.look_changed.connect(self._dress)

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        if name in self._names:
            self.list.setCurrentRow(self._names.index(name))
        if name == "shortcuts":
            self.shortcuts.field.setFocus()  # so that one can type what one looks for

    def _add(self, name: str, title: str, icon: str, page: QWidget) -> None:
        item = QListWidgetItem(themed(icon, self._window.theme), title)
        self._icons.append(icon)
        self.list.addItem(item)
        self.pages.addWidget(page)
        page.setSizePolicy(_UNSEEN, _UNSEEN)
        self._names.append(name)

    def _dress(self) -> None:
        """Draw the signs of the pages in the colours that were just chosen here."""
        for place, icon in enumerate(self._icons):
            self.list.item(place).setIcon(themed(icon, self._window.theme))

    def changeEvent(self, event: QEvent) -> None:
        """Give the list of pages room for text of another size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_list()

    def showEvent(self, event: QShowEvent) -> None:
        """Give the list of pages the room of its text."""
        self._fit_list()
        super().showEvent(event)

    def _room(self) -> QSize:
        """Return a size for the size of the text, within that of the screen."""
        wanted = _SIZE * max(1.0, self._window.theme.font_scale)
        return wanted.boundedTo(self.screen().availableSize() * _OF_SCREEN)

    def _fit_list(self) -> None:
        metrics = self.list.fontMetrics()
        sign = round(_SIGN * max(1.0, self._window.theme.font_scale))
        height = max(metrics.height(), sign) + _AROUND
        items = [self.list.item(row) for row in range(self.list.count())]
        text = max(
            (metrics.horizontalAdvance(item.text()) for item in items), default=0
        )
        width = text + sign + 3 * _AROUND
        for item in items:
            item.setSizeHint(QSize(width, height))
        self.list.setIconSize(QSize(sign, sign))
        self.list.setFixedWidth(width + 2 * self.list.spacing() + 2)

    def _inner(self, dialog: "PreferencesDialog | ShortcutsDialog | About") -> QDialog:
        """Make a page of what was a window of its own."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        dialog.setWindowFlags(Qt.WindowType.Widget)
        dialog.setMinimumWidth(0)
        dialog.ready.hide()
        dialog.finished.connect(self.reject)
        return dialog

    def _follow(self, place: int) -> None:
        self.pages.currentWidget().setSizePolicy(_UNSEEN, _UNSEEN)
        self.pages.setCurrentIndex(place)
        self.pages.currentWidget().setSizePolicy(_SEEN, _SEEN)
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
