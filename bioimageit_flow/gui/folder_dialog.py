"""Choosing a folder: whatever way it is named, one folder is taken."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from bioimageit_flow.gui.language import tr


def ask_folder(
    parent: QWidget, title: str, call: Callable[[Path], object]
) -> QFileDialog:
    """Open a dialog for a folder that is there; the call gets the one chosen."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    call_with_folder(dialog, call)
    dialog.open()
    return dialog


def label_dialog(dialog: QFileDialog) -> None:
    """Label a dialog in the language of the window, where Qt's own words lack some."""
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, tr("Look in:"))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, tr("Files of type:"))


def call_with_folder(dialog: QFileDialog, call: Callable[[Path], object]) -> None:
    """Have a dialog call with the one folder that was chosen in it."""

    def take(paths: Sequence[str]) -> None:
        here = dialog.directory().absolutePath()
        call(chosen_folder([Path(path) for path in paths], Path(here)))

    dialog.filesSelected.connect(take)
    label_dialog(dialog)


def chosen_folder(paths: Sequence[Path], here: Path) -> Path:
    """Return the folder that is meant.

    Qt also names the folder that a dialog shows, before one whose path was typed.

    Parameters
    ----------
    paths : sequence of Path
        At least one, as the dialog names them.
    here : Path
        The folder whose contents the dialog shows.
    """
    others = [path for path in paths if path != here]
    return (others or list(paths))[-1]
