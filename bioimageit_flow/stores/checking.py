"""Checking an experiment: every invariant of its store, its files and its runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import RunState, RunSummary
from bioimageit_flow.stores.file_problems import (
    forget,
    leftover_problems,
    place_problems,
    unknown_run_problems,
)
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.protocol import DAMAGED, Store
from bioimageit_flow.stores.sweeping import sweep

Progress = Callable[[str, int], None]
"""Told what is looked at, and how many of it so far."""

IsCarried = Callable[[RunId], bool]
"""Whether a process carries a run now."""

_TAMPERED = (
    "Compare with a copy of the experiment to see what it was; results made with it "
    "may have another history than they tell."
)


@dataclass(slots=True)
class Check:
    """What `check` found.

    Attributes
    ----------
    problems : list of Problem
        What does not hold. Errors and warnings make the experiment unclean.
    mended : list of Problem
        What did not hold and was mended.
    notes : list of str
        What could not be looked at, in sentences.
    runs, jobs, files : int
        How much was looked at.
    """

    problems: list[Problem] = field(default_factory=list)
    mended: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    runs: int = 0
    jobs: int = 0
    files: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything holds."""
        return all(one.severity is Severity.INFO for one in self.problems)


def check(
    folder: ExperimentFolder,
    store: Store,
    is_carried: IsCarried,
    *,
    content: bool = False,
    mend: bool = False,
    progress: Progress = lambda _what, _count: None,
) -> Check:
    """Look at every invariant of an experiment.

    Parameters
    ----------
    folder, store : ExperimentFolder, Store
        The experiment.
    is_carried : callable
        Whether a process carries a run now.
    content : bool
        Whether every file is read and compared with its checksum.
    mend : bool
        Whether what can be mended safely is: leftovers of crashes are removed, claims
        of processes that have ended are given up, and of files that are gone and lie
        elsewhere too it is noted.
    progress : callable
        Told what is looked at, and how many of it so far.

    Raises
    ------
    StoreError
        If something is to be mended in an experiment that is open for reading only.
    """
    if mend:
        folder.check_writable()
    found = Check()
    found.mended += [_swept(name) for name in folder.swept]
    found.problems += store.problems()
    if any(one.code == DAMAGED for one in found.problems):
        found.notes.append("The rest was not looked at: the store is damaged.")
        return found
    runs = store.runs()
    for summary in runs:
        progress("runs", found.runs + 1)
        found.problems += _run_problems(store, summary, is_carried)
        found.runs += 1
        found.jobs += sum(summary.counts.values())
    _check_claims(store, found, {run.id for run in runs}, mend=mend)

    def told(number: int) -> None:
        found.files = number
        progress("files", number)

    for one in place_problems(folder, store, content=content, progress=told):
        if mend and one.is_elsewhere:
            forget(store, one.place)
            found.mended.append(one.problem)
        else:
            found.problems.append(one.problem)
    _check_leftovers(folder, store, found, mend=mend)
    return found


def _swept(name: str) -> Problem:
    text = f"The file {name} was left behind by a crash: it was removed."
    return Problem("leftover", Severity.INFO, text)


def _run_problems(
    store: Store, summary: RunSummary, is_carried: IsCarried
) -> Iterator[Problem]:
    for text in store.verify_chain(summary.id):
        yield Problem("records", Severity.ERROR, text, fix=_TAMPERED)
    if summary.state is RunState.RUNNING and not is_carried(summary.id):
        # Asked again: it may have ended since it was listed.
        if store.find_run(summary.id).state is not RunState.RUNNING:
            return
        short = summary.id[:8]
        yield Problem(
            "run-interrupted",
            Severity.WARNING,
            f"The run {summary.name!r} ({short}) has not ended, and no process carries "
            "it: it was interrupted.",
            fix=f"Go on with `bioimageit-flow run --resume {short}`.",
        )


def _check_claims(store: Store, found: Check, runs: set[RunId], *, mend: bool) -> None:
    now = datetime.now(UTC)
    dead: dict[tuple[RunId, Holder], list[Sha256]] = {}
    for claim in store.claims():
        if not claim.stands(now) or claim.run not in runs:
            dead.setdefault((claim.run, claim.holder), []).append(claim.fingerprint)
    for (run, holder), fingerprints in dead.items():
        problem = _dead_claims(run, holder, len(fingerprints))
        if mend:
            store.release(run, fingerprints)
            found.mended.append(problem)
        else:
            found.problems.append(problem)


def _dead_claims(run: RunId, holder: Holder, count: int) -> Problem:
    jobs = "a job" if count == 1 else f"{count} jobs"
    return Problem(
        "claim",
        Severity.WARNING,
        f"The run {run[:8]} still claims {jobs}, and its {holder} has ended.",
        fix="Resume the run, or give this up with `bioimageit-flow check "
        "EXPERIMENT --mend`.",
    )


def _check_leftovers(
    folder: ExperimentFolder, store: Store, found: Check, *, mend: bool
) -> None:
    if not folder.works_alone():
        found.notes.append(
            "Somebody else works in the experiment: what a crash may have left behind "
            "was not looked for."
        )
        return
    found.problems += unknown_run_problems(folder, store)
    left = list(leftover_problems(folder, store))
    if mend and left:
        sweep(folder.path, store.recorded_paths)
        found.mended += left
    else:
        found.problems += left
