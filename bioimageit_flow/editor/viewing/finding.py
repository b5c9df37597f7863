"""Which results of which run somebody means who points at a node of a workflow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.errors import StoreError
from bioimageit_flow.session.results import Run

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


@dataclass(frozen=True, slots=True)
class NodeResults:
    """What a node gave in a run.

    Attributes
    ----------
    ports : tuple of str
        With results; the first is the one that is looked at.
    """

    run: Run
    node: str
    ports: tuple[str, ...]


def newest_results(
    experiment: "Experiment", workflow_id: str, node: str
) -> NodeResults:
    """Return what a node gave in the newest run of its workflow that it has results of.

    Raises
    ------
    StoreError
        If there is none.
    """
    for run in experiment.runs():
        record = experiment.store.run_record(run.summary.id)
        if str(record.workflow_id) != workflow_id:
            continue
        ports = tuple(port for name, port in run.outputs() if name == node)
        if ports:
            return NodeResults(run, node, ports)
    raise StoreError(
        f"{node} has no results in this experiment yet.",
        remedy="Run the workflow, then look again.",
        node=node,
    )
