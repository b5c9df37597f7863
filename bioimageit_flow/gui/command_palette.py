"""Ctrl+Shift+P: every command by its name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from bioimageit_flow.gui.command_actions import ICONS
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.search_popup import Entry
from bioimageit_flow.gui.words import fits_words

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


def open_command_palette(window: "MainWindow") -> None:
    """List the commands that can be used now; Enter does the chosen one."""
    usable = [
        (id_, action) for id_, action in window.actions_.all() if action.isEnabled()
    ]

    def find(text: str) -> Sequence[Entry]:
        found = []
        for id_, action in usable:
            title = action.text().partition("\t")[0].replace("&", "")
            other = id_.partition(".")[2]  # what it is also called: `doctor`
            if id_ != "edit.commands" and fits_words(text, f"{title} {other}"):
                keys = action.shortcut().toString(
                    QKeySequence.SequenceFormat.NativeText
                )
                found.append(
                    Entry(title, "", id_, tag=keys, icon=ICONS.get(id_, "right"))
                )
        return found

    window.command_palette.open(
        find,
        prompt=tr("What do you want to do?"),
        hint="",
        keys=tr("Enter does it, Esc closes"),
    )
