"""What is said at the end of a run."""

from typing import TYPE_CHECKING

from bioimageit_flow.cli import PROGRAM, exits
from bioimageit_flow.cli.opening import option_for
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    hint,
    say,
    say_table,
    short,
)
from bioimageit_flow.cli.problems import say_problems
from bioimageit_flow.model.run import RunState
from bioimageit_flow.model.units import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bioimageit_flow.model.events import Failure, NodeReport, RunReport

SHOWN_FAILURES = 20
SHOWN_ITEMS = 5

STATE_STYLES = {
    RunState.DONE: "bold green",
    RunState.QUEUED: "cyan",
    RunState.RUNNING: "bold cyan",
    RunState.PAUSED: "bold yellow",
    RunState.PARTIAL: "bold yellow",
    RunState.CANCELLED: "bold yellow",
    RunState.INTERRUPTED: "bold yellow",
    RunState.FAILED: "bold red",
}


def exit_code(state: RunState) -> int:
    """Return what the command line exits with after a run."""
    match state:
        case RunState.DONE:
            return exits.DONE
        case RunState.CANCELLED:
            return exits.CANCELLED
        case _:
            return exits.FAILED


def say_report(report: "RunReport") -> None:
    """Say how a run ended: a table per node, what failed, where results lie."""
    where, run = option_for(report.folder), report.run[:8]
    say(
        "Run ",
        (report.folder.name, "bold"),
        ": ",
        (str(report.state), STATE_STYLES[report.state]),
        f" in {format_seconds(report.elapsed_s)}",
    )
    if report.nodes:
        say()
        _say_nodes(report)
    if report.failures:
        say()
        _say_failures(report.run, report.failures, where)
    if report.problems:
        say()
        say_problems(report.problems)
    say()
    say(f"Results: {short(report.folder)}")
    if report.failures:
        hint(f"Try what failed again: {PROGRAM} run --failed {run}{where}")
    elif report.state is RunState.CANCELLED:
        hint(f"What is done is kept. Go on: {PROGRAM} run --resume {run}{where}")


def _say_nodes(report: "RunReport") -> None:
    columns = [Column("node"), Column("ran", is_number=True, is_whole=True)]
    shown = [
        (title, style)
        for title, style in (
            ("reused", "blue"),
            ("failed", "bold red"),
            ("cancelled", "yellow"),
            ("not run", "yellow"),
        )
        if title == "reused" or any(_number(n, title) for n in report.nodes.values())
    ]
    columns += [Column(title, is_number=True, is_whole=True) for title, _style in shown]
    columns.append(Column("in", style="dim"))
    rows: list[list[Part]] = []
    for name, node in report.nodes.items():
        row: list[Part] = [name, str(node.done)]
        for title, style in shown:
            number = _number(node, title)
            row.append((str(number), style if number else "dim"))
        rows.append([*row, report.runtimes.get(name, "")])
    say_table(columns, rows)


def _number(node: "NodeReport", title: str) -> int:
    numbers = {
        "reused": node.reused,
        "failed": node.failed,
        "cancelled": node.cancelled,
        "not run": node.blocked,
    }
    return numbers[title]


def _say_failures(run: str, failures: "tuple[Failure, ...]", where: str) -> None:
    say((f"{count(len(failures), 'job')} failed", "bold red"))
    groups = _alike(failures)
    for alike in groups[:SHOWN_FAILURES]:
        failure = alike[0]
        cause = str(failure.cause)
        say("  ", (failure.node, "bold"), f" on {_items(alike)}: ", (cause, "red"))
        for line in failure.message.splitlines():
            say("    ", line)
        say((f"    log: {short(failure.log)}", "dim"))
        job = failure.log.stem[:8]
        words = f"jobs {run[:8]}{where} --repeat {job} FOLDER"
        say((f"    by hand: {PROGRAM} {words}", "dim"))
    more = sum(len(alike) for alike in groups[SHOWN_FAILURES:])
    if more > 0:
        say(f"  … and {more} more: {PROGRAM} jobs {run[:8]}{where} --failed")


def _alike(failures: "Iterable[Failure]") -> "list[list[Failure]]":
    """Group failures that say the same of the same node, in the order of the first."""
    groups: dict[tuple[str, str, str], list[Failure]] = {}
    for one in failures:
        key = (one.node, str(one.cause), one.message)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _items(alike: "Sequence[Failure]") -> str:
    shown = ", ".join(one.item for one in alike[:SHOWN_ITEMS])
    more = len(alike) - SHOWN_ITEMS
    return f"{shown} and {more} more" if more > 0 else shown
