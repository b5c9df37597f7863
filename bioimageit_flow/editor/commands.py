"""The commands of the window: what they are called and which keys they have.

The window binds each to what it does. Keys are written as Qt writes them
(``Ctrl+Shift+P``); on macOS ``Ctrl`` is the command key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bioimageit_flow.errors import FlowError


class ShortcutError(FlowError):
    """A key that cannot be given to a command."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes
    ----------
    id : str
        A stable word, such as ``edit.undo``.
    title : str
        What the menu says.
    category : str
        The menu it stands in.
    default_shortcut : str
        Its keys where the user gave it none; several with ``; `` between them.
    """

    id: str
    title: str
    category: str
    default_shortcut: str = ""


_TABLE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "File": (
        ("file.new", "New workflow", "Ctrl+N"),
        ("file.open", "Open...", "Ctrl+O"),
        ("file.save", "Save", "Ctrl+S"),
        ("file.save_as", "Save as...", "Ctrl+Shift+S"),
        ("file.close", "Close", "Ctrl+W"),
        ("file.reload", "Read again from disk", ""),
        ("file.share", "Share as one file...", ""),
        ("file.picture", "Save a picture...", "Ctrl+E"),
        ("file.compare", "Compare with...", ""),
        ("file.about", "About this workflow", ""),
        ("file.start", "Start page", ""),
        ("file.quit", "Quit", "Ctrl+Q"),
    ),
    "Edit": (
        ("edit.undo", "Undo", "Ctrl+Z"),
        ("edit.redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y"),
        ("edit.cut", "Cut", "Ctrl+X"),
        ("edit.copy", "Copy", "Ctrl+C"),
        ("edit.paste", "Paste", "Ctrl+V"),
        ("edit.paste_wired", "Paste with inputs", "Ctrl+Shift+V"),
        ("edit.duplicate", "Duplicate", "Ctrl+D"),
        ("edit.duplicate_wired", "Duplicate with inputs", "Ctrl+Shift+D"),
        ("edit.delete", "Delete", "Del; Backspace"),
        ("edit.delete_reconnect", "Delete and reconnect", "Ctrl+Del"),
        ("edit.select_all", "Select all", "Ctrl+A"),
        ("edit.select_none", "Select nothing", "Esc"),
        ("edit.find", "Find on the canvas", "Ctrl+F"),
        ("edit.commands", "All commands...", "Ctrl+Shift+P"),
    ),
    "Add": (
        ("add.search", "Add a tool...", "Tab; Space"),
        ("add.dataset", "Dataset input", "Ctrl+I"),
        ("add.note", "Note", "N"),
        ("add.frame", "Frame around the selection", "Ctrl+G"),
        ("add.reroute", "Bend in a wire", ""),
    ),
    "Node": (
        ("node.rename", "Rename", "F2"),
        ("node.swap", "Replace the tool...", "R"),
        ("node.connect", "Connect...", "C"),
        ("node.disconnect", "Remove its wires", ""),
        ("node.insert", "Insert into a wire", ""),
        ("node.disable", "Disable or enable", "D"),
        ("node.bypass", "Bypass or not", "B"),
        ("node.parameters", "Parameters", "Return"),
        ("node.help", "Help of the tool", "F1"),
    ),
    "Subworkflow": (
        ("subworkflow.make", "Make a subworkflow", "Ctrl+Shift+G"),
        ("subworkflow.enter", "Enter", "Ctrl+Down"),
        ("subworkflow.leave", "Leave", "Ctrl+Up"),
        ("subworkflow.unpack", "Unpack", "Ctrl+Shift+U"),
        ("subworkflow.embed", "Embed its file", ""),
        ("subworkflow.publish", "Publish to the palette", ""),
    ),
    # Many desktops keep Ctrl+Alt and an arrow for themselves: it is the second key.
    "Arrange": (
        ("arrange.layout", "Arrange", "Ctrl+L"),
        ("arrange.layout_selection", "Arrange the selection", "Ctrl+Shift+L"),
        ("arrange.align_left", "Align left", "Alt+Shift+L; Ctrl+Alt+Left"),
        ("arrange.align_right", "Align right", "Alt+Shift+R; Ctrl+Alt+Right"),
        ("arrange.align_top", "Align top", "Alt+Shift+T; Ctrl+Alt+Up"),
        ("arrange.align_bottom", "Align bottom", "Alt+Shift+B; Ctrl+Alt+Down"),
        ("arrange.align_centre", "Align centres", "Alt+Shift+C"),
        ("arrange.align_middle", "Align middles", "Alt+Shift+M"),
        ("arrange.distribute_horizontal", "Distribute horizontally", "Alt+Shift+H"),
        ("arrange.distribute_vertical", "Distribute vertically", "Alt+Shift+V"),
        ("arrange.snap", "Snap to the grid", ""),
    ),
    "View": (
        ("view.fit", "Fit everything", "Home; F"),
        ("view.fit_selection", "Fit the selection", "Shift+F"),
        ("view.zoom_in", "Zoom in", "Ctrl++; Ctrl+="),
        ("view.zoom_out", "Zoom out", "Ctrl+-"),
        ("view.zoom_reset", "Actual size", "Ctrl+0"),
        ("view.larger_text", "Larger text", "Ctrl+Alt++; Ctrl+Alt+="),
        ("view.smaller_text", "Smaller text", "Ctrl+Alt+-"),
        ("view.minimap", "Minimap", "M"),
        ("view.palette", "Palette", "F5"),
        ("view.parameters", "Parameters", "F6"),
        ("view.problems", "Problems", "F7"),
        ("view.outline", "Outline", "F8"),
        ("view.history", "History", "F9"),
        ("view.runs", "Runs", "F10"),
        ("view.experiment", "Experiment", "F11"),
        ("view.lineage", "Lineage", "F12"),
        ("view.viewer", "Viewer", "Ctrl+F12"),
        ("view.reset", "Restore the panels", ""),
        ("view.next_tab", "Next tab", "Ctrl+Tab"),
        ("view.previous_tab", "Previous tab", "Ctrl+Shift+Tab"),
        ("view.next_problem", "Next problem", "F4"),
    ),
    "Run": (
        ("run.all", "Run", "Ctrl+R"),
        ("run.pilot", "Try on three items", "Ctrl+Shift+R"),
        ("run.try_one", "Try on the item shown", "Ctrl+Alt+R"),
        ("run.to_here", "Run to here", ""),
        ("run.from_here", "Run from here", ""),
        ("run.only_this", "Run only this again", ""),
        ("run.failed", "Try failed jobs again", ""),
        ("run.resume", "Go on with the run", ""),
        ("run.pause", "Pause or continue", ""),
        ("run.cancel", "Stop the run", "Ctrl+."),
        ("run.next_item", "Pictures of the next item", "PgDown"),
        ("run.previous_item", "Pictures of the item before", "PgUp"),
        ("run.hide_items", "Hide the pictures", ""),
        ("run.look", "Look at the results", "Ctrl+Alt+L"),
        ("run.curtain", "Compare the results behind a curtain", "Ctrl+Alt+C"),
        ("run.sheet", "Small pictures of the results", ""),
        ("run.sweep_board", "Compare the settings of a sweep", ""),
        ("run.plan", "What would run", ""),
        ("run.terminal", "Command to run it", ""),
    ),
    "Help": (
        ("help.tutorial", "Tutorial", ""),
        ("help.shortcuts", "Keys", "Ctrl+K"),
        ("help.preferences", "Preferences...", "Ctrl+,"),
        ("help.doctor", "What this machine can do", ""),
        ("help.about", "About", ""),
    ),
}

COMMANDS: tuple[Command, ...] = tuple(
    Command(id_, title, category, keys)
    for category, rows in _TABLE.items()
    for id_, title, keys in rows
)
"""Every command, by menu."""

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}


def keys_of(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of every command: the user's, else the default.

    Where the user gave the keys of one command to another, the first has none.
    """
    given = {id_: keys for id_, keys in changes.items() if id_ in BY_ID}
    taken = {one for keys in given.values() for one in split_keys(keys)}
    found = {}
    for command in COMMANDS:
        if command.id in given:
            found[command.id] = given[command.id]
        else:
            own = split_keys(command.default_shortcut)
            found[command.id] = "; ".join(one for one in own if one not in taken)
    return found


def split_keys(keys: str) -> tuple[str, ...]:
    """Return several keys one by one."""
    return tuple(one.strip() for one in keys.split("; ") if one.strip())


def changed_keys(
    changes: Mapping[str, str], command: str, keys: str | None
) -> dict[str, str]:
    """Return the user's keys with another choice for one command.

    Parameters
    ----------
    changes : mapping
        The user's keys so far.
    command : str
        Whose.
    keys : str or None
        The new ones; empty for none, None for the default.

    Raises
    ------
    ShortcutError
        If there is no such command, or another one that the user gave keys to has
        them.
    """
    if command not in BY_ID:
        raise ShortcutError(f"There is no command {command!r}.")
    kept = {id_: one for id_, one in changes.items() if id_ != command}
    if keys is None:
        return kept
    for other, theirs in kept.items():
        for one in split_keys(keys):
            if other in BY_ID and one in split_keys(theirs):
                raise ShortcutError(
                    f"{one} is the key of {BY_ID[other].title!r}.",
                    remedy="Give that another key first.",
                )
    return {**kept, command: "; ".join(split_keys(keys))}
