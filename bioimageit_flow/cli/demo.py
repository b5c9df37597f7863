"""The command that shows the whole program at work on a built-in example."""

from collections.abc import Iterator, Mapping
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
    say,
    say_json,
    say_table,
    short,
    working,
)
from bioimageit_flow.cli.running import say_error_line, watched
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.kinds import Kind

if TYPE_CHECKING:
    from bioimageit_flow.session import Example, Result, Run
    from bioimageit_flow.session.examples import Verdict
    from bioimageit_flow.workflow import Workflow

FOLDER = Path("bioimageit-flow-demo")
EXAMPLE = "two_populations"


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
    from bioimageit_flow.session.known_experiments import remember_experiment

    with opened_session() as session:
        if not as_json:
            say((example.title, "bold"))
            say(example.summary)
            say()
        with working("Making the data"):
            experiment, workflow, bind = example.set_up(folder, session)
        remember_experiment(experiment.path)
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
                say_report(report)
                raise typer.Exit(exit_code(report.state))
            if not as_json:
                say_report(report)
            findings = example.verdict(run)
            is_good = all(finding.is_good for finding in findings)
            if as_json:
                say_json(_as_json(run, findings), on_one_line=True)
                return is_good
            say()
            _say_findings(findings)
            _say_results(run, workflow)
            _say_next(run, workflow, example, bind)
    return is_good


def _as_json(run: "Run", findings: "list[Verdict]") -> dict[str, object]:
    assert run.report is not None
    return {
        "event": "report",
        **run.report.as_json(),
        "verdict": [
            {
                "what": one.what,
                "truth": one.truth,
                "found": one.found,
                "good": one.is_good,
            }
            for one in findings
        ],
    }


def _say_findings(findings: "list[Verdict]") -> None:
    columns = [
        Column("what"),
        Column("truth"),
        Column("found"),
        Column("", is_whole=True),
    ]
    rows: list[list[Part]] = [
        [
            one.what,
            one.truth,
            one.found,
            ("good", "green") if one.is_good else ("off", "bold red"),
        ]
        for one in findings
    ]
    say_table(columns, rows)


def _say_results(run: "Run", workflow: "Workflow") -> None:
    say()
    for name, results in _outputs(run, workflow):
        if len(results) == 1:
            say((name, "bold"), f": {short(results[0].path)}")
        else:
            say((name, "bold"), f": {count(len(results), 'item')}")


def _outputs(run: "Run", workflow: "Workflow") -> "Iterator[tuple[str, list[Result]]]":
    from bioimageit_flow.workflow import Source

    for name, text in workflow.document.outputs.items():
        source = Source.parse(text)
        if source.port is not None:
            yield name, run.results(source.node, source.port)


def _say_next(
    run: "Run", workflow: "Workflow", example: "Example", bind: Mapping[str, str]
) -> None:
    single = {
        name: results[0]
        for name, results in _outputs(run, workflow)
        if len(results) == 1
    }
    place = short(run.experiment.path)
    say()
    if single:
        # A number is what people want to see the origin of, not a figure.
        scalars = [n for n, one in single.items() if one.item.info.kind is Kind.SCALAR]
        name = next(iter([*scalars, *single]))
        raw = run.experiment.lineage(single[name].item).raw_items()
        say(f"{name} goes back to {count(len(raw), 'raw item')}; see how:")
        say((f"  bioimageit-flow lineage {short(single[name].path)}", "cyan"))
    binds = " ".join(f"-b {name}={dataset}" for name, dataset in bind.items())
    say("Try other settings; only what they change runs again:")
    command = f"bioimageit-flow run {short(example.workflow_path)} -e {place} {binds}"
    say((f"  {command} --set NODE.PARAM=VALUE", "cyan"))


COMMANDS = (
    Spec(
        "demo",
        demo,
        ("demo", "demo ./try-it --example nuclei", "demo --runtime environment"),
    ),
)
