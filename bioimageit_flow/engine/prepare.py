"""From a drawn workflow and its bindings to what plan and runner need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimageit_flow.catalogue import Catalogue, Trust
from bioimageit_flow.engine.binding import Bound, bind
from bioimageit_flow.engine.bound_keys import unit_problems
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.doubtful import doubtful_queries
from bioimageit_flow.engine.files import ChosenFiles, Import
from bioimageit_flow.engine.fitting import fitted, refused_rights
from bioimageit_flow.engine.known_results import KnownResults
from bioimageit_flow.engine.scheduler import Scheduler
from bioimageit_flow.engine.subset import take_subset
from bioimageit_flow.engine.supply import Supply
from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.model.problem import Problem, Severity, errors_among
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.model.tool import InstalledTool, Tool
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.runtimes.registry import Choice, choose
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.expand import drop_inactive, expand_subworkflows
from bioimageit_flow.workflow.restrict import leading_to
from bioimageit_flow.workflow.rules import check, tools_of
from bioimageit_flow.workflow.structure import CircleError, order_of


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to run.

    Attributes
    ----------
    folder : Path or None
        Folder of the workflow file, beside which subworkflows lie.
    bindings : mapping of str to str
        What each dataset input takes, as `read_binding` reads it.
    subset : Subset
        Which part of that.
    runtime : str
        ``auto``, or the name of a runtime.
    upto : tuple of str
        Only these nodes and what they need; all for none.
    """

    document: Document
    bindings: Mapping[str, str]
    folder: Path | None = None
    runtime: str = "auto"
    subset: Subset = field(default_factory=Subset)
    upto: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workflow that is ready to be planned or run.

    Attributes
    ----------
    document : Document
        Expanded: no subworkflows, nothing disabled or bypassed.
    order : tuple of str
        Its nodes, each after those it depends on.
    tools, choices : mapping
        Tool and runtime of each node; empty where problems stand in the way.
    files : ChosenFiles
        Finds the files that parameters name.
    results : KnownResults
        What need not be run again.
    """

    request: Request
    document: Document
    order: tuple[str, ...]
    tools: Mapping[str, InstalledTool]
    choices: Mapping[str, Choice]
    bound: Bound
    files: ChosenFiles
    results: KnownResults
    problems: tuple[Problem, ...] = field(default=())

    @property
    def is_runnable(self) -> bool:
        """Whether no problem stops the run."""
        return not errors_among(self.problems)

    @property
    def bare_tools(self) -> dict[str, Tool]:
        """The tool of each node, as far as scheduling has to know it."""
        return {name: tool.tool for name, tool in self.tools.items()}

    def supply(self, scheduler: Scheduler) -> Supply:
        """Return what feeds a scheduler with the items of the dataset inputs."""
        return Supply(scheduler, self.bound.items, self.document, self.bare_tools)


def prepare(
    request: Request,
    *,
    catalogue: Catalogue,
    trust: Trust,
    runtimes: Sequence[Runtime],
    store: Store,
    finder: ContentFinder,
    take: Import | None = None,
) -> Prepared:
    """Collect what a run needs, and every problem that stands in its way.

    Downloads and changes nothing.

    Parameters
    ----------
    take : callable, optional
        Imports the files that parameters name, once a run begins.
    """
    problems: list[Problem] = []
    try:
        document = expand_subworkflows(request.document, request.folder)
    except WorkflowError as error:
        problems.append(_from_error("subworkflow", error, error.node or ""))
        document = request.document
    active, bypass_problems = drop_inactive(document, tools_of(document, catalogue)[0])
    problems += bypass_problems
    bindings = request.bindings
    try:
        active = leading_to(active, request.upto)
        unused = document.inputs.keys() - active.inputs.keys()
        bindings = {name: text for name, text in bindings.items() if name not in unused}
    except WorkflowError as error:
        problems.append(_from_error("unknown-node", error, error.node or ""))
    problems += check(active, catalogue)
    is_split = any(node.is_split for node in active.nodes.values())
    is_asked = is_split or bool(active.filters) or bool(request.subset.where)
    bound = bind(active, bindings, store, finder, is_asked=is_asked)
    problems += bound.problems
    tools: dict[str, InstalledTool] = {}
    choices: dict[str, Choice] = {}
    for name, node in active.nodes.items():
        if node.is_split:
            continue
        try:
            tools[name] = catalogue.get(node.tool or "")
        except FlowError:
            continue  # `check` has said so
        available = None
        try:
            is_trusted = trust.is_trusted(tools[name])
            choices[name] = choose(tools[name], request.runtime, runtimes, is_trusted)
            available = choices[name].availability
            problems += refused_rights(name, tools[name], is_trusted=is_trusted)
        except FlowError as error:
            problems.append(_from_error("runtime", error, name))
        tools[name] = fitted(tools[name], node, active, available)
    try:
        order = tuple(order_of(active))
    except CircleError:
        order = tuple(active.nodes)  # a circle, which `check` has named
    problems += unit_problems(active, tools, store)
    bare = {name: tool.tool for name, tool in tools.items()}
    problems += doubtful_queries(bindings, request.subset.where, active, bare, store)
    taken, subset_problems = take_subset(request.subset, active, bare, bound.items)
    return Prepared(
        request,
        active,
        tuple(name for name in order if not active.nodes[name].is_split),
        tools,
        choices,
        replace(bound, items=taken),
        ChosenFiles(store, request.folder, take),
        KnownResults(store),
        (*problems, *subset_problems),
    )


def _from_error(code: str, error: FlowError, node: str) -> Problem:
    return Problem(code, Severity.ERROR, error.message, node=node, fix=error.remedy)
