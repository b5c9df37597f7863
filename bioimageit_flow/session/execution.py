"""Planning and running a workflow in an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.files import FILES
from bioimageit_flow.engine.plan import make_plan
from bioimageit_flow.engine.prepare import Prepared, Request, prepare
from bioimageit_flow.engine.runner import Runner, RunOptions
from bioimageit_flow.errors import DataError, WorkflowError
from bioimageit_flow.executors.local import LocalExecutor
from bioimageit_flow.executors.warm import Isolation
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.events import Observer
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.model.problem import errors_among
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.session.notebook import default_observer
from bioimageit_flow.session.results import Run
from bioimageit_flow.workflow import Workflow

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

Bind = str | Sequence[Item]
"""What a dataset input can be bound to: a text that names it, or items."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have planned or run, in the words of `Experiment.plan`."""

    workflow: Workflow
    bind: Mapping[str, Bind] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    runtime: str = "auto"
    folder: Path | None = None
    subset: Subset = field(default_factory=Subset)
    incomplete_groups: Literal["stop", "run"] = "stop"
    unpaired: Literal["stop", "leave out"] = "stop"


def plan_workflow(experiment: "Experiment", wish: Wish) -> Plan:
    """Return what a run would do; changes nothing."""
    finder = experiment.finder()
    return _plan(experiment, wish, _prepared(experiment, wish, finder), finder)


def run_workflow(
    experiment: "Experiment",
    wish: Wish,
    *,
    jobs: int | None,
    reuse: bool,
    observe: Observer | None,
    cancel: Event,
    isolation: Isolation = "worker",
) -> Run:
    """Carry out a run; its errors are those of `Experiment.run`."""
    finder = experiment.finder()
    prepared = _prepared(experiment, wish, finder, takes_files=True)
    plan = _plan(experiment, wish, _prepared(experiment, wish, finder), finder)
    refuse_if_broken(plan)
    executor = LocalExecutor(jobs)
    options = RunOptions(
        expected={node.node: node.jobs for node in plan.nodes},
        incomplete_groups=wish.incomplete_groups,
        unpaired=wish.unpaired,
        reuse=reuse,
        isolation=isolation,
    )
    try:
        report = Runner(
            prepared,
            experiment.folder,
            experiment.store,
            executor,
            experiment.session.runtimes,
            finder,
            options,
            observe or default_observer(),
            cancel,
        ).run()
    finally:
        executor.close()
    return Run(experiment, experiment.store.find_run(report.run), report)


def refuse_if_broken(plan: Plan) -> None:
    """Raise `WorkflowError` if problems stop a run; its notes list them."""
    errors = errors_among(plan.problems)
    if not errors:
        return
    first = errors[0]
    others = len(errors) - 1
    are = "is 1 more problem" if others == 1 else f"are {others} more problems"
    more = f" There {are}." if others else ""
    refusal = WorkflowError(
        f"{first.text}{more}", remedy=first.fix, node=first.node, port=first.port
    )
    for problem in errors:
        refusal.add_note(str(problem))
    raise refusal


def _plan(
    experiment: "Experiment", wish: Wish, prepared: Prepared, finder: ContentFinder
) -> Plan:
    return make_plan(
        prepared,
        experiment.store,
        finder,
        incomplete_groups=wish.incomplete_groups,
        unpaired=wish.unpaired,
        folder=experiment.path,
    )


def _prepared(
    experiment: "Experiment",
    wish: Wish,
    finder: ContentFinder,
    *,
    takes_files: bool = False,
) -> Prepared:
    session = experiment.session
    copy = Workflow.of(wish.workflow.document, catalogue=session.catalogue)
    for name, value in wish.settings.items():
        node, dot, parameter = name.rpartition(".")
        if not dot:
            raise WorkflowError(
                f"{name!r} names no parameter.",
                remedy="Write 'node.parameter=value'.",
            )
        copy.set(node, **{parameter: value})
    bindings = {name: _binding(bound) for name, bound in wish.bind.items()}
    request = Request(copy.document, bindings, wish.folder, wish.runtime, wish.subset)

    def take(path: Path) -> Item:
        report = experiment.import_files([path], dataset=FILES)
        for one in report.refused:
            raise DataError(one.reason, remedy=one.remedy)
        return report.items[0]

    return prepare(
        request,
        catalogue=session.catalogue,
        trust=session.trust,
        runtimes=session.runtimes,
        store=experiment.store,
        finder=finder,
        take=take if takes_files else None,
    )


def _binding(bound: Bind) -> str:
    """Return a binding as text, by which it is recorded and can be repeated."""
    if isinstance(bound, str):
        return bound
    return "items " + ", ".join(item.id for item in bound)
