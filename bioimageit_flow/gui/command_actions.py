"""Commands as actions of Qt: their words, icons, keys, and what they do."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from bioimageit_flow.editor.commands import Command, split_keys
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

ICONS: Final[Mapping[str, str]] = {
    "file.new": "new",
    "file.open": "open",
    "file.save": "save",
    "file.save_as": "save-as",
    "file.close": "close",
    "file.share": "share",
    "file.picture": "picture",
    "file.compare": "diff",
    "edit.undo": "undo",
    "edit.redo": "redo",
    "edit.copy": "copy",
    "edit.delete": "trash",
    "edit.find": "search",
    "add.search": "add",
    "add.dataset": "dataset",
    "add.note": "note",
    "add.frame": "frame",
    "view.fit": "fit",
    "view.zoom_in": "zoom-in",
    "view.zoom_out": "zoom-out",
    "arrange.layout": "arrange",
    "run.terminal": "terminal",
    "run.look": "picture",
    "run.sheet": "grid",
    "run.sweep_board": "sweep",
    "run.all": "play",
    "run.pilot": "pilot",
    "run.cancel": "stop",
    "run.pause": "pause",
    "help.preferences": "settings",
    "help.shortcuts": "keyboard",
    "help.tutorial": "book",
    "help.about": "info",
    "help.doctor": "good",
    "node.parameters": "parameters",
    "node.swap": "reset",
    "node.insert": "wire",
    "add.reroute": "wire",
    "subworkflow.make": "subworkflow",
    "view.palette": "toolbox",
    "view.outline": "outline",
    "view.parameters": "parameters",
    "view.history": "history",
    "view.problems": "problems",
    "view.experiment": "dataset",
    "view.lineage": "diff",
    "view.viewer": "picture",
}


BY_CANVAS: Final = {
    "add.search",
    "edit.select_none",
    "node.connect",
    "node.parameters",
    "view.fit",
    "node.rename",
}
"""Commands whose default keys the canvas itself hears, since they depend on where one
is on it (Tab walks the ports of a node, Space held down pans)."""


class CommandActions(QObject):
    """The actions of one window, by the id of their command.

    Parameters
    ----------
    commands : iterable of Command
        The registry; those without a handler here are left to the canvas.
    handlers : mapping of str to callable
        What each command does.
    keys : mapping of str to str
        Keys that the user has changed.
    """

    def __init__(
        self,
        commands: Iterable[Command],
        handlers: Mapping[str, Callable[[], object]],
        keys: Mapping[str, str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._canvases: list[QWidget] = []
        self._actions: dict[str, QAction] = {}
        self._commands: dict[str, Command] = {}
        for command in commands:
            if command.id not in handlers:
                continue
            action = QAction(tr(command.title), window)
            action.setObjectName(command.id)
            call = handlers[command.id]
            action.triggered.connect(lambda _=False, call=call: call())
            self._actions[command.id] = action
            self._commands[command.id] = command
            self.set_keys(command.id, keys.get(command.id, command.default_shortcut))

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._actions

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in other colours."""
        for id_, action in self._actions.items():
            if id_ in ICONS:
                action.setIcon(themed(ICONS[id_], theme))

    def set_keys(self, id_: str, keys: str) -> None:
        """Give a command other keys; several with ``; `` between them."""
        if (action := self._actions.get(id_)) is None:
            return
        words = tr(self._commands[id_].title)
        is_native = id_ in BY_CANVAS and keys == self._commands[id_].default_shortcut
        bound = [] if is_native else [QKeySequence(one) for one in split_keys(keys)]
        shown = QKeySequence(next(iter(split_keys(keys)), "")).toString(
            QKeySequence.SequenceFormat.NativeText
        )
        is_of_canvas = any(_is_plain(one) for one in bound)
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
            if is_of_canvas
            else Qt.ShortcutContext.WindowShortcut
        )
        for place in (self._window, *self._canvases):
            place.removeAction(action)
        for place in self._canvases if is_of_canvas else (self._window,):
            place.addAction(action)
        action.setShortcuts(bound)
        action.setText(f"{words}\t{shown}" if is_native and shown else words)
        action.setIconText(words.rstrip("."))
        action.setToolTip(f"{words} ({shown})" if shown else words)

    def tick(self, id_: str, *, is_on: bool) -> None:
        """Show a command as a switch that is on or off."""
        if (action := self._actions.get(id_)) is not None:
            action.setCheckable(True)
            action.setChecked(is_on)

    def add_canvas(self, canvas: QWidget) -> None:
        """Let a canvas hear the keys that only make sense there, such as letters."""
        self._canvases.append(canvas)
        for action in self._actions.values():
            if (
                action.shortcutContext()
                is Qt.ShortcutContext.WidgetWithChildrenShortcut
            ):
                canvas.addAction(action)

    def remove_canvas(self, canvas: QWidget) -> None:
        """Forget a canvas that is closed."""
        self._canvases.remove(canvas)

    def fill(self, menu: QMenu, ids: Iterable[str]) -> None:
        """Put actions into a menu; an empty id is a line between them."""
        for id_ in ids:
            if not id_:
                menu.addSeparator()
            elif id_ in self._actions:
                menu.addAction(self._actions[id_])

    def all(self) -> Iterable[tuple[str, QAction]]:
        """Return every id with its action."""
        return self._actions.items()

    @property
    def listed(self) -> list[Command]:
        """The commands that have an action, in the order of the registry."""
        return list(self._commands.values())


def _is_plain(keys: QKeySequence) -> bool:
    """Say whether keys are a letter or so, which must not be taken from texts."""
    combined = keys[0]
    held = combined.keyboardModifiers() & ~Qt.KeyboardModifier.ShiftModifier
    is_function = Qt.Key.Key_F1 <= combined.key() <= Qt.Key.Key_F35
    is_delete = combined.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
    return is_delete or (held == Qt.KeyboardModifier.NoModifier and not is_function)
