"""Problems, shown one way everywhere."""

from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import clean_line, say

if TYPE_CHECKING:
    from bioimageit_flow.model.problem import Problem

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def say_problem(problem: "Problem") -> None:
    """Show a problem with what mends it."""
    severity = str(problem.severity)
    where = ".".join(filter(None, (problem.node, problem.port)))
    say(
        (f"{severity}: ", _STYLES.get(severity, "")),
        (f"{clean_line(where)}: " if where else "", "bold"),
        problem.text,
    )
    if problem.fix:
        say(" " * (len(severity) + 2), problem.fix)
