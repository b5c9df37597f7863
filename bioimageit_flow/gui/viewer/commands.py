"""Commands that look at the results of the selected node."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bioimageit_flow.editor.viewing.finding import NodeResults, newest_results
from bioimageit_flow.errors import FlowError, StoreError
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.viewer import viewer_of

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


def look_commands(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Return what looks at results, by command."""
    return {
        "run.look": lambda: _find(window, _show_results(window)),
        "run.sheet": lambda: _find(window, _show_sheet(window)),
        "run.sweep_board": lambda: _find(window, _show_board(window)),
    }


_Show = Callable[[NodeResults], None]


def _show_results(window: "MainWindow") -> _Show:
    return lambda found: viewer_of(window).open_results(
        found.run, found.node, found.ports[0]
    )


def _show_sheet(window: "MainWindow") -> _Show:
    return lambda found: viewer_of(window).open_contact_sheet(
        found.run, found.node, found.ports[0]
    )


def _show_board(window: "MainWindow") -> _Show:
    return lambda found: viewer_of(window).open_sweep_board(found.run, found.node)


def _find(window: "MainWindow", show: _Show) -> None:
    """Find the newest results of the selected node, and show them."""
    from bioimageit_flow.gui.experiment import opened_experiment

    editor = window.editor
    nodes = (
        []
        if editor is None
        else [one for one in editor.selection if one in editor.document.nodes]
    )
    experiment = opened_experiment(window)
    if editor is None or not nodes:
        window.refuse(FlowError(tr("Select a node first.")))
        return
    if experiment is None:
        window.refuse(
            StoreError(
                tr("No experiment is open."),
                remedy=tr("Open the experiment in which the workflow has run."),
            )
        )
        return
    workflow = str(editor.workflow.document.id)
    node = "/".join((*editor.entered, nodes[0]))
    window.background.run(
        lambda: newest_results(experiment, workflow, node), show, window.refuse
    )
