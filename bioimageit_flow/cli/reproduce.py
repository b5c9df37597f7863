"""The command that makes a run again and compares what comes out."""

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import (
    enclosing_experiment,
    experiment_or_here,
    is_experiment,
    opened_experiment,
    opened_session,
)
from bioimageit_flow.cli.options import AsJson, OfExperiment, RuntimeName, ToolFolders
from bioimageit_flow.cli.output import (
    Column,
    clean_line,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bioimageit_flow.session.crate_images import Allow, ImageOffer
    from bioimageit_flow.session.reproducing import (
        Certificate,
        ReproduceOptions,
        Reproduction,
    )

_SHOWN = 20


class ImageChoice(StrEnum):
    """What becomes of the images in a crate."""

    ASK = "ask"
    LOAD = "load"
    LEAVE = "leave"


def reproduce(
    what: Annotated[
        str,
        typer.Argument(
            metavar="CRATE|RUN|FILE",
            help="A crate (folder or .zip), a run of an experiment (as in `runs`), or "
            "one result, wherever it lies.",
        ),
    ],
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="A folder to make for the new experiment and the certificate.",
        ),
    ] = None,
    experiment: OfExperiment = None,
    run: Annotated[
        str,
        typer.Option(
            "--run", metavar="ID", help="Which run, where the crate has several."
        ),
    ] = "",
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample", metavar="N", min=1, help="Take N raw items at random, not all."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Decides which are taken.")
    ] = 0,
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance",
            metavar="SHARE",
            min=0,
            help="Up to which relative difference two numbers count as the same.",
        ),
    ] = 1e-6,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="CRATE",
            help="Write the new run as a crate with the certificate in it.",
        ),
    ] = None,
    images: Annotated[
        ImageChoice,
        typer.Option(
            "--images",
            metavar="ask|load|leave",
            help="What becomes of container images that the crate holds and this "
            "machine lacks: each is known by its hash.",
        ),
    ] = ImageChoice.ASK,
    runtime: RuntimeName = "auto",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, metavar="N", help="How many processors are used."
        ),
    ] = None,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Make a run again from a crate alone and compare.

    The raw data and tools come from the crate, images by their digest, environments by
    their locks. Each output gets a verdict: identical bytes, identical values, within
    tolerance, or different and by how much. A crate's tools are a stranger's: they run
    in containers without being trusted, in environments only once you trust them.

    Exits with 3 if an output is different or was not made.
    """
    from bioimageit_flow.session.reproducing import ReproduceOptions

    options = ReproduceOptions(
        run=run,
        sample=sample,
        seed=seed,
        tolerance=tolerance,
        runtime=runtime,
        jobs=jobs,
        certificate=certificate,
        allow_images=_ALLOW[images],
    )
    place = into or Path(f"{_stem(what)}-again")
    found = _carry_out(what, place, options, experiment, tools)
    if as_json:
        say_json({"folder": str(found.folder), **found.certificate.as_json()})
    else:
        _say(found)
    same = all(one.is_good for one in found.certificate.outcomes)
    raise typer.Exit(
        exits.DONE if same and found.certificate.outcomes else exits.FAILED
    )


def _ask(offers: "Sequence[ImageOffer]") -> bool:
    """Ask before the engine is given images; who cannot answer has not agreed."""
    names = ", ".join(map(str, offers))
    if not sys.stdin.isatty():
        tell((f"Not loaded, as nobody can be asked: {names}. Say --images load.", ""))
        return False
    return typer.confirm(f"Give these images of the crate to the engine? {names}")


_ALLOW: "Mapping[ImageChoice, Allow | None]" = {
    ImageChoice.ASK: _ask,
    ImageChoice.LOAD: lambda _offers: True,
    ImageChoice.LEAVE: None,
}


def _stem(what: str) -> str:
    name = Path(what).name.partition(".")[0]
    return re.sub(r"[^\w.-]+", "_", name) or "run"


def _carry_out(
    what: str,
    place: Path,
    options: "ReproduceOptions",
    experiment: Path | None,
    tools: list[Path] | None,
) -> "Reproduction":
    from bioimageit_flow.errors import DataError
    from bioimageit_flow.session.reproducing import (
        is_crate,
        reproduce,
        reproduce_file,
        reproduce_run,
    )

    path = Path(what)
    if path.suffix == ".zip" or (path.exists() and is_crate(path)):
        with opened_session(tools) as session:
            return reproduce(path, place, options, session=session, report=tell)
    if path.exists() and not is_experiment(path):
        if path.is_dir() and not path.suffix:
            # A folder that is neither a crate nor a datum: told as a crate is.
            with opened_session(tools) as session:
                return reproduce(path, place, options, session=session, report=tell)
        with opened_session(tools) as session:
            return reproduce_file(
                path,
                place,
                options,
                session=session,
                experiments=[experiment] if experiment else (),
                report=tell,
            )
    if not path.exists() and _can_only_be_a_path(path, experiment):
        raise DataError(
            f"There is no file and no crate {path.absolute()}.",
            remedy="Check the path; a run is named as `bioimageit-flow runs` does.",
        )
    with opened_experiment(experiment_or_here(experiment), tools) as opened:
        return reproduce_run(opened.find_run(what), place, options, report=tell)


def _can_only_be_a_path(path: Path, experiment: Path | None) -> bool:
    """Say whether a text names no run: it has folders, or there is no experiment."""
    if len(path.parts) > 1:
        return True
    return bool(path.suffix) and not (experiment or enclosing_experiment(Path.cwd()))


def _say(found: "Reproduction") -> None:
    certificate = found.certificate
    style = "bold green" if str(certificate.overall).startswith("repro") else "bold red"
    say((str(certificate.overall), style), f": {clean_line(certificate.name)}")
    counts = ", ".join(f"{n} {said}" for said, n in certificate.counts().items())
    say(f"{count(len(certificate.outcomes), 'output')}: {counts or 'none'}.")
    _say_outcomes(certificate)
    for tool in certificate.tools:
        if tool.difference:
            say(("note: ", "yellow"), clean_line(f"{tool.ref}: {tool.difference}"))
    for note in certificate.notes:
        say(("note: ", "yellow"), clean_line(note))
    if certificate.taken < certificate.given:
        say(f"{certificate.taken} of {certificate.given} raw items were taken.")
    hint(f"Certificate: {found.folder / 'certificate.json'}")
    if found.crate is not None:
        hint(f"Crate with it: {found.crate}")


def _say_outcomes(certificate: "Certificate") -> None:
    bad = [one for one in certificate.outcomes if not one.is_good]
    if not bad:
        return
    rows = [
        (
            f"  {one.node}.{one.port}",
            one.name,
            one.said,
            one.words if one.verdict is None else one.verdict.words,
        )
        for one in bad[:_SHOWN]
    ]
    say_table([Column(""), Column("", is_whole=True), Column(""), Column("")], rows)
    if len(bad) > _SHOWN:
        say((f"  … and {len(bad) - _SHOWN} more (see the certificate)", "dim"))


COMMANDS = (
    Spec(
        "reproduce",
        reproduce,
        (
            "reproduce spots.zip --into again",
            "reproduce last -e spots --sample 3 --certificate checked.zip",
            "reproduce spots-with-images.zip --images load",
            "reproduce figure_2.png --tolerance 0.001",
        ),
    ),
)
