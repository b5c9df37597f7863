"""The tests of tools, run and shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import count, say, say_json, working
from bioimageit_flow.errors import FlowError

if TYPE_CHECKING:
    from bioimageit_flow.model.tool import InstalledTool
    from bioimageit_flow.session import Session


@dataclass(frozen=True, slots=True)
class Chosen:
    """A tool to be tested.

    Attributes
    ----------
    is_trusted : bool or None
        Whether it may run without isolation; None for what the user has said before.
    """

    tool: "InstalledTool"
    is_trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    is_good: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of the tests of one tool; `error` where they could not be run."""

    tool: str
    is_good: bool
    runtime: str = ""
    lines: tuple[_Line, ...] = ()
    error: str = ""

    def as_json(self) -> dict[str, object]:
        tests = [
            {"name": line.name, "good": line.is_good, "text": line.text}
            for line in self.lines
        ]
        return {
            "tool": self.tool,
            "good": self.is_good,
            "runtime": self.runtime,
            "tests": tests,
            "error": self.error,
        }


def run_and_say(
    session: "Session", chosen: Sequence[Chosen], runtime: str, *, as_json: bool
) -> bool:
    """Run the tests of tools and show them; returns whether all passed."""
    outcomes = []
    for one in chosen:
        outcome = _run(session, one, runtime, is_quiet=as_json)
        outcomes.append(outcome)
        if not as_json:
            _say(outcome)
    if as_json:
        say_json([outcome.as_json() for outcome in outcomes])
    else:
        _say_sum(outcomes)
    return all(outcome.is_good for outcome in outcomes)


def _run(
    session: "Session", chosen: Chosen, runtime: str, *, is_quiet: bool
) -> _Outcome:
    tool = chosen.tool
    try:
        if is_quiet:
            ended = session.test_tool(
                tool, runtime=runtime, is_trusted=chosen.is_trusted
            )
        else:
            with working(f"Testing {tool.ref}") as report:
                ended = session.test_tool(
                    tool, runtime=runtime, is_trusted=chosen.is_trusted, report=report
                )
    except FlowError as error:
        return _Outcome(tool.ref, is_good=False, error=str(error))
    lines = tuple(_Line(one.name, one.is_good, one.text) for one in ended.results)
    return _Outcome(tool.ref, ended.is_good, ended.runtime, lines)


def _say(outcome: _Outcome) -> None:
    where = f"  in {outcome.runtime}" if outcome.runtime else ""
    say((outcome.tool, "bold"), (where, "dim"))
    for line in outcome.lines:
        mark = ("  passed  ", "green") if line.is_good else ("  FAILED  ", "bold red")
        say(mark, line.name)
        for text in line.text.splitlines():
            say(f"          {text}")
    if outcome.error:
        say(("  cannot be tested: ", "bold red"), outcome.error)
    elif not outcome.lines:
        say(("  FAILED  ", "bold red"), "it has no tests")


def _say_sum(outcomes: Sequence[_Outcome]) -> None:
    results = [line.is_good for outcome in outcomes for line in outcome.lines]
    bad = [outcome.tool for outcome in outcomes if not outcome.is_good]
    tools, tests = count(len(outcomes), "tool"), count(len(results), "test")
    say()
    if not bad:
        say(("All good: ", "bold green"), f"{tools}, {tests}.")
        return
    said = f"{results.count(False)} of {tests} failed; not good: {', '.join(bad)}."
    say((f"{len(bad)} of {tools} failed: ", "bold red"), said)
