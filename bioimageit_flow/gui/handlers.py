"""What each command of the window does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bioimageit_flow.gui.clipboard import clipboard_commands
from bioimageit_flow.gui.command_palette import open_command_palette
from bioimageit_flow.gui.dialogs import Dialogs
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.run_commands import RunCommands
from bioimageit_flow.gui.runs.commands import run_commands
from bioimageit_flow.gui.view_switches import view_switches
from bioimageit_flow.gui.viewer.commands import look_commands
from bioimageit_flow.gui.wire_commands import wire_commands
from bioimageit_flow.workflow.document import NodeState

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.workflow.document import Document

Handler = Callable[[], object]

_QUICK_NODES: Final = 120
"""What has more boxes is arranged beside the window."""


def handlers(window: "MainWindow") -> dict[str, Handler]:
    """Return what commands do in a window, by their id."""
    return {
        **_file(window),
        **_edit(window),
        **clipboard_commands(window),
        **_add(window),
        **_node(window),
        **_view(window),
        **_help(window),
        **wire_commands(window),
        **run_commands(window),
        **look_commands(window),
        **view_switches(window),
    }


def _file(window: "MainWindow") -> dict[str, Handler]:
    files, runs = window.files, RunCommands(window)
    return {
        "file.new": files.new,
        "file.open": files.ask_to_open,
        "file.save": files.save,
        "file.save_as": files.save_as,
        "file.share": files.share,
        "file.reload": files.reload,
        "file.about": window.navigation.show_workflow,
        "file.picture": files.save_picture,
        "file.compare": files.compare,
        "file.start": lambda: window.documents.show_editor(None),
        "file.close": files.close,
        "file.quit": window.close,
        "run.terminal": runs.copy_run_command,
        "run.plan": runs.show_plan,
    }


def _edit(window: "MainWindow") -> dict[str, Handler]:
    def canvas(name: str, **how: bool) -> Handler:
        return lambda: window.canvas_call(
            lambda page: getattr(page.canvas, name)(**how)
        )

    def find() -> None:
        if window.editor is not None:
            window.find_bar.open(window.editor.find)

    return {
        "edit.undo": lambda: window.editor_call(lambda one: one.undo()),
        "edit.redo": lambda: window.editor_call(lambda one: one.redo()),
        "edit.duplicate": canvas("duplicate"),
        "edit.duplicate_wired": canvas("duplicate", with_inputs=True),
        "edit.delete": canvas("delete"),
        "edit.delete_reconnect": canvas("delete", reconnect=True),
        "edit.select_none": lambda: window.editor_call(lambda one: one.select(())),
        "edit.select_all": lambda: window.editor_call(lambda one: one.select_all()),
        "edit.find": find,
        "edit.commands": lambda: open_command_palette(window),
    }


def _add(window: "MainWindow") -> dict[str, Handler]:
    def search() -> None:
        page = window.page
        if page is not None:
            place = page.canvas.cursor_place()
            at = page.canvas.screen_point(place)
            window.adding.search(page.canvas, place, at)

    def note() -> None:
        page, editor = window.page, window.editor
        if page is not None and editor is not None:
            canvas, place = page.canvas, page.canvas.cursor_place()
            window.attempt(
                lambda: canvas.write_in(editor.add_note(tr("Write here"), place))
            )

    def frame() -> None:
        page, editor = window.page, window.editor
        if page is not None and editor is not None:
            canvas = page.canvas
            window.attempt(lambda: canvas.write_in(editor.add_frame(title=tr("Frame"))))

    def subworkflow() -> None:
        page, editor = window.page, window.editor
        if page is not None and editor is not None:
            canvas, name = page.canvas, tr("Subworkflow")
            window.attempt(lambda: canvas.write_in(editor.make_subworkflow(name=name)))

    def enter(editor: "Editor") -> None:
        for node in editor.selected_nodes:
            editor.enter(node)
            return

    def unpack(editor: "Editor") -> None:
        for node in editor.selected_nodes:
            editor.unpack(node)
            return

    def embed(editor: "Editor") -> None:
        for node in editor.selected_nodes:
            editor.embed(node)
            return

    return {
        "add.search": search,
        "add.dataset": lambda: window.canvas_call(
            lambda page: window.adding.add_dataset(page.canvas)
        ),
        "add.note": note,
        "add.frame": frame,
        "subworkflow.make": subworkflow,
        "subworkflow.enter": lambda: window.editor_call(enter),
        "subworkflow.leave": lambda: window.editor_call(lambda one: one.leave()),
        "subworkflow.unpack": lambda: window.editor_call(unpack),
        "subworkflow.embed": lambda: window.editor_call(embed),
        "subworkflow.publish": window.files.publish_subworkflow,
    }


def _node(window: "MainWindow") -> dict[str, Handler]:
    def toggle(wanted: NodeState) -> Handler:
        def call(editor: "Editor") -> None:
            nodes = [
                one for one in editor.selected_nodes if one in editor.document.nodes
            ]
            is_so = all(editor.document.nodes[one].state is wanted for one in nodes)
            editor.set_state(nodes, NodeState.ENABLED if is_so else wanted)

        return lambda: window.editor_call(call)

    def disconnect(editor: "Editor") -> None:
        chosen = set(editor.selected_nodes)
        editor.disconnect(
            [
                key
                for key, wire in editor.scene.wires.items()
                if wire.source[0] in chosen or wire.target[0] in chosen
            ]
        )

    def align(side: str) -> Handler:
        return lambda: window.editor_call(
            lambda one: one.align(one.selection, side)  # type: ignore[arg-type]
        )

    def distribute(axis: str) -> Handler:
        return lambda: window.editor_call(
            lambda one: one.distribute(one.selection, axis)  # type: ignore[arg-type]
        )

    def swap() -> None:
        editor = window.editor
        for node in editor.selected_nodes if editor else ():
            if editor is not None and node in editor.document.nodes:
                window.adding.search_swap(editor, node, None)
                return

    def parameters() -> None:
        window.docks.reveal("parameters")
        window.presenter.focus()

    def arrange() -> None:
        editor = window.editor
        if editor is None:
            return

        def keep(done: "tuple[Document, Document]") -> None:
            window.attempt(lambda: editor.keep_arranged(*done))
            if window.page is not None and window.page.editor is editor:
                window.page.canvas.fit()

        arranging = editor.arrange_later()
        if len(editor.document.nodes) <= _QUICK_NODES:
            keep(arranging())
        else:
            window.background.run(arranging, keep, window.refuse)

    made = {
        "node.rename": lambda: window.canvas_call(lambda page: page.canvas.rename()),
        "node.disable": toggle(NodeState.DISABLED),
        "node.bypass": toggle(NodeState.BYPASS),
        "node.disconnect": lambda: window.editor_call(disconnect),
        "node.help": window.navigation.show_help,
        "node.swap": swap,
        "node.parameters": parameters,
        "arrange.layout": arrange,
        "arrange.layout_selection": lambda: window.editor_call(
            lambda one: one.arrange(one.selection)
        ),
        "arrange.distribute_horizontal": distribute("horizontal"),
        "arrange.distribute_vertical": distribute("vertical"),
    }
    for side in ("left", "right", "top", "bottom", "centre", "middle"):
        made[f"arrange.align_{side}"] = align(side)
    return made


def _view(window: "MainWindow") -> dict[str, Handler]:
    def canvas(name: str) -> Handler:
        return lambda: window.canvas_call(lambda page: getattr(page.canvas, name)())

    def toggle(name: str) -> Handler:
        def call() -> None:
            is_there = window.docks.toggle(name)
            if is_there and name == "palette":
                window.palette_panel.focus_search()

        return call

    return {
        "view.fit": canvas("fit"),
        "view.fit_selection": canvas("fit_selection"),
        "view.zoom_in": canvas("zoom_in"),
        "view.zoom_out": canvas("zoom_out"),
        "view.zoom_reset": canvas("zoom_reset"),
        "view.next_problem": window.navigation.go_to_next_problem,
        "view.next_tab": lambda: window.documents.step(1),
        "view.previous_tab": lambda: window.documents.step(-1),
        "view.reset": window.docks.arrange,
        "view.larger_text": lambda: Dialogs(window).scale_by(1.1),
        "view.smaller_text": lambda: Dialogs(window).scale_by(1 / 1.1),
        **{f"view.{name}": toggle(name) for name in window.docks},
    }


def _help(window: "MainWindow") -> dict[str, Handler]:
    dialogs = Dialogs(window)
    return {
        "help.tutorial": window.newcomers.begin_tutorial,
        "help.shortcuts": dialogs.shortcuts,
        "help.preferences": dialogs.preferences,
        "help.doctor": window.newcomers.look_at_machine,
        "help.about": dialogs.about,
    }
