"""Writing files: the workflow, its small picture, and pictures for others."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.gui.file_dialogs import file_name
from bioimageit_flow.gui.language import tr

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.editor.writing import Writing
    from bioimageit_flow.gui.window import MainWindow

_PICTURES: Final = (".png", ".svg")


def save(
    window: "MainWindow",
    editor: "Editor",
    path: Path,
    then: Callable[[], object] = lambda: None,
) -> None:
    """Write a workflow, a large one in a thread; then do something more.

    What another program has written meanwhile is not lost without a question.
    """
    workspace, watching = window.workspace, window.watching
    if path == editor.path and watching.would_overwrite(editor):
        watching.ask(editor, lambda: save(window, editor, path, then))
        return

    def end(writing: "Writing") -> None:
        watching.being_saved.discard(id(editor))
        if editor not in workspace.editors:
            return
        workspace.end_save(editor, writing)
        keep_picture(window, editor)
        window.refresh()
        window.message.say(tr("Saved as {name}.", name=path.name), level="good")
        then()

    def failed(error: FlowError) -> None:
        watching.being_saved.discard(id(editor))
        window.refuse(error)

    try:
        writing = workspace.begin_save(editor, path)
        if writing.is_quick:
            writing.write()
    except FlowError as error:
        window.refuse(error)
        return
    if writing.is_quick:
        end(writing)
    else:
        watching.being_saved.add(id(editor))
        window.background.run(writing.write, lambda _done: end(writing), failed)


def keep_picture(window: "MainWindow", editor: "Editor") -> None:
    """Keep a small picture for the start page, drawn in a thread."""
    path, scene, theme = editor.path, editor.scene, window.theme
    if path is None or not scene.nodes:
        return

    def draw() -> None:
        from bioimageit_flow.gui.small_picture import small_picture

        window.workspace.keep_picture(path, small_picture(scene, theme))

    window.background.run(
        draw, lambda _done: window.newcomers.show_recent(), is_quiet=True
    )


def ask_for_picture(window: "MainWindow", editor: "Editor") -> None:
    """Ask where to, and save a picture that carries the workflow."""
    window.files.dialogs.ask_to_save(
        tr("Save a picture"),
        f"{tr('Picture')} (*.png *.svg)",
        file_name(editor, ".png"),
        lambda path: _write_picture(window, editor, path),
    )


def _write_picture(window: "MainWindow", editor: "Editor", path: Path) -> None:
    page = window.documents.page_of(editor)
    if page is None:
        return
    form = "svg" if path.suffix.lower() == ".svg" else "png"
    target = path if path.suffix.lower() in _PICTURES else path.with_suffix(".png")
    drawn = page.canvas.drawn_picture(form)

    def work() -> None:
        try:
            target.write_bytes(drawn())
        except OSError as error:
            raise DataError(
                tr("The picture cannot be saved ({why}).", why=error.strerror or ""),
                remedy=tr("Choose another folder."),
            ) from error

    def tell(_done: object) -> None:
        window.message.say(
            tr(
                "Saved {name}; drop it on a canvas to open its workflow.",
                name=target.name,
            ),
            level="good",
        )

    window.background.run(work, tell, window.refuse)
