"""What only a plan finds: it asks the experiment, takes its time, and runs in a thread.

A question is taken in the thread of the window, answered in another one, and its
answer is shown only if nothing has changed since.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bioimageit_flow.editor.mending import Fix
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.data import Dataset, DatasetKind
from bioimageit_flow.model.kinds import Kind, takes
from bioimageit_flow.model.plan import UNPAIRED, NodePlan
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document, FromAnnotation, MatchBy, Swept
from bioimageit_flow.workflow.edits import nodes, wires
from bioimageit_flow.workflow.edits.changing import with_node
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.rules import check

if TYPE_CHECKING:
    from bioimageit_flow.editor.base import EditorBase
    from bioimageit_flow.editor.open_experiment import OpenExperiment
    from bioimageit_flow.session import Experiment, Session

MOST_ALIKE: Final = 20
"""How many problems of one kind at one port are listed one by one."""

_MOST_KEYS: Final = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What would run: a workflow, an experiment, and what is bound."""

    document: Document
    folder: Path | None
    experiment: Path
    bindings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plan found.

    Attributes
    ----------
    problems : tuple of Problem
        Those that the rules do not find.
    by_rules : tuple of Problem
        Those that the rules find, which an editor lists by itself.
    datasets, keys : tuple of str
        What the experiment has, for fixes.
    jobs, reused : int
        How many there would be, and how many of them are done already.
    nodes : tuple of NodePlan
        What would run at each node.
    obvious : tuple of str, optional
        The only dataset input that is not bound, and the only raw dataset, where its
        data fit: there is nothing to choose.
    """

    problems: tuple[Problem, ...] = ()
    datasets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    jobs: int = 0
    reused: int = 0
    nodes: tuple[NodePlan, ...] = ()
    by_rules: tuple[Problem, ...] = ()
    obvious: tuple[str, str] | None = None


def question_of(editor: "EditorBase", experiment: "OpenExperiment") -> Question | None:
    """Return what there is to ask; None where there is no experiment or nothing to run.

    Where things lie on the canvas changes no answer, so it is left out.
    """
    document = editor.workflow.document
    if experiment.path is None or not document.nodes:
        return None
    bare = document.model_copy(update={"layout": type(document.layout)()})
    folder = editor.path.parent if editor.path else None
    return Question(bare, folder, experiment.path, experiment.bindings(editor))


def answer(question: Question, session: "Session") -> Answer:
    """Plan, and return what was found.

    Raises
    ------
    FlowError
        If the experiment cannot be read.
    """
    from bioimageit_flow.session import Experiment

    workflow = Workflow.of(question.document, catalogue=session.catalogue)
    with Experiment.open(question.experiment, session=session) as experiment:
        known_datasets = experiment.datasets()
        datasets = tuple(dataset.name for dataset in known_datasets)
        raw = [one for one in known_datasets if one.kind is DatasetKind.RAW]
        obvious = _obvious(question, experiment, raw)
        keys = tuple(use.name for use in experiment.keys())  # noqa: SIM118
        plan = experiment.plan(workflow, bind=question.bindings, folder=question.folder)
    by_rules = _found_by_rules(question, session)
    known = set(by_rules)
    # what the rules say once is not said again for each item
    broken = {(one.code, one.node) for one in known}
    codes = {one.code for one in plan.problems}
    # items without a partner are no news where a partner is not bound yet
    consequences = UNPAIRED if "unbound-input" in codes else frozenset()
    problems = tuple(
        _shortened(
            _in_words(one, question.document, datasets)
            for one in plan.problems
            if one not in known
            and one.code not in consequences
            and not (one.item and (one.code, one.node) in broken)
        )
    )
    reused = sum(node.reused for node in plan.nodes)
    return Answer(
        problems, datasets, keys, plan.total, reused, plan.nodes, by_rules, obvious
    )


def _obvious(
    question: Question, experiment: "Experiment", raw: "Sequence[Dataset]"
) -> tuple[str, str] | None:
    inputs = question.document.inputs
    unbound = [name for name in inputs if name not in question.bindings]
    if len(unbound) != 1 or len(raw) != 1 or not raw[0].count:
        return None
    wanted = inputs[unbound[0]].kind
    others = ", ".join(kind for kind in Kind if not takes(wanted, kind))
    if others and experiment.count(f"kind in ({others})", dataset=raw[0].name):
        return None
    return unbound[0], raw[0].name


def _found_by_rules(question: Question, session: "Session") -> tuple[Problem, ...]:
    try:
        flat = expand_subworkflows(question.document, question.folder)
    except FlowError:
        return ()
    return tuple(check(flat, session.catalogue))


def _in_words(
    problem: Problem, document: Document, datasets: tuple[str, ...]
) -> Problem:
    """Say in the words of the window what a command line would say by its options."""
    if not problem.node and problem.port in document.inputs:
        problem = replace(problem, node=problem.port, port="")
    if problem.code != "unbound-input":
        return problem
    fix = (
        f"Bind it to a dataset of the experiment: {', '.join(datasets)}."
        if datasets
        else "Import images into the experiment first."
    )
    # that nothing is bound yet is how every drawing begins
    return replace(problem, severity=Severity.WARNING, fix=fix)


def _shortened(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Yield problems, many of one kind as a few and a number."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for problem in problems:
        place = (problem.code, problem.node, problem.port)
        seen[place] += 1
        if seen[place] <= MOST_ALIKE:
            yield problem
    for (code, node, port), count in seen.items():
        if count > MOST_ALIKE:
            more = count - MOST_ALIKE
            where = ".".join(part for part in (node, port) if part)
            text = f"{more} more like these on {where}." if where else f"{more} more."
            yield Problem(code, Severity.ERROR, text, node=node, port=port)


def fixes_of(
    problem: Problem, editor: "EditorBase", known: Answer, experiment: "OpenExperiment"
) -> list[Fix]:
    """Return what can be done about a problem that a plan found, the best first."""
    if problem.code == "unbound-input":
        bind = partial(experiment.bind, editor, problem.node)
        return [
            Fix(f"Bind to {dataset}", partial(bind, dataset))
            for dataset in known.datasets
        ]
    if problem.node not in editor.document.nodes:
        return []
    return [
        Fix(words, partial(editor.commit, words, document))
        for words, document in _edits(problem, editor.document, known)
    ]


def _edits(
    problem: Problem, document: Document, known: Answer
) -> Iterable[tuple[str, Document]]:
    node, port = problem.node, problem.port
    entry = document.nodes[node]
    match problem.code:
        case "unpaired" | "ambiguous" if port:
            used = entry.match.get(port)
            used_keys = used.by if isinstance(used, MatchBy) else ()
            keys = [key for key in known.keys if key not in used_keys]
            for key in () if entry.group_by else keys[:_MOST_KEYS]:
                rule = wires.match_rule([key], use_for_all=False)
                yield f"Match by {key}", wires.set_match(document, node, port, rule)
            if used != "use_for_all":
                rule = wires.match_rule((), use_for_all=True)
                changed = wires.set_match(document, node, port, rule)
                yield "Use one item for all", changed
        case "use-for-all":
            yield "Pair it by descent", wires.set_match(document, node, port, None)
        case "no-group" | "no-value" if entry.group_by:
            yield "Remove 'group by'", with_node(document, node, group_by=())
        case "unit-mismatch" | "annotation":
            for name, value in entry.parameters.items():
                if isinstance(value, FromAnnotation):
                    changed = nodes.set_parameters(document, node, {name: None})
                    yield f"Set {name} back to its default", changed
        case "sweep-key":
            for name, value in entry.parameters.items():
                if isinstance(value, Swept):
                    sweep = value.sweep.model_copy(update={"key": f"{node}_{name}"})
                    swept = {name: Swept(sweep=sweep)}
                    changed = nodes.set_parameters(document, node, swept)
                    yield f"Call its key {node}_{name}", changed
