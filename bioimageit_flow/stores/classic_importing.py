"""Importing a classic BioImageIT experiment: raw data, results, and their lineage.

A classic run becomes a run with the time, the tool and the parameters that it had; each
processed datum becomes the result of a job of that run, which consumed what it was made
from. The records say that they were imported: their runtime is `RUNTIME`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from bioimageit_flow.errors import DataError, FlowError, StoreError
from bioimageit_flow.formats import hash_content, probe
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import Content, Item, Location
from bioimageit_flow.model.ids import ItemId, JobId, RunId, new_item_id
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.model.run import (
    ConsumedEdge,
    JobRecord,
    JobState,
    ProducedItem,
    RunRecord,
    RunState,
    RuntimeUsed,
)
from bioimageit_flow.stores.classic_reading import (
    ClassicExperiment,
    ClassicResult,
    ClassicRun,
    read_classic,
)
from bioimageit_flow.stores.classic_records import (
    RUNTIME,
    ClassicReport,
    by_job,
    node_of,
    port_of,
    run_record,
)
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.import_batches import Progress
from bioimageit_flow.stores.import_report import ImportReport, LeftOut
from bioimageit_flow.stores.import_sources import Source, readable
from bioimageit_flow.stores.importing import import_sources
from bioimageit_flow.stores.places import TakenError, reading, writing
from bioimageit_flow.stores.protocol import Store

_TRIED = 3


def import_classic(
    folder: ExperimentFolder,
    store: Store,
    place: Path,
    *,
    reference: bool = False,
    progress: Progress = lambda done, of: None,
) -> ClassicReport:
    """Import a classic experiment; what is wrong in it is refused by name.

    Parameters
    ----------
    folder, store : ExperimentFolder, Store
        Where it goes.
    place : Path
        Folder of the classic experiment.
    reference : bool
        Leave the files where they are instead of copying them.
    progress : callable
        Told after each file.

    Raises
    ------
    DataError
        If it is no classic experiment.
    StoreError
        If the experiment is read-only, or its disk is full.
    """
    folder.check_writable()
    found = read_classic(place)
    sources = [Source(one.path, readable(one.path.name)) for one in found.raw]
    raw = import_sources(
        folder,
        store,
        sources,
        [dict(one.values) for one in found.raw],
        dataset=found.dataset.replace("/", "_").strip() or "raw",
        reference=reference,
        progress=progress,
    )
    lineage = _Lineage(folder, store, found, reference=reference)
    lineage.know_raw(raw)
    lineage.take_results()
    return ClassicReport(
        found.name,
        raw,
        tuple(lineage.runs),
        lineage.count,
        tuple(lineage.skipped),
        (*found.refused, *lineage.refused),
        tuple(found.notes),
    )


class _Lineage:
    """The runs and results of one classic experiment, on their way."""

    def __init__(
        self,
        folder: ExperimentFolder,
        store: Store,
        found: ClassicExperiment,
        *,
        reference: bool,
    ) -> None:
        self._folder, self._store, self._found = folder, store, found
        self._reference = reference
        self._items: dict[Path, tuple[ItemId, ...]] = {}
        self.runs: list[RunId] = []
        self.count = 0
        self.skipped: list[LeftOut] = []
        self.refused: list[LeftOut] = []

    def know_raw(self, raw: ImportReport) -> None:
        """Note which items the raw data became, now or before."""
        new = {one.path: one.items for one in raw.imported}
        there = {one.path for one in raw.skipped}
        before: dict[str, list[Item]] = defaultdict(list)
        if there:
            for item in self._store.items(raw.dataset):
                before[item.name].append(item)
        for datum in self._found.raw:
            path = readable(str(datum.path))
            items: Sequence[Item] = new.get(path, ())
            if not items and path in there:
                sha = hash_content(datum.path.resolve()).sha256
                named = before[readable(datum.path.name)]
                items = [one for one in named if one.content.sha256 == sha]
            if items:
                self._items[datum.metadata] = tuple(item.id for item in items)

    def take_results(self) -> None:
        """Import the runs, each after those whose results it consumed."""
        known = {run.id for run in self._store.runs()}
        by_run: dict[Path, list[ClassicResult]] = defaultdict(list)
        for result in self._found.results:
            by_run[result.run].append(result)
        waiting = dict(by_run)
        while waiting:
            ready = [
                run for run, results in waiting.items() if self._is_ready(results, run)
            ]
            for run in ready or list(waiting):  # a circle: its results are refused
                self._take_run(self._found.runs[run], waiting.pop(run), known)

    def _is_ready(self, results: Sequence[ClassicResult], run: Path) -> bool:
        """Say whether no other run that waits makes what this one consumed."""
        made = {
            one.datum.metadata
            for one in self._found.results
            if one.run != run and one.datum.metadata not in self._items
        }
        refused = {one.path for one in self.refused}
        return not any(
            path in made and readable(str(path)) not in refused
            for one in results
            for _, path in one.inputs
        )

    def _take_run(
        self, run: ClassicRun, results: list[ClassicResult], known: set[RunId]
    ) -> None:
        inside = run.metadata.relative_to(self._found.folder).as_posix()
        text = canonical_hash([run.text, inside, self._found.name])
        run_id = RunId(str(uuid5(NAMESPACE_URL, text)))
        if run_id in known:
            path = readable(str(run.metadata))
            self.skipped.append(LeftOut(path, "This run was imported before."))
            self._know_results(run_id, results)
            return
        record = run_record(run_id, run, results, self._found)
        jobs: list[JobRecord] = []
        try:
            for group in by_job(results):
                job = self._job(record, run, group)
                if job is not None:
                    jobs.append(job)
            if not jobs:
                return
            self._write_run(record, run)
            self._store.begin_run(record)
            self._store.commit_jobs(jobs)
        except BaseException:
            self._withdraw(jobs)
            raise
        is_whole = sum(len(job.produced) for job in jobs) == len(results)
        state = RunState.DONE if is_whole else RunState.PARTIAL
        self._store.end_run(run_id, state, 0.0)
        self.runs.append(run_id)
        self.count += sum(len(job.produced) for job in jobs)

    def _know_results(self, run: RunId, results: list[ClassicResult]) -> None:
        """Note the items of a run that was imported before."""
        made = [item for job in self._store.jobs(run) for item in job.produced]
        for result in results:
            name = readable(result.datum.path.name)
            items = tuple(one.id for one in made if one.name == name)
            if items:
                self._items[result.datum.metadata] = items

    def _job(
        self, record: RunRecord, run: ClassicRun, group: list[ClassicResult]
    ) -> JobRecord | None:
        """Return the job that made some results; None if none can be imported."""
        consumed: list[ConsumedEdge] = []
        for port, path in group[0].inputs:
            items = self._items.get(path)
            if items is None:
                self._refuse(group, f"its input '{readable(path.name)}' is not there")
                return None
            edge = f"{port_of(port)} -> {node_of(run)}.{port_of(port)}"
            consumed += [ConsumedEdge(edge, port_of(port), item) for item in items]
        produced: list[ProducedItem] = []
        for result in group:
            try:
                item = self._produced(record, run, result, is_one=len(group) == 1)
            except StoreError:
                raise
            except FlowError as error:
                where = readable(str(result.datum.metadata))
                self.refused.append(LeftOut(where, error.message, error.remedy))
                continue
            produced.append(item)
            self._items[result.datum.metadata] = (item.id,)
        if not produced:
            return None
        parts = {
            "imported": RUNTIME,
            "run": record.id,
            "tool": run.tool,
            "inputs": [edge.item for edge in consumed],
            "outputs": [item.content.sha256 for item in produced],
        }
        return JobRecord(
            id=JobId(str(uuid4())),
            run=record.id,
            node=node_of(run),
            tool=run.tool,
            state=JobState.DONE,
            fingerprint=canonical_hash(parts),
            parts=parts,
            runtime=RuntimeUsed(RUNTIME, "imported", run.url),
            parameters=dict(run.parameters),
            consumed=tuple(consumed),
            produced=tuple(produced),
            started=record.started,
        )

    def _produced(
        self,
        record: RunRecord,
        run: ClassicRun,
        result: ClassicResult,
        *,
        is_one: bool,
    ) -> ProducedItem:
        path = result.datum.path
        name = readable(path.name)
        info = probe(path)
        if info.series:
            raise DataError(
                f"'{name}' holds {len(info.series)} images, and a result is one.",
                remedy="Import the file as raw data.",
            )
        content = hash_content(path)
        location = self._place(record, run, result, content)
        return ProducedItem(
            id=new_item_id(),
            port=port_of(result.output),
            name=name,
            content=content,
            info=info,
            location=location,
            part="" if is_one else safe_name(name),
            annotations=dict(result.datum.values),
        )

    def _place(
        self,
        record: RunRecord,
        run: ClassicRun,
        result: ClassicResult,
        content: Content,
    ) -> Location:
        path = result.datum.path
        if self._reference:
            with reading(path):
                real = path.resolve(strict=True)
            return self._folder.located(
                real, str(real), content.sha256, is_referenced=True
            )
        top = f"results/{record.folder}/{node_of(run)}/{port_of(result.output)}"
        name = safe_name(path.name)
        for number in range(_TRIED):
            free = f"{uuid4().hex[:8]}-{name}" if number else name
            try:
                return self._folder.publish(path, f"{top}/{free}")
            except TakenError:
                continue
        raise DataError(
            f"'{readable(str(path))}' cannot be put into {top}.",
            remedy="Import it again.",
        )

    def _write_run(self, record: RunRecord, run: ClassicRun) -> None:
        place = self._folder.new_run_folder(record.id)
        files: Mapping[str, str] = {
            "workflow.flow.yaml": record.workflow_text,
            "classic-run.md.json": run.text,
        }
        for name, text in files.items():
            with writing(place / name):
                (place / name).write_text(text, encoding="utf-8")

    def _withdraw(self, jobs: Sequence[JobRecord]) -> None:
        if self._reference:
            return
        places = [one.location for job in jobs for one in job.produced if one.location]
        known = self._store.recorded_paths(place.path for place in places)
        for place in places:
            if place.path not in known:
                self._folder.withdraw(place)

    def _refuse(self, group: Sequence[ClassicResult], reason: str) -> None:
        for one in group:
            path = readable(str(one.datum.metadata))
            said = f"'{readable(one.datum.path.name)}' is not imported: {reason}."
            remedy = "Import what it was made from, then import all again."
            self.refused.append(LeftOut(path, said, remedy))
