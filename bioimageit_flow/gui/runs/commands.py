"""What the commands of the menu Run do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bioimageit_flow.editor.running.piloting import PILOT, nodes_for_one, pilot_of
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.workflow.structure import below

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.runs.control import RunControl
    from bioimageit_flow.gui.window import MainWindow

Handler = Callable[[], object]


def run_commands(window: "MainWindow") -> dict[str, Handler]:
    """Return what the commands that run workflows do, by their id."""
    from bioimageit_flow.gui.experiment import experiment_panel
    from bioimageit_flow.gui.runs.panel import runs_panel

    def control() -> "RunControl":
        return runs_panel(window).control

    def nodes() -> list[str]:
        editor = window.editor
        return [] if editor is None else _full_names(editor)

    def chosen(run: Callable[[list[str]], object]) -> Handler:
        def go() -> None:
            names = nodes()
            if names:
                run(names)
            else:
                window.message.say(tr("Select a node first."), level="warning")

        return go

    def pilot() -> None:
        editor, contents = window.editor, experiment_panel(window).opened.contents
        subset = Subset(limit=PILOT)
        if editor is not None and contents is not None:
            document, tool = editor.workflow.document, editor.toolset.tool
            subset = pilot_of(document, tool, contents.words.values)
        control().start(subset=subset)

    def try_one() -> None:
        """Try the item whose pictures stand on the canvas, or else the first one."""
        item = runs_panel(window).cursor_item.item
        one = Subset(limit=1) if item is None else Subset(items=(item,))
        editor = window.editor
        if editor is not None:
            document, tool = editor.workflow.document, editor.toolset.tool
            control().start(upto=nodes_for_one(document, tool), subset=one)

    def from_here(names: list[str]) -> None:
        editor = window.editor
        if editor is not None:
            top = {name.partition("/")[0] for name in names}
            under = below(editor.workflow.document, top)
            known = editor.workflow.document.nodes
            wanted = [name for name in known if name in under]
            control().start(upto=wanted, force=names)

    return {
        "run.all": lambda: control().start(),
        "run.to_here": chosen(lambda names: control().start(upto=names)),
        "run.only_this": chosen(lambda names: control().start(upto=names, force=names)),
        "run.from_here": chosen(from_here),
        "run.pilot": pilot,
        "run.try_one": try_one,
        "run.failed": lambda: control().go_on(only_failed=True),
        "run.resume": lambda: control().go_on(),
        "run.pause": lambda: control().pause_or_continue(),
        "run.cancel": lambda: control().ask("cancel"),
        "run.next_item": lambda: runs_panel(window).cursor_item.step(1),
        "run.previous_item": lambda: runs_panel(window).cursor_item.step(-1),
        "run.hide_items": lambda: runs_panel(window).cursor_item.hide(),
    }


def _full_names(editor: "Editor") -> list[str]:
    """Return the selected nodes as a run calls them."""
    prefix = "".join(f"{name}/" for name in editor.entered)
    return [f"{prefix}{name}" for name in editor.selected_nodes]
