"""Where a file is, or where one shall be: asked in the dialog of the system."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from bioimageit_flow.gui.documents import title_of
from bioimageit_flow.gui.folder_dialog import label_dialog

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow


def file_name(editor: "Editor", suffix: str) -> str:
    """Return a file name to begin with."""
    stem = "".join(
        one if one.isalnum() or one in "-_" else "_" for one in title_of(editor)
    )
    return f"{stem.lower() or 'workflow'}{suffix}"


class FileDialogs:
    """Asks for files.

    Parameters
    ----------
    window : MainWindow
        Over which it is asked.
    """

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def ask_file(self, title: str, kinds: str, call: Callable[[Path], object]) -> None:
        """Let the user choose a file that is there."""
        dialog = self._dialog(title, kinds, call)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.open()

    def ask_to_save(
        self, title: str, kinds: str, name: str, call: Callable[[Path], object]
    ) -> None:
        """Let the user choose where to write."""
        dialog = self._dialog(title, kinds, call)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(name)
        dialog.open()

    def _dialog(
        self, title: str, kinds: str, call: Callable[[Path], object]
    ) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("fileDialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilter(kinds)
        label_dialog(dialog)
        dialog.setDirectory(str(self._folder()))
        dialog.fileSelected.connect(lambda path: call(Path(path)))
        return dialog

    def _folder(self) -> Path:
        editor = self._window.editor
        if editor is not None and editor.path is not None:
            return editor.path.parent
        recent = self._window.workspace.recent
        if recent and recent[0].path.parent.is_dir():
            return recent[0].path.parent
        return Path.home()
