"""Opening, saving and closing; asked in lines of the window, not in boxes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPointF, QTimer

from bioimageit_flow.editor.opening import Opened, is_large, open_any, open_large
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.canvas.canvas import Canvas
from bioimageit_flow.gui.documents import title_of
from bioimageit_flow.gui.file_dialogs import FileDialogs, file_name
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.gui.missing_tools import say_missing
from bioimageit_flow.gui.saving import ask_for_picture, keep_picture, save
from bioimageit_flow.workflow.foreign import foreign_workflow, program_of_file

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow

SUFFIX: Final = ".flow.yaml"
_OPENABLE: Final = (".yaml", ".yml", ".zip", ".png", ".svg", ".ga", ".cwl", ".ows")
_PICTURES: Final = (".png", ".svg")


class Files(QObject):
    """What the menu File does.

    Parameters
    ----------
    window : MainWindow
        In which it is asked and told.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._is_quitting = False
        self.dialogs = FileDialogs(window)
        workspace = window.workspace
        workspace.opened.connect(self._opened)
        workspace.closed.connect(self._closed)
        workspace.message.connect(self._hear)

    def release(self) -> None:
        """Let go of the workspace, as the window closes."""
        workspace = self._window.workspace
        workspace.opened.disconnect(self._opened)
        workspace.closed.disconnect(self._closed)
        workspace.message.disconnect(self._hear)

    # Open

    def new(self) -> None:
        """Open an empty workflow."""
        self._window.workspace.new(tr("Untitled"))

    def open(self, path: Path | str) -> bool:
        """Open a file; a refusal becomes a line. Says whether it is open."""
        if str(path).lower().endswith(".zip"):
            from bioimageit_flow.gui.sharing import open_shared

            open_shared(self._window, Path(path))
            return False
        if not str(path).lower().endswith(_OPENABLE):
            from bioimageit_flow.gui.lineage.come_back import come_back

            come_back(self._window, Path(path), lambda: self._refuse(Path(path)))
            return False
        if is_large(Path(path)):
            self._open_beside(Path(path), open_large)
            return False
        return self._window.attempt(lambda: self._window.workspace.open(path))

    def open_at_start(self, path: Path, then: Callable[[], object]) -> None:
        """Open a file while the window is still coming up, which it does not hold up.

        Parameters
        ----------
        path : Path
            A workflow is read in a thread, with the tools that nobody has read yet,
            and opened once the panels of `Docks.begin_work` are there.
        then : callable
            What follows, whether the file could be opened or not.
        """
        is_plain = path.name.lower().endswith(_OPENABLE) and path.suffix != ".zip"
        if is_plain and not is_large(path):
            self._open_beside(path, open_any, then)
        else:
            self.open(path)
            then()

    def _open_beside(
        self,
        path: Path,
        read_file: Callable[[Path], Opened],
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Read a file in a thread, and open it when it is there."""
        window, workspace = self._window, self._window.workspace
        if workspace.show_open(path) is not None:
            then()
            return
        reading = tr("Reading {name}…", name=path.name) if is_large(path) else ""
        if reading:
            window.message.say(reading, stays=True)

        def read() -> "tuple[Editor, tuple[str, ...]]":
            found = read_file(path)
            return workspace.prepare(found), found.report

        def show(ready: "tuple[Editor, tuple[str, ...]]") -> None:
            if reading and window.message.text == reading:
                window.message.hide()
            if workspace.show_open(path) is None:
                workspace.open_prepared(*ready)
            then()

        def refuse(error: FlowError) -> None:
            window.refuse(error)
            then()

        window.background.run(
            read, lambda ready: window.docks.when_ready(lambda: show(ready)), refuse
        )

    def _refuse(self, path: Path) -> None:
        """Say that a file holds no workflow, or whose it is."""
        window = self._window

        def say(program: str) -> None:
            if program:
                window.refuse(foreign_workflow(path.name, program))
                return
            window.message.say(
                tr(
                    "{name} is no workflow, and nothing says what made it.",
                    name=path.name,
                ),
                tr("Drop it on a canvas to make it an input."),
                level="warning",
            )

        window.background.run(lambda: program_of_file(path), say)

    def ask_to_open(self) -> None:
        """Let the user choose a file."""
        kinds = tr("Workflows, shared archives, pictures")
        endings = f"*{SUFFIX} *.yaml *.yml *.zip *.png *.svg"
        self.dialogs.ask_file(
            tr("Open a workflow"),
            f"{kinds} ({endings});;{tr('Results')} (*)",
            lambda path: self.open(path),
        )

    def dropped(
        self, paths: Sequence[str], canvas: Canvas | None, at: QPointF | None
    ) -> None:
        """Open what holds a workflow; the rest becomes a dataset input."""
        data: list[Path] = []
        for path in map(Path, paths):
            if path.name.lower().endswith(_PICTURES):
                if not self._open_picture(path):
                    data.append(path)
            elif path.is_file() and path.name.lower().endswith(_OPENABLE):
                self.open(path)
            else:
                data.append(path)
        if not data:
            return
        if len(data) == 1 and _may_be_result(data[0]):
            from bioimageit_flow.gui.lineage.come_back import come_back

            come_back(self._window, data[0], lambda: self._take_data(data, canvas, at))
        else:
            self._take_data(data, canvas, at)

    def _take_data(
        self, data: Sequence[Path], canvas: Canvas | None, at: QPointF | None
    ) -> None:
        """Make a dataset input of files that were dropped."""
        if canvas is None:
            self.new()
            page = self._window.page
            canvas = page.canvas if page is not None else None
        if canvas is not None:
            place = at if at is not None else QPointF(*canvas.middle())
            self._window.adding.add_files(canvas, data, place)

    def _open_picture(self, path: Path) -> bool:
        """Open a picture that carries a workflow; False if it is only a picture."""
        try:
            self._window.workspace.open(path)
        except FlowError:
            return False
        return True

    def _opened(self, editor: "Editor") -> None:
        documents = self._window.documents
        if documents.page_of(editor) is None:
            documents.add(editor)
            QTimer.singleShot(0, self, lambda: keep_picture(self._window, editor))
        else:
            documents.show_editor(editor)
        say_missing(self._window, editor)

    def reload(self) -> None:
        """Take what the file says now."""
        editor = self._window.editor
        if editor is not None:
            self._window.attempt(lambda: self._window.workspace.reload(editor))

    # Save

    def save(self) -> None:
        """Save to the file of the workflow; ask for one if there is none."""
        editor = self._window.editor
        if editor is not None:
            self.save_to(editor, editor.path)

    def save_as(self) -> None:
        """Save under another name."""
        editor = self._window.editor
        if editor is not None:
            self.save_to(editor, None)

    def save_to(
        self,
        editor: "Editor",
        path: Path | None,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Save to a path, asked for if there is none; then do something more."""
        if path is not None:
            save(self._window, editor, path, then)
            return
        self.dialogs.ask_to_save(
            tr("Save the workflow"),
            f"{tr('Workflow')} (*{SUFFIX})",
            file_name(editor, SUFFIX),
            lambda chosen: self.save_to(editor, _with_suffix(chosen, SUFFIX), then),
        )

    def save_picture(self) -> None:
        """Save a picture that carries the workflow."""
        if self._window.editor is not None:
            ask_for_picture(self._window, self._window.editor)

    # Close

    def close(self, editor: "Editor | None" = None) -> None:
        """Close a workflow; ask in a line if something would be lost."""
        chosen = editor or self._window.editor
        if chosen is None:
            return
        window = self._window
        if not chosen.is_modified:
            window.workspace.close(chosen)
            return
        window.documents.show_editor(chosen)

        def drop() -> None:
            window.workspace.close(chosen)

        window.message.say(
            tr("“{title}” has changes that are not saved.", title=title_of(chosen)),
            level="warning",
            offers=[
                Offer(
                    tr("Save and close"),
                    lambda: self.save_to(chosen, chosen.path, drop),
                ),
                Offer(tr("Close without saving"), drop),
            ],
        )

    def _closed(self, editor: "Editor") -> None:
        page = self._window.documents.page_of(editor)
        if page is not None:
            self._window.actions_.remove_canvas(page.canvas)
        self._window.documents.remove(editor)

    def may_quit(self) -> bool:
        """Say whether the window may close; ask in a line if something is not saved."""
        window = self._window
        unsaved = window.workspace.unsaved()
        if not unsaved or self._is_quitting:
            return True

        def quit_now() -> None:
            self._is_quitting = True
            window.close()

        def save_all() -> None:
            left = window.workspace.unsaved()
            if left:
                window.documents.show_editor(left[0])
                self.save_to(left[0], left[0].path, save_all)
            else:
                quit_now()

        window.documents.show_editor(unsaved[0])
        names = ", ".join(title_of(one) for one in unsaved)
        window.message.say(
            tr("Not saved yet: {names}.", names=names),
            level="warning",
            offers=[
                Offer(tr("Save and quit"), save_all),
                Offer(tr("Quit without saving"), quit_now),
            ],
        )
        return False

    # Share, compare, publish: in modules of their own

    def share(self) -> None:
        """Put the workflow and what it needs into one file."""
        from bioimageit_flow.gui.sharing import share

        share(self._window)

    def compare(self) -> None:
        """Show two workflows side by side."""
        from bioimageit_flow.gui.diff_view import ask_to_compare

        ask_to_compare(self._window)

    def publish_subworkflow(self) -> None:
        """Put the selected subworkflow into the palette."""
        editor = self._window.editor
        if editor is None:
            return
        for node in editor.selected_nodes:
            if self._window.attempt(partial(editor.publish_subworkflow, node)):
                self._window.show_marks()
                self._window.message.say(
                    tr("{title} is in the palette now.", title=editor.title_of(node)),
                    level="good",
                )
            return

    def _hear(self, text: str, remedy: str) -> None:
        self._window.message.say(text, remedy)


def _may_be_result(path: Path) -> bool:
    """Say whether a file, or a folder that is one datum, could have been made here."""
    if path.is_dir():
        return path.name.lower().endswith(".zarr")
    return path.is_file() and path.stat().st_size > 0


def _with_suffix(path: Path, suffix: str) -> Path:
    return path if path.name.endswith((".yaml", ".yml")) else Path(f"{path}{suffix}")
