"""Commands that look at the results of the selected node."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bioimageit_flow.editor.viewing.finding import (
    NodeResults,
    TwoResults,
    newest_results,
    results_before_and_after,
    results_of_two_nodes,
)
from bioimageit_flow.errors import FlowError, StoreError
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.viewer import viewer_of

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Experiment


def look_commands(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Return what looks at results, by command."""
    return {
        "run.look": lambda: _find(window, _show_results(window)),
        "run.curtain": lambda: _compare(window),
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
    asked = _asked(window)
    if asked is not None:
        experiment, workflow, nodes = asked
        window.background.run(
            lambda: newest_results(experiment, workflow, nodes[0]), show, window.refuse
        )


def _compare(window: "MainWindow") -> None:
    """Show the images of two selected nodes, or of one in its last two runs."""
    asked = _asked(window)
    if asked is None:
        return
    experiment, workflow, nodes = asked

    def find() -> TwoResults:
        if len(nodes) > 1:
            both = nodes[0], nodes[1]
            return results_of_two_nodes(experiment, workflow, both)
        return results_before_and_after(experiment, workflow, nodes[0])

    def show(found: TwoResults) -> None:
        viewer_of(window).open_compare(
            experiment,
            found.first,
            found.second,
            title=nodes[0] if len(nodes) == 1 else " | ".join(nodes[:2]),
            names=found.names,
        )

    window.background.run(find, show, window.refuse)


def _asked(window: "MainWindow") -> tuple["Experiment", str, list[str]] | None:
    """Return the experiment, the workflow and the selected nodes; say what is amiss."""
    from bioimageit_flow.gui.experiment import opened_experiment

    editor = window.editor
    nodes = (
        []
        if editor is None
        else [one for one in editor.document.nodes if one in editor.selection]
    )
    experiment = opened_experiment(window)
    if editor is None or not nodes:
        window.refuse(FlowError(tr("Select a node first.")))
        return None
    if experiment is None:
        window.refuse(
            StoreError(
                tr("No experiment is open."),
                remedy=tr("Open the experiment in which the workflow has run."),
            )
        )
        return None
    workflow = str(editor.workflow.document.id)
    return experiment, workflow, ["/".join((*editor.entered, one)) for one in nodes]
