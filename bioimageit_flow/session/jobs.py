"""The jobs of a run: a list of them, and one made ready to be repeated by hand."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any

from bioimageit_flow.engine.resolve import seed_of
from bioimageit_flow.errors import DataError, RuntimeUnavailableError, StoreError
from bioimageit_flow.executors.job import NO_GPU, process_of
from bioimageit_flow.executors.spec import JobSpec
from bioimageit_flow.executors.staging import StagedInput, stage
from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.packaging import Resources
from bioimageit_flow.model.retry import next_attempt
from bioimageit_flow.model.run import JobRecord, JobState
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.runtimes.repeating import SCRIPT, Repeating

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.results import Run

_SHOWN_ITEMS = 3
_SHORTEST = 4
_ANY_MEMORY = 2**60


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job, as it is listed.

    Attributes
    ----------
    record : JobRecord
        What is known of it.
    item : str
        Names of the items that it took.
    log : Path or None
        Its log, where it has one.
    """

    record: JobRecord
    item: str
    log: Path | None = None

    @property
    def converted(self) -> tuple[str, ...]:
        """What was made of its inputs before its tool got them, in words."""
        return conversions_of(self.record.parts)

    def as_json(self) -> dict[str, object]:
        """Return the line as plain values."""
        one = self.record
        return {
            "job": one.id,
            "node": one.node,
            "item": self.item,
            "tool": one.tool,
            "attempt": one.attempt,
            "state": str(one.state),
            "cause": None if one.cause is None else str(one.cause),
            "message": one.message,
            "exit_code": one.exit_code,
            "elapsed_s": one.elapsed_s,
            "cpu_s": one.cpu_s,
            "peak_memory": one.peak_memory,
            "runtime": f"{one.runtime.name}: {one.runtime.detail}",
            "command": list(one.command),
            "converted": list(self.converted),
            "log": None if self.log is None else str(self.log),
            "shared": None if one.shared is None else one.shared.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Repeated:
    """A job made ready in a folder.

    Attributes
    ----------
    script : Path
        Runs it again: ``sh repeat.sh``.
    command : str
        What the script runs, in one line for a shell.
    notes : tuple of str
        What is not as it was when the job ran.
    """

    folder: Path
    script: Path
    command: str
    notes: tuple[str, ...] = ()


def list_jobs(run: "Run", *, failed: bool = False, node: str = "") -> list[JobLine]:
    """Return the jobs of a run in the order in which they ended.

    Of a job that was tried several times it is the last attempt.

    Parameters
    ----------
    failed : bool
        Only those that failed.
    node : str
        Only those of one node.

    Raises
    ------
    StoreError
        If the run has no such node; says which it has.
    """
    records = run.jobs()
    nodes = list(dict.fromkeys(one.node for one in records))
    if node and node not in nodes:
        raise StoreError(
            f"The run {run.summary.folder} has no jobs of {node!r}.",
            remedy=f"It has jobs of: {', '.join(nodes) or 'none'}.",
        )
    earlier = {one.supersedes for one in records}
    chosen = [
        one
        for one in records
        if one.id not in earlier
        and (not node or one.node == node)
        and (not failed or one.state is JobState.FAILED)
    ]
    names: dict[ItemId, str] = {}
    return [_line(run.experiment, one, names) for one in chosen]


def repeat_job(run: "Run", job: str, folder: Path) -> Repeated:
    """Make a job ready in a new folder: its inputs, its description, and a script.

    The inputs are copies, so that nothing done there can change the experiment.

    Parameters
    ----------
    job : str
        Its id, or the beginning of it.
    folder : Path
        The folder to make; must not be there, or be empty.

    Raises
    ------
    StoreError
        If there is no such job, or it never began.
    ToolError
        If its tool is not here.
    DataError
        If an input is gone, or the folder is in use.
    RuntimeUnavailableError
        If what it ran in is not here.
    """
    record = _find(run, job)
    place = folder.absolute()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise DataError(
            f"{folder} is there already.", remedy="Choose a new or empty folder."
        )
    experiment = run.experiment
    tool = experiment.session.catalogue.get(record.tool)
    needs = _needs(tool.tool, record, run.jobs())
    tool = replace(tool, tool=tool.tool.model_copy(update={"resources": needs}))
    runtimes: dict[str, object] = {one.name: one for one in experiment.session.runtimes}
    runtime = runtimes.get(record.runtime.name)
    if not isinstance(runtime, Repeating):
        raise RuntimeUnavailableError(
            f"Jobs of the runtime {record.runtime.name!r} cannot be repeated by hand."
        )
    spec = JobSpec(
        id=record.id,
        run=record.run,
        node=record.node,
        tool=tool,
        used=record.runtime,
        inputs={},
        parameters=dict(record.parameters),  # type: ignore[arg-type]  # as recorded
        seed=seed_of(record.fingerprint),
        log=place / "log.txt",
        folder=place,
    )
    try:
        if place.is_dir():
            place.rmdir()
        layout = replace(runtime.layout(tool, place), follows_links=True)
        with TemporaryDirectory(prefix="bioimageit-flow-") as copies:
            inputs = _inputs(experiment, record, Path(copies))
            spec = replace(spec, inputs=inputs)
            staged = stage(place, tool.tool, layout, spec)
            _own_inputs(place / "in")
        again = runtime.repeat_command(process_of(spec, staged, Event()))
        script = place / SCRIPT
        title = f"Job {record.id}: {record.node} on {_item(experiment, record, {})}."
        text = again.script(title, place / "out", list(tool.tool.outputs))
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)
    except OSError as error:
        raise DataError(
            f"The job cannot be made ready in {folder} ({error.strerror}).",
            remedy="Choose another folder, or free some space.",
        ) from error
    return Repeated(place, script, again.one_line(), tuple(_notes(record, tool)))


