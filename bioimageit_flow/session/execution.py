"""Planning and running a workflow in an experiment."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from bioimageit_flow.engine.asking import Requests
from bioimageit_flow.engine.begin import known_run
from bioimageit_flow.engine.carrying import carrying
from bioimageit_flow.engine.collecting import collecting_rarely
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.files import FILES, ChosenFiles
from bioimageit_flow.engine.frozen import thaw
from bioimageit_flow.engine.journal import Journal
from bioimageit_flow.engine.options import RunOptions, Surroundings
from bioimageit_flow.engine.plan import ChangedJob, make_plan
from bioimageit_flow.engine.prepare import Prepared, Request, prepare
from bioimageit_flow.engine.queueing import wait_for_turn
from bioimageit_flow.engine.recorder import user_name
from bioimageit_flow.engine.request_file import (
    RunRequest,
    read_request,
    subset_fields,
    write_request,
)
from bioimageit_flow.engine.reuse import ReusePolicy
from bioimageit_flow.engine.runner import Runner
from bioimageit_flow.engine.still_valid import Declared, declare
from bioimageit_flow.engine.telling import Teller
from bioimageit_flow.errors import (
    Cancelled,
    DataError,
    FlowError,
    StoreError,
    WorkflowError,
)
from bioimageit_flow.executors.local import LocalExecutor
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.events import Observer, RunStopped
from bioimageit_flow.model.ids import RunId, Sha256, new_run_id
from bioimageit_flow.model.plan import NodePlan, Plan
from bioimageit_flow.model.problem import Problem, Severity, errors_among
from bioimageit_flow.session.keep_crate import keep_crate_after
from bioimageit_flow.session.notebook import default_observer
from bioimageit_flow.session.results import Run
from bioimageit_flow.session.shared_folder import chosen_share, opened_share
from bioimageit_flow.session.wishes import Bind, Wish
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.adjusting import adjust, set_parameter
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.restrict import nodes_named

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


def plan_workflow(experiment: "Experiment", wish: Wish) -> Plan:
    """Return what a run would do; changes nothing."""
    request, document, wrong = _asked(experiment, wish)
    finder = experiment.finder()
    prepared = _prepared(experiment, request, document, finder)
    force: list[str] = []
    for name in request.force:
        try:
            nodes_named(prepared.document, [name])
            force.append(name)
        except WorkflowError as error:
            wrong.append(_problem("unknown-node", error))
    request = request.model_copy(update={"force": tuple(force)})
    prepared = replace(prepared, problems=(*wrong, *prepared.problems))
    return _plan(experiment, request, prepared, finder)


def new_request(experiment: "Experiment", wish: Wish) -> RunId:
    """Write down what is asked for in the folder of a new run; return its id.

    Raises
    ------
    WorkflowError
        If it sets what is no parameter, or to what it cannot be; lists all.
    StoreError
        If the experiment cannot be written.
    """
    request, document, wrong = _asked(experiment, wish)
    _refuse(wrong)
    write_request(experiment.folder.new_run_folder(request.run), request, document)
    return request.run


def run_workflow(
    experiment: "Experiment",
    wish: Wish,
    *,
    observe: Observer | None,
    cancel: Event,
) -> Run:
    """Carry out a run in this process; its errors are those of `Experiment.run`."""
    run = new_request(experiment, wish)
    try:
        return carry(experiment, run, observe=observe, cancel=cancel)
    except BaseException:
        with suppress(StoreError):  # what may have begun keeps its folder
            if known_run(experiment.store, run) is None:
                experiment.folder.remove_run_folder(run)
        raise


def carry(
    experiment: "Experiment",
    run: RunId,
    *,
    redo_failed: bool = False,
    jobs: int | None = None,
    observe: Observer | None = None,
    cancel: Event,
) -> Run:
    """Carry out a run that was asked for, or go on with one.

    Parameters
    ----------
    redo_failed : bool
        Whether jobs that failed before are tried again.
    jobs : int, optional
        How many processors its jobs use together, where that is not as asked for.

    Raises
    ------
    StoreError
        If another process carries it, or it cannot go on.
    WorkflowError
        If problems stand in the way; lists them.
    RuntimeUnavailableError
        If an image or environment cannot be had.
    """
    folder = experiment.folder.run_folder(run)
    request, document = read_request(folder)
    is_resumed = known_run(experiment.store, run) is not None
    with (
        carrying(folder) as beat,
        closing(Journal(folder)) as journal,
        collecting_rarely(),
    ):
        requests = Requests(folder)
        teller = Teller(journal, observe or default_observer())
        around = Surroundings(teller, requests, beat, cancel)
        try:
            if request.queue:
                wait_for_turn(folder, request, around)
            ended = _carried(
                experiment,
                request if jobs is None else request.model_copy(update={"jobs": jobs}),
                document,
                around,
                redo_failed=redo_failed,
                is_resumed=is_resumed,
            )
            keep_crate_after(experiment, run)
            return ended
        except Cancelled as error:
            teller.tell(RunStopped(error.message, error.remedy))
            raise
        except FlowError as error:
            notes = tuple(getattr(error, "__notes__", ()))
            teller.tell(RunStopped(error.message, error.remedy, notes))
            raise


def _carried(
    experiment: "Experiment",
    request: RunRequest,
    document: Document,
    around: Surroundings,
    *,
    redo_failed: bool,
    is_resumed: bool,
) -> Run:
    finder = experiment.finder()
    prepared = _prepared(experiment, request, document, finder)
    if is_resumed:
        prepared = thaw(experiment.folder.run_folder(request.run), prepared)
    dormant: set[Sha256] = set()
    planned = _planned(experiment, request, prepared, finder, dormant)
    policy = _policy(request, prepared, redo_failed=redo_failed)
    options = RunOptions(
        expected={node.node: node.jobs for node in planned},
        is_all_known=not any(node.new or node.waiting for node in planned),
        incomplete_groups=request.incomplete_groups,
        unpaired=request.unpaired,
        reuse=replace(policy, dormant=dormant),
        isolation=request.isolation,
        shared=opened_share(request.share),
    )
    executor = LocalExecutor(request.jobs)
    try:
        report = Runner(
            request.run,
            replace(prepared, files=_importing(experiment, request)),
            experiment.folder,
            experiment.store,
            executor,
            experiment.session.runtimes,
            finder,
            options,
            around,
        ).run()
    finally:
        executor.close()
    return Run(experiment, experiment.store.find_run(report.run), report)


def _planned(
    experiment: "Experiment",
    request: RunRequest,
    prepared: Prepared,
    finder: ContentFinder,
    dormant: set[Sha256],
) -> tuple[NodePlan, ...]:
    """Plan a run and keep of the plan only how many jobs there will be of each node.

    `dormant` is filled; see `make_plan`.
    """
    plan = _plan(
        experiment, request, prepared, finder, dormant=dormant, is_listed=False
    )
    refuse_if_broken(plan)
    return plan.nodes


def refuse_if_broken(plan: Plan) -> None:
    """Raise `WorkflowError` if problems stop a run; its notes list them."""
    _refuse(errors_among(plan.problems))


def _refuse(errors: Sequence[Problem]) -> None:
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


def _asked(
    experiment: "Experiment", wish: Wish
) -> tuple[RunRequest, Document, list[Problem]]:
    """Return a wish as it is written down, with the workflow that it means.

    What it wrongly sets stays as it is in the workflow, and is a problem each.
    """
    session = experiment.session
    copy = Workflow.of(wish.workflow.document, catalogue=session.catalogue)
    wrong: list[Problem] = []
    for name, value in wish.settings.items():
        try:
            set_parameter(copy, name, value, wish.folder)
        except WorkflowError as error:
            wrong.append(_problem("setting", error))
    wrong += [
        _problem("option", one.error, f"{one.what}: ")
        for one in adjust(copy, wish.adjustments, wish.folder)
    ]
    request = RunRequest(
        run=new_run_id(),
        user=user_name(),
        asked=datetime.now(UTC),
        bindings={name: _binding(bound) for name, bound in wish.bind.items()},
        runtime=wish.runtime,
        incomplete_groups=wish.incomplete_groups,
        unpaired=wish.unpaired,
        isolation=wish.isolation,
        share=chosen_share(wish.share),
        reuse=wish.reuse,
        jobs=wish.jobs,
        folder=None if wish.folder is None else wish.folder.absolute(),
        upto=tuple(wish.upto),
        force=tuple(wish.force),
        tool_folders=tuple(path.absolute() for path in session.tool_folders),
        queue=wish.queue,
        **subset_fields(wish.subset),
    )
    return request, copy.document, wrong


def _problem(code: str, error: FlowError, of: str = "") -> Problem:
    node, fix = error.node or "", error.remedy
    return Problem(code, Severity.ERROR, f"{of}{error.message}", node=node, fix=fix)


def declare_valid(
    experiment: "Experiment", wish: Wish, nodes: Sequence[str], reason: str
) -> Declared:
    """Declare results of nodes still valid; see `Experiment.declare_still_valid`."""
    request, document, wrong = _asked(experiment, wish)
    _refuse(wrong)
    finder = experiment.finder()
    prepared = _prepared(experiment, request, document, finder)
    changed: list[ChangedJob] = []
    plan = make_plan(prepared, experiment.store, finder, changed=changed)
    refuse_if_broken(plan)
    meant = nodes_named(prepared.document, nodes)
    mine = [one for one in changed if one.resolved.job.node in meant]
    return declare(experiment.store, mine, reason, user_name(), ", ".join(nodes))


def _plan(
    experiment: "Experiment",
    request: RunRequest,
    prepared: Prepared,
    finder: ContentFinder,
    *,
    dormant: set[Sha256] | None = None,
    is_listed: bool = True,
) -> Plan:
    return make_plan(
        prepared,
        experiment.store,
        finder,
        incomplete_groups=request.incomplete_groups,
        unpaired=request.unpaired,
        folder=experiment.path,
        reuse=_policy(request, prepared),
        dormant=dormant,
        is_listed=is_listed,
        shared=opened_share(request.share),
    )


def _policy(
    request: RunRequest, prepared: Prepared, *, redo_failed: bool = False
) -> ReusePolicy:
    return ReusePolicy(
        is_wanted=request.reuse,
        force=nodes_named(prepared.document, request.force),
        redo_failed=redo_failed,
    )


def _prepared(
    experiment: "Experiment",
    request: RunRequest,
    document: Document,
    finder: ContentFinder,
) -> Prepared:
    session = experiment.session
    asked = Request(
        document,
        request.bindings,
        request.folder,
        request.runtime,
        request.subset,
        request.upto,
    )
    return prepare(
        asked,
        catalogue=session.catalogue,
        trust=session.trust,
        runtimes=session.runtimes,
        store=experiment.store,
        finder=finder,
    )


def _importing(experiment: "Experiment", request: RunRequest) -> ChosenFiles:
    """Return what imports the files that parameters name, now that a run begins."""

    def take(path: Path) -> Item:
        report = experiment.import_files([path], dataset=FILES)
        for one in report.refused:
            raise DataError(one.reason, remedy=one.remedy)
        return report.items[0]

    return ChosenFiles(experiment.store, request.folder, take)


def _binding(bound: Bind) -> str:
    """Return a binding as text, by which it is recorded and can be repeated."""
    if isinstance(bound, str):
        return bound
    return "items " + ", ".join(item.id for item in bound)
