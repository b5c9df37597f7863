"""The workspace: the workflows that are open, and all that outlives them."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import platformdirs
from psygnal import Signal

from bioimageit_flow.editor import commands
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.journal import Journal, Recovery
from bioimageit_flow.editor.open_experiment import OpenExperiment
from bioimageit_flow.editor.opening import Opened, open_any
from bioimageit_flow.editor.published import PublishedWorkflows
from bioimageit_flow.editor.settings import (
    RecentFile,
    Settings,
    load_settings,
    save_settings,
    toggled,
    with_file,
    with_tool,
)
from bioimageit_flow.editor.stamps import Stamp, is_same, stamp_of
from bioimageit_flow.editor.writing import Writing, write_whole
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.session import Session
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import SUFFIX, read_document

if TYPE_CHECKING:
    from bioimageit_flow.session.shared_contents import Contents
    from bioimageit_flow.session.unsharing import Unpacked


@dataclass(slots=True)
class _Tab:
    editor: Editor
    key: str
    stamp: Stamp | None = None
    given_name: str = ""


class Workspace:
    """Open workflows, recent files, settings, and what a crash left.

    Parameters
    ----------
    session : Session, optional
        Where the tools are.
    folder : Path, optional
        Where settings and journals lie; by default that of the user.

    Attributes
    ----------
    settings : Settings
        What is remembered.
    experiment : OpenExperiment
        The experiment the window works with, and the bindings of dataset inputs.
    """

    opened = Signal(Editor)
    closed = Signal(Editor)
    settings_changed = Signal(Settings)
    message = Signal(str, str)

    def __init__(
        self, session: Session | None = None, *, folder: Path | None = None
    ) -> None:
        self.session = session or Session()
        self.folder = folder or platformdirs.user_state_path(
            "bioimageit-flow", appauthor=False
        )
        self.settings = load_settings(self.folder)
        self.experiment = OpenExperiment(self.folder)
        self.published = PublishedWorkflows(folder / "subworkflows" if folder else None)
        self._journal = Journal(self.folder / "journal")
        self.damaged_journals = self._journal.damaged
        self._tabs: list[_Tab] = []

    # Tabs

    @property
    def editors(self) -> list[Editor]:
        """The open workflows, in the order of their tabs."""
        return [tab.editor for tab in self._tabs]

    def new(self, name: str = "Untitled") -> Editor:
        """Open an empty workflow."""
        editor = self._add(Editor(Workflow(name, catalogue=self.session.catalogue)))
        self._tab(editor).given_name = name
        return editor

    def open(self, path: Path | str) -> Editor:
        """Open a file: a workflow, a picture that carries one, or a shared archive.

        One that is open already comes to the front.

        Raises
        ------
        WorkflowError, NewerVersionError, DataError
            If it cannot be opened; says why.
        """
        place = Path(path)
        return self.show_open(place) or self.open_read(open_any(place))

    def show_open(self, path: Path) -> Editor | None:
        """Bring a file to the front that is open already; None if it is not."""
        for tab in self._tabs:
            if tab.editor.path is not None and is_same(tab.editor.path, path):
                self.opened.emit(tab.editor)
                return tab.editor
        return None

    def open_read(self, found: Opened) -> Editor:
        """Open what `open_any` has read."""
        return self.open_prepared(self.prepare(found), found.report)

    def prepare(self, found: Opened) -> Editor:
        """Make ready what was read, without opening it; may be done in a thread."""
        workflow = Workflow.of(found.document, catalogue=self.session.catalogue)
        return Editor(workflow, found.path)

    def open_prepared(self, editor: Editor, report: Sequence[str] = ()) -> Editor:
        """Open what `prepare` has made ready, and tell what was migrated."""
        self._add(editor)
        for line in report:
            self.message.emit(line, "")
        if editor.path is not None:
            self._remember_file(editor.path, editor.title)
        return editor

    def open_text(self, text: str, name: str = "What was dropped") -> Editor:
        """Open the text of a workflow file as a new workflow without a file."""
        return self._add_document(read_document(text, name), None)

    def save(self, editor: Editor, path: Path | str | None = None) -> Path:
        """Write the file of a workflow; returns its path.

        A new workflow that nobody has named is called after its first file.

        Raises
        ------
        WorkflowError
            If it cannot be written, or there is no path.
        """
        writing = self.begin_save(editor, path)
        writing.write()
        return self.end_save(editor, writing)

    def begin_save(self, editor: Editor, path: Path | str | None = None) -> Writing:
        """Return what a save has to write, which may be done in a thread.

        Raises
        ------
        WorkflowError
            If there is no path.
        """
        target = Path(path) if path is not None else None
        if target is not None and not target.name.endswith((".yaml", ".yml")):
            target = target.with_name(f"{target.name}{SUFFIX}")
        tab = self._tab(editor)
        if target is not None and editor.workflow.name == tab.given_name:
            editor.set_about(name=target.name.partition(".")[0])
        tab.given_name = ""
        place = target or editor.path
        if place is None:
            raise WorkflowError(
                "This workflow has no file yet.", remedy="Save it under a name."
            )
        return Writing(editor.workflow.document, place)

    def end_save(self, editor: Editor, writing: Writing) -> Path:
        """Take note that a save is done; returns the path of the file."""
        tab = self._tab(editor)
        editor.note_saved(writing.document, writing.path)
        tab.stamp = stamp_of(writing.path)
        if not editor.is_modified:
            self._journal.forget(tab.key)
        self._remember_file(writing.path, editor.title)
        return writing.path

    def close(self, editor: Editor) -> None:
        """Close a workflow; what is not saved is lost, so ask before."""
        tab = self._tab(editor)
        self._tabs.remove(tab)
        self._journal.forget(tab.key)
        editor.edited.disconnect()
        self.closed.emit(editor)

    def end(self) -> None:
        """Close everything in good order; what is not saved is lost."""
        for editor in self.editors:
            self.close(editor)
        self._journal.close()

    def break_off(self) -> None:
        """End without a question: the next editor offers what is not saved."""
        for editor in self.editors:
            if not editor.is_modified:
                self.close(editor)
        self._journal.close(is_kept=True)

    def unsaved(self) -> list[Editor]:
        """Return the workflows that would lose something."""
        return [editor for editor in self.editors if editor.is_modified]

    # Sharing

    def share(
        self,
        editor: Editor,
        target: Path,
        *,
        data: Mapping[str, Sequence[Path]] | None = None,
        images: Sequence[Path] = (),
    ) -> "Contents":
        """Write a workflow, its tools, and what else is asked for into one archive.

        Parameters are those of `bioimageit_flow.session.sharing.share`, errors too.
        """
        from bioimageit_flow.session.sharing import share

        return share(
            editor.workflow.document,
            target,
            self.session.catalogue,
            folder=editor.path.absolute().parent if editor.path else None,
            data=data,
            images=images,
        )

    def open_shared(self, path: Path, folder: Path) -> "tuple[Editor, Unpacked]":
        """Take a shared workflow out into a new folder and open it; runs nothing.

        Raises
        ------
        DataError
            If the archive is damaged or not to be trusted, or the folder is in use.
        """
        from bioimageit_flow.session.unsharing import open_shared

        done = open_shared(path, folder, self.session.catalogue)
        for editor in self.editors if done.added else ():
            editor.reload_tools()
        return self.open(done.workflow), done

    # Crashes, and changes by others

    def recoveries(self) -> list[Recovery]:
        """Return what editors that crashed left, the last edited first."""
        return self._journal.recoveries()

    def recover(self, recovery: Recovery) -> Editor:
        """Open what a crashed editor left, as not saved.

        Raises
        ------
        WorkflowError
            If it cannot be read.
        """
        document = self._journal.read(recovery)
        editor = self._add_document(document, recovery.path)
        editor.mark_modified()
        tab = self._tab(editor)
        self._journal.write(tab.key, document, recovery.path, recovery.words)
        self._journal.discard(recovery)
        return editor

    def discard(self, recovery: Recovery) -> None:
        """Drop what a crashed editor left, for good."""
        self._journal.discard(recovery)

    def changed_on_disk(self) -> list[Editor]:
        """Return the workflows whose file another program changed or removed."""
        changed = []
        for tab in self._tabs:
            if tab.editor.path is None or tab.stamp is None:
                continue
            now = stamp_of(tab.editor.path, tab.stamp)
            if now is None or now[2] != tab.stamp[2]:
                changed.append(tab.editor)
            else:
                tab.stamp = now
        return changed

    def reload(self, editor: Editor) -> None:
        """Take what the file says now, as one step that can be undone.

        Raises
        ------
        WorkflowError
            If it cannot be read; the workflow stays as it is.
        """
        if editor.path is None:
            raise WorkflowError("This workflow has no file yet.")
        editor.take(open_any(editor.path).document, "Read the file again")
        self._tab(editor).stamp = stamp_of(editor.path)

    def keep_mine(self, editor: Editor) -> None:
        """Leave the changed file alone, and do not ask again until it changes."""
        tab = self._tab(editor)
        if editor.path is not None:
            tab.stamp = stamp_of(editor.path) or (0, 0, "")
        editor.mark_modified()

    # Settings

    def change_settings(self, **fields: object) -> Settings:
        """Change what is remembered; a bad value is refused by pydantic."""
        self.settings = Settings.model_validate({**dict(self.settings), **fields})
        save_settings(self.settings, self.folder)
        self.settings_changed.emit(self.settings)
        return self.settings

    def keys(self) -> dict[str, str]:
        """Return the keys of every command."""
        return commands.keys_of(self.settings.shortcuts)

    def set_keys(self, command: str, keys: str | None) -> None:
        """Give a command other keys; None for the default, empty for none.

        Raises
        ------
        ShortcutError
            If they are those of another command.
        """
        changed = commands.changed_keys(self.settings.shortcuts, command, keys)
        self.change_settings(shortcuts=changed)

    def toggle_favourite(self, ref: str) -> bool:
        """Make a tool a favourite or not; says whether it is one now."""
        id_ = ref.partition("@")[0]
        self.change_settings(favourites=toggled(self.settings.favourites, id_))
        return id_ in self.settings.favourites

    def note_use(self, ref: str) -> None:
        """Remember that a tool was used."""
        known = self.settings.recent_tools
        self.change_settings(recent_tools=with_tool(known, ref.partition("@")[0]))

    @property
    def recent(self) -> tuple[RecentFile, ...]:
        """The files that were open, the last one first."""
        return self.settings.recent_files

    def forget_recent(self, path: Path) -> None:
        """Take a file out of the list."""
        kept = tuple(one for one in self.recent if one.path != path)
        self.picture_path(path).unlink(missing_ok=True)
        self.change_settings(recent_files=kept)

    def picture_path(self, path: Path) -> Path:
        """Return where the small picture of a recent file lies, or would lie."""
        key = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:24]
        return self.folder / "pictures" / f"{key}.png"

    def keep_picture(self, path: Path, png: bytes) -> None:
        """Keep the small picture of a recent file; a full disk is no matter."""
        with suppress(OSError):
            write_whole(self.picture_path(path), png)

    # Inside

    def _remember_file(self, path: Path, name: str) -> None:
        latest = RecentFile(path=path.absolute(), name=name)
        self.change_settings(recent_files=with_file(self.recent, latest))

    def _add_document(self, document: Document, path: Path | None) -> Editor:
        catalogue = self.session.catalogue
        return self._add(Editor(Workflow.of(document, catalogue=catalogue), path))

    def _add(self, editor: Editor) -> Editor:
        editor.published = self.published
        tab = _Tab(editor, uuid4().hex, stamp_of(editor.path) if editor.path else None)
        self._tabs.append(tab)
        editor.edited.connect(lambda words: self._keep(tab, words))
        self.opened.emit(editor)
        return editor

    def _keep(self, tab: _Tab, words: str) -> None:
        editor = tab.editor
        if editor.is_modified:
            document = editor.workflow.document
            if why := self._journal.write(tab.key, document, editor.path, words):
                self.message.emit(
                    f"Changes are not kept against a crash ({why}).",
                    "Save often, or free some space.",
                )
        else:
            self._journal.forget(tab.key)

    def _tab(self, editor: Editor) -> _Tab:
        return next(tab for tab in self._tabs if tab.editor is editor)