def _find(run: "Run", text: str) -> JobRecord:
    found = [one for one in run.jobs() if one.id.startswith(text)]
    if len(text) < _SHORTEST or len(found) != 1:
        why = "several jobs begin so" if len(found) > 1 else "there is no such job"
        raise StoreError(
            f"{text!r} names no job of the run {run.summary.folder}: {why}.",
            remedy="`bioimageit-flow jobs` lists the jobs with their ids.",
        )
    (record,) = found
    if record.state is JobState.REUSED:
        maker = record.shared.words if record.shared else f"{record.reused_from}"
        raise StoreError(
            f"The job {record.id[:8]} was not run: its result was known.",
            remedy=f"Repeat the one that made it: {maker}.",
        )
    if not record.parts:
        raise StoreError(
            f"The job {record.id[:8]} never began: {record.message}",
            remedy="Mend that first.",
        )
    return record


def _needs(tool: Tool, record: JobRecord, records: Sequence[JobRecord]) -> Resources:
    """Return what a job was given: its memory may have grown with each attempt."""
    by_id = {one.id: one for one in records}
    earlier: list[JobRecord] = []
    one = by_id.get(record.supersedes) if record.supersedes else None
    while one is not None and one not in earlier:
        earlier.insert(0, one)
        one = by_id.get(one.supersedes) if one.supersedes else None
    needs = tool.resources
    for number, one in enumerate(earlier, start=1):
        retry = next_attempt(tool.retry, one.cause, number, needs, _ANY_MEMORY)
        needs = needs if retry is None else retry.resources
    if needs.gpu_optional and NO_GPU in record.runtime.detail:
        needs = needs.without_gpu()
    return needs


def _notes(record: JobRecord, tool: InstalledTool) -> Iterator[str]:
    if record.parts.get("code") != tool.code_sha256:
        yield f"The files of {record.tool} were changed since the job ran."


def _line(
    experiment: "Experiment", record: JobRecord, names: dict[ItemId, str]
) -> JobLine:
    log = experiment.path / record.log if record.log else None
    if log is not None and not log.exists():
        log = None
    return JobLine(record, _item(experiment, record, names), log)


def _item(experiment: "Experiment", record: JobRecord, names: dict[ItemId, str]) -> str:
    for edge in record.consumed:
        if edge.item not in names:
            names[edge.item] = experiment.store.item(edge.item).name
    shown = list(dict.fromkeys(names[edge.item] for edge in record.consumed))
    more = len(shown) - _SHOWN_ITEMS
    return ", ".join(shown[:_SHOWN_ITEMS]) + (f" and {more} more" if more > 0 else "")


def _inputs(
    experiment: "Experiment", record: JobRecord, place: Path
) -> dict[str, tuple[StagedInput, ...]]:
    """Return what a job took, as its fingerprint and its edges have recorded it."""
    from bioimageit_flow.engine.stamping import as_written

    finder = experiment.finder()
    parts = record.parts.get("inputs")
    known: Mapping[str, Sequence[Mapping[str, Any]]] = (
        parts if isinstance(parts, Mapping) else {}
    )
    inputs: dict[str, list[StagedInput]] = {port: [] for port in known}
    for edge in record.consumed:
        item = experiment.store.item(edge.item)
        port = inputs.setdefault(edge.port, [])
        part = known[edge.port][len(port)]
        form, read = item.info.format, part["annotations"]
        if part.get("converter"):
            path, info = finder.converted(
                item.content, item.selector, form, part.get("corrected", {})
            )
            port.append(StagedInput(path, item.name, info, "", read))
            continue
        path = as_written(finder.find(item.content), item.content, form, place)
        port.append(StagedInput(path, item.name, item.info, item.selector, read))
    return {port: tuple(items) for port, items in inputs.items()}


def _own_inputs(inputs: Path) -> None:
    """Put copies in the place of links, so that nobody edits the experiment."""
    for path in [one for one in inputs.rglob("*") if one.is_symlink()]:
        target = path.resolve(strict=True)
        path.unlink()
        if target.is_dir():
            shutil.copytree(target, path)
        else:
            shutil.copyfile(target, path)
            path.chmod(0o644)
