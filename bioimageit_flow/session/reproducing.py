"""Reproducing: a run is made again from a crate alone, and compared with the original.

A new experiment is made of the raw data in the crate; the tools come from inside the
crate, unless this machine has the very same; images come by digest and environments by
their locks. Every output then gets a verdict.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from bioimageit_flow.errors import DataError, ToolError
from bioimageit_flow.model.events import Observer
from bioimageit_flow.provenance.certificate import CERTIFICATE, Certificate, Overall
from bioimageit_flow.provenance.crate.about import METADATA
from bioimageit_flow.provenance.crate.reading import RunCrate, read_crate, told
from bioimageit_flow.provenance.crate.recipe import GivenLine, is_away
from bioimageit_flow.session.crate_folders import is_crate, opened_crate
from bioimageit_flow.session.crate_images import take_images
from bioimageit_flow.session.crates import CrateOptions, export_crate, story_of
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.judging import judge, tool_uses
from bioimageit_flow.session.known_experiments import is_experiment
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.reproduction import ReproduceOptions, Reproduction
from bioimageit_flow.session.rerunning import (
    add_given,
    bindings,
    chosen_tools,
    file_settings,
    workflow_of,
)
from bioimageit_flow.session.results import Run
from bioimageit_flow.session.sampling import Choice, choose
from bioimageit_flow.session.writing_texts import write_json

__all__ = [
    "Certificate",
    "Overall",
    "ReproduceOptions",
    "Reproduction",
    "is_crate",
    "reproduce",
    "reproduce_file",
    "reproduce_run",
]

_MARK = "reproduction.json"
_EXPERIMENT, _TOOLS = "experiment", "tools"

Report = Callable[[str], None]


def reproduce(
    crate: Path | str,
    into: Path | str,
    options: ReproduceOptions | None = None,
    *,
    session: Session | None = None,
    observe: Observer | None = None,
    cancel: Event | None = None,
    report: Report = lambda _line: None,
) -> Reproduction:
    """Make a run of a crate again, and compare what comes out.

    Parameters
    ----------
    crate : Path or str
        A crate that `export_crate` wrote: a folder or a zip file.
    into : Path or str
        A folder to make, for the new experiment and the certificate.
    session : Session, optional
        What this machine offers.
    report : callable
        Told in sentences what is going on.

    Raises
    ------
    DataError
        If the crate is damaged, contradicts itself, holds what it should not, or lacks
        data that are needed; says what by name.
    ToolError
        If a tool is neither in it nor on this machine.
    WorkflowError, RuntimeUnavailableError
        As for `Experiment.run`; a crate's tools run in containers without being
        trusted, and in environments only when they are.
    """
    chosen = options or ReproduceOptions()
    place = Path(into).absolute()
    _refuse_taken(chosen.certificate)
    with (
        _begun(place),
        opened_crate(Path(crate).absolute(), place / ".crate") as folder,
    ):
        report("Looking at the crate")
        found = read_crate(folder, chosen.run)
        return _Again(
            found, Path(crate), place, chosen, session or Session(), report
        ).carry_out(observe, cancel or Event())


def reproduce_run(
    run: Run,
    into: Path | str,
    options: ReproduceOptions | None = None,
    *,
    observe: Observer | None = None,
    cancel: Event | None = None,
    report: Report = lambda _line: None,
) -> Reproduction:
    """Make a run of an experiment again, by way of a crate of it; see `reproduce`."""
    with tempfile.TemporaryDirectory(prefix="bioimageit-flow-") as folder:
        report("Writing a crate of the run")
        crate = export_crate(run, Path(folder, run.summary.folder))
        return reproduce(
            crate,
            into,
            replace(options or ReproduceOptions(), run=""),
            session=run.experiment.session,
            observe=observe,
            cancel=cancel,
            report=report,
        )


def reproduce_file(
    file: Path | str,
    into: Path | str,
    options: ReproduceOptions | None = None,
    *,
    session: Session | None = None,
    experiments: Sequence[Path] = (),
    observe: Observer | None = None,
    cancel: Event | None = None,
    report: Report = lambda _line: None,
) -> Reproduction:
    """Make one result again, with only what it needs; see `reproduce`.

    The file may lie in a crate, or anywhere if an experiment that is known here made
    it; its name does not matter then.

    Raises
    ------
    DataError
        If nothing here knows how to make it.
    """
    path = Path(file).absolute()
    own = session or Session()
    for parent in path.parents:
        if (parent / METADATA).is_file() and not is_experiment(parent):
            inner = path.relative_to(parent).as_posix()
            chosen = replace(options or ReproduceOptions(), only=inner)
            return reproduce(
                parent,
                into,
                chosen,
                session=own,
                observe=observe,
                cancel=cancel,
                report=report,
            )
    from bioimageit_flow.session.finding_files import crate_of_file

    with tempfile.TemporaryDirectory(prefix="bioimageit-flow-") as folder:
        report("Looking for the run that made it")
        crate, inner = crate_of_file(path, Path(folder), own, experiments)
        return reproduce(
            crate,
            into,
            replace(options or ReproduceOptions(), only=inner, run=""),
            session=own,
            observe=observe,
            cancel=cancel,
            report=report,
        )


@contextmanager
def _begun(place: Path) -> Iterator[None]:
    """Make the folder; what was begun in it and not ended makes room."""
    if place.exists():
        is_own = (place / _MARK).is_file() and not (place / CERTIFICATE).exists()
        if not place.is_dir() or (not is_own and any(place.iterdir())):
            raise DataError(
                f"{place} is there already.", remedy="Choose a new or empty folder."
            )
    try:
        for name in (_EXPERIMENT, _TOOLS, ".crate"):
            if (place / name).exists():
                _remove(place / name)
        place.mkdir(parents=True, exist_ok=True)
        write_json(place / _MARK, {"begun": datetime.now(UTC).isoformat()})
    except OSError as error:
        raise DataError(
            f"{place} cannot be written ({error.strerror or error}).",
            remedy="Choose another folder.",
        ) from error
    try:
        yield
    finally:
        _remove(place / ".crate")
        left = {path.name for path in place.iterdir()}
        if left == {_MARK}:  # nothing came of it
            _remove(place)


def _remove(folder: Path) -> None:
    """Remove a folder of ours; published files in it are read-only, not its folders."""
    shutil.rmtree(folder, ignore_errors=True)


def _refuse_taken(path: Path | None) -> None:
    if path is not None and path.exists():
        raise DataError(
            f"{path} is there already.", remedy="Choose a name that is free."
        )


@dataclass(frozen=True, slots=True)
class _Again:
    """One reproduction."""

    crate: RunCrate
    source: Path
    place: Path
    options: ReproduceOptions
    session: Session
    report: Report

    def carry_out(self, observe: Observer | None, cancel: Event) -> Reproduction:
        recipe = self.crate.recipe
        chosen = choose(
            recipe, self.options.sample, self.options.seed, self.options.only
        )
        self._check_data(chosen.given)
        workflow = workflow_of(self.crate)
        tools = chosen_tools(self.crate, self.session, self.place / _TOOLS)
        if tools.strangers:
            self._refuse_unguarded(tools.strangers)
            self.report(
                "Tools of the crate are a stranger's: they run in containers without "
                "being trusted, in environments only once you trust them "
                f"(`bioimageit-flow trust {self.place / _TOOLS}`)."
            )
        if self.options.allow_images is not None:
            allow = self.options.allow_images
            take_images(self.session, self.crate, allow, self.report)
        path = self.place / _EXPERIMENT
        with Experiment.create(
            path, name=recipe.run.name, session=tools.session
        ) as new:
            self.report(f"Taking {len(chosen.given)} of {len(recipe.given)} raw items")
            items = add_given(new, self.crate, chosen.given)
            run = new.run(
                workflow,
                bind=bindings(chosen.given, items, workflow),
                set=file_settings(self.crate, chosen.given),
                runtime=self.options.runtime,
                jobs=self.options.jobs,
                incomplete_groups=recipe.run.incomplete_groups,
                unpaired="leave out" if not chosen.is_all else recipe.run.unpaired,
                upto=chosen.upto,
                observe=observe,
                cancel=cancel,
            )
            return self._judged(run, chosen, tools.sources)

    def _refuse_unguarded(self, strangers: Sequence[str]) -> None:
        """Refuse to run a stranger's tools where nothing keeps them from the machine.

        Who names a runtime for tools of their own has decided; nobody has read these.
        """
        for runtime in self.session.runtimes:
            if runtime.name == self.options.runtime and not runtime.is_isolated:
                folder = self.place / _TOOLS
                raise ToolError(
                    f"{', '.join(strangers)} come from the crate and are not trusted, "
                    f"and '{runtime.name}' does not keep them from your machine.",
                    remedy="Run them in containers, or look at them and say "
                    f"`bioimageit-flow trust {folder}`.",
                )

    def _check_data(self, given: Sequence[GivenLine]) -> None:
        """Refuse raw data that are missing, altered, or never were in the crate."""
        away = [one for one in given if is_away(one.path)]
        if away:
            raise DataError(
                f"The crate does not hold its data; it names where they lay, such as "
                f"{away[0].path}.",
                remedy="Ask for a crate with its data (`export crate --data copy`).",
            )
        wanted = {one.path for one in given}
        broken = [one for one in self.crate.damages if one.path in wanted]
        if broken:
            raise DataError(
                f"Raw data of the crate are not what it says: {told(broken)}.",
                remedy="Ask for the crate anew; nothing was run.",
            )

    def _judged(
        self, run: Run, chosen: Choice, sources: dict[str, tuple[str, bool]]
    ) -> Reproduction:
        self.report("Comparing")
        story = story_of(run)
        certificate = Certificate(
            crate=self.crate.name,
            run=self.crate.recipe.run.run,
            name=self.crate.recipe.run.name,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=_machine(run),
            tolerance=self.options.tolerance,
            taken=len(chosen.given),
            given=len(self.crate.recipe.given),
            tools=tool_uses(self.crate.recipe, story, sources),
            outcomes=judge(
                self.crate,
                chosen,
                story,
                run.experiment.finder().find,
                self.options.tolerance,
            ),
            notes=self._notes(chosen),
        )
        write_json(self.place / CERTIFICATE, certificate.as_json())
        written = None
        if self.options.certificate is not None:
            import json

            text = json.dumps(certificate.as_json(), indent=1, ensure_ascii=False)
            options = CrateOptions(attachments={CERTIFICATE: text + "\n"})
            written = export_crate(run, self.options.certificate, options)
        return Reproduction(self.place, certificate, written)

    def _notes(self, chosen: Choice) -> list[str]:
        notes = []
        wanted = {one.path for one in chosen.results}
        damages = [one for one in self.crate.damages if one.path in wanted]
        if damages:
            notes.append(
                "Results in the crate are not what it says, so that they were compared "
                f"by their hashes only: {told(damages)}."
            )
        if chosen.left_out:
            notes.append(
                f"{chosen.left_out} results are of raw items that were not taken, and "
                "were not compared."
            )
        return notes


def _machine(run: Run) -> dict[str, str]:
    machine = run.experiment.store.run_record(run.summary.id).machine
    return {
        "host": machine.host,
        "os": machine.os,
        "user": machine.user,
        "orcid": machine.orcid,
        "python": machine.python,
        "program": machine.program_version,
    }
