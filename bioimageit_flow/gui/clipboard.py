"""Copy, cut and paste; what is large is written and read beside the window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QGuiApplication

from bioimageit_flow.editor.exchanging import Ready

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

_QUICK_BOXES: Final = 120
_QUICK_CHARACTERS: Final = 40_000


def clipboard_commands(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Return what the commands of the clipboard do in a window, by their id."""
    return {
        "edit.copy": lambda: _copy(window),
        "edit.cut": lambda: _cut(window),
        "edit.paste": lambda: _paste(window),
        "edit.paste_wired": lambda: _paste(window, with_inputs=True),
    }


def _copy(window: "MainWindow") -> None:
    editor = window.editor
    if editor is None or len(editor.selection) <= _QUICK_BOXES:
        window.canvas_call(lambda page: page.canvas.copy())
        return
    write = editor.copy_later(editor.selection)
    window.background.run(write, QGuiApplication.clipboard().setText, window.refuse)


def _cut(window: "MainWindow") -> None:
    _copy(window)
    window.canvas_call(lambda page: page.canvas.delete())


def _paste(window: "MainWindow", *, with_inputs: bool = False) -> None:
    text = QGuiApplication.clipboard().text()
    editor, page = window.editor, window.page
    if editor is None or page is None or not text.strip():
        return
    at = page.canvas.cursor_place()
    if len(text) <= _QUICK_CHARACTERS:
        window.attempt(lambda: editor.paste(text, at, with_inputs=with_inputs))
        return

    def put(ready: Ready) -> None:
        window.attempt(lambda: editor.keep_pasted(ready))

    make = editor.paste_later(text, at, with_inputs=with_inputs)
    window.background.run(make, put, window.refuse)
