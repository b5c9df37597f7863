"""Which results of which run somebody means who points at a node of a workflow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.results import Run

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


@dataclass(frozen=True, slots=True)
class TwoResults:
    """Images that are looked at beside each other.

    Attributes
    ----------
    first, second : tuple of Item
        Of two nodes, or of one node in two runs.
    names : tuple of str
        What they are called.
    """

    first: tuple[Item, ...]
    second: tuple[Item, ...]
    names: tuple[str, str]


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
    for found in _all_results(experiment, workflow_id, node):
        return found
    raise StoreError(
        f"{node} has no results in this experiment yet.",
        remedy="Run the workflow, then look again.",
        node=node,
    )


def results_of_two_nodes(
    experiment: "Experiment", workflow_id: str, nodes: tuple[str, str]
) -> TwoResults:
    """Return the newest images of two nodes.

    Raises
    ------
    StoreError
        If one of them has none.
    """
    first, second = (
        _images(newest_results(experiment, workflow_id, node)) for node in nodes
    )
    return TwoResults(first, second, nodes)


def results_before_and_after(
    experiment: "Experiment", workflow_id: str, node: str
) -> TwoResults:
    """Return the newest images of a node, and those of the run before that differ.

    Raises
    ------
    StoreError
        If it has none, or none that differ.
    """
    newest = newest_results(experiment, workflow_id, node)
    after = _images(newest)
    contents = {item.content.sha256 for item in after}
    for found in _all_results(experiment, workflow_id, node):
        before = _images(found)
        if not {item.content.sha256 for item in before} <= contents:
            names = (found.run.summary.folder, newest.run.summary.folder)
            return TwoResults(before, after, names)
    raise StoreError(
        f"No earlier run has other images of {node} than the newest one.",
        remedy="Select a second node to compare with, or run with another setting.",
        node=node,
    )


def _all_results(
    experiment: "Experiment", workflow_id: str, node: str
) -> Iterator[NodeResults]:
    """Go through the runs of a workflow that have results of a node, newest first."""
    for run in experiment.runs():
        record = experiment.store.run_record(run.summary.id)
        if str(record.workflow_id) != workflow_id:
            continue
        ports = tuple(port for name, port in run.outputs() if name == node)
        if ports:
            yield NodeResults(run, node, ports)


def _images(found: NodeResults) -> tuple[Item, ...]:
    """Return the items of the first port of a node that gives images."""
    for port in found.ports:
        items = tuple(one.item for one in found.run.results(found.node, port))
        if items and all(item.info.kind.is_pixels for item in items):
            return items
    raise StoreError(
        f"{found.node} gives no images.",
        remedy="Select a node that gives images or labels.",
        node=found.node,
    )
