"""Commands of wires, for those who use no mouse: bend, insert, connect."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.search_popup import Entry
from bioimageit_flow.gui.words import fits_words

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow


def wire_commands(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Return what the commands of wires do."""

    def bend() -> None:
        page = window.page
        if page is not None and not page.canvas.bend():
            window.message.say(tr("Select a wire to bend."), level="info")

    def insert() -> None:
        editor, page = window.editor, window.page
        if editor is None or page is None:
            return
        wires = [key for key in editor.selection if key in editor.scene.wires]
        nodes = [key for key in editor.selected_nodes if key in editor.document.nodes]
        if wires and nodes:
            window.attempt(lambda: editor.insert_on_wire(wires[0], nodes[0]))
        elif wires:
            place = page.canvas.view.board.wires[wires[0]].curve.middle
            at = page.canvas.screen_point(place)
            window.adding.search_insert(page.canvas, place, at, wires[0])
        elif nodes:
            _list_wires(window, editor, nodes[0])
        else:
            window.message.say(
                tr("Select a node to insert, a wire, or both."), level="info"
            )

    def connect() -> None:
        page = window.page
        if page is not None and not page.canvas.connect_by_keys():
            window.message.say(tr("Select a node to connect."), level="info")

    return {"add.reroute": bend, "node.insert": insert, "node.connect": connect}


def _list_wires(window: "MainWindow", editor: "Editor", node: str) -> None:
    """List the wires that a node fits on; Enter puts it there."""
    keys = editor.wires_for(node)
    title = editor.title_of(node)
    if not keys:
        window.message.say(
            tr("{title} fits on no wire.", title=title),
            tr("Its kinds must be those of the wire."),
            level="warning",
            until_edit=True,
        )
        return
    names = {key: _called(editor, key) for key in keys}

    def find(text: str) -> Sequence[Entry]:
        return [
            Entry(name, "", key, icon="wire")
            for key, name in names.items()
            if fits_words(text, name)
        ]

    window.adding.choose(
        find,
        lambda key: window.attempt(lambda: editor.insert_on_wire(str(key), node)),
        hint=tr("Insert {title} into the wire", title=title),
        prompt=tr("From or to"),
        keys=tr("Enter inserts, Esc closes"),
    )


def _called(editor: "Editor", key: str) -> str:
    wire = editor.scene.wires[key]
    ends = (editor.title_of(wire.source[0]), editor.title_of(wire.target[0]))
    return f"{ends[0]} \u2192 {ends[1]} \u00b7 {wire.target[1]}"
