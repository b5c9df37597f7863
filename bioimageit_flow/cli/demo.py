"""The command that shows the whole program at work on a built-in example."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, RuntimeName
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
    working,
)
from bioimageit_flow.cli.running import say_error_line, watched
from bioimageit_flow.errors import FlowError

if TYPE_CHECKING:
    from bioimageit_flow.session import Example, Result, Run
    from bioimageit_flow.workflow import Workflow

FOLDER = Path("bioimageit-flow-demo")
EXAMPLE = "two_populations"

Finding = tuple[str, str, str, bool]
"""What was looked at, the truth, what was found, and whether it is good."""


def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Where data and results go; by default ./bioimageit-flow-demo.",
        ),
    ] = None,
    example: Annotated[
        str,
        typer.Option("--example", metavar="NAME", help="Which example; see --list."),
    ] = EXAMPLE,
    list_all: Annotated[
        bool, typer.Option("--list", help="List the examples.")
    ] = False,
    runtime: RuntimeName = "auto",
    as_json: AsJson = False,
) -> None:
    """Analyse example data, and compare the result with the truth.

    Once more in the same folder, it reuses every result.
    """
    if list_all:
        _list(as_json=as_json)
        return
    chosen = _find(example)
    place = folder or FOLDER
    try:
        is_good = _show(chosen, place, runtime, as_json=as_json)
    except (FlowError, KeyboardInterrupt) as error:
        if as_json:
            say_error_line(error)
        raise
    raise typer.Exit(exits.DONE if is_good else exits.FAILED)


def _list(*, as_json: bool) -> None:
    from bioimageit_flow.session.examples import examples

    found = examples()
    if as_json:
        say_json(
            [
                {"name": one.name, "title": one.title, "summary": one.summary}
                for one in found
            ]
        )
        return
    columns = [Column("example", style="bold", is_whole=True), Column("what it shows")]
    say_table(columns, [(one.name, one.summary) for one in found])


def _find(name: str) -> "Example":
    from bioimageit_flow.session.examples import examples

    known = {one.name: one for one in examples()}
    if name not in known:
        raise typer.BadParameter(
            f"There is no example {name!r} (there are: {', '.join(known)}).",
            param_hint="--example",
        )
    return known[name]


def _show(example: "Example", folder: Path, runtime: str, *, as_json: bool) -> bool:
    from bioimageit_flow.cli.run_report import exit_code, say_report

    with opened_session() as session:
        if not as_json:
            say((example.title, "bold"))
            say(example.summary)
            say()
        with working("Making the data"):
            experiment, workflow, bind = example.set_up(folder, session)
        with experiment:
            run = watched(
                lambda observe, cancel: experiment.run(
                    workflow,
                    bind=bind,
                    runtime=runtime,
                    observe=observe,
                    cancel=cancel,
                ),
                as_json=as_json,
            )
            report = run.report
            assert report is not None
            if exit_code(report.state) != exits.DONE:
                say_report(report, experiment.path)
                raise typer.Exit(exit_code(report.state))
            findings: list[Finding] = list(example.verdict(run))
            is_good = all(finding[-1] for finding in findings)
            if as_json:
                say_json(_as_json(run, findings), on_one_line=True)
                return is_good
            say_report(report, experiment.path)
            say()
            _say_findings(findings)
            _say_results(run, workflow)
    return is_good


def _as_json(run: "Run", findings: list[Finding]) -> dict[str, object]:
    assert run.report is not None
    return {
        "event": "report",
        **run.report.as_json(),
        "verdict": [
            {"what": what, "truth": truth, "found": found, "good": is_good}
            for what, truth, found, is_good in findings
        ],
    }


def _say_findings(findings: list[Finding]) -> None:
    columns = [
        Column("what"),
        Column("truth", is_number=True),
        Column("found", is_number=True),
        Column("", is_whole=True),
    ]
    rows: list[list[Part]] = [
        [what, truth, found, ("good", "green") if is_good else ("off", "bold red")]
        for what, truth, found, is_good in findings
    ]
    say_table(columns, rows)


def _say_results(run: "Run", workflow: "Workflow") -> None:
    from bioimageit_flow.workflow import Source

    say()
    for name, text in workflow.document.outputs.items():
        source = Source.parse(text)
        if source.port is None:
            continue
        results = run.results(source.node, source.port)
        if len(results) == 1:
            _say_result(name, results[0], run)
        else:
            say((name, "bold"), f": {count(len(results), 'item')} of {source}")


def _say_result(name: str, result: "Result", run: "Run") -> None:
    raw = run.experiment.lineage(result.item).raw_items()
    say((name, "bold"), f": {result.path}")
    tell((f"  comes from {count(len(raw), 'raw item')}; trace it with", "dim"))
    hint(f"  bioimageit-flow lineage {result.path}")


COMMANDS = (
    Spec(
        "demo",
        demo,
        ("demo", "demo ./try-it --example nuclei", "demo --runtime environment"),
    ),
)
