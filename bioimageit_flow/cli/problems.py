"""Problems, shown one way everywhere."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import clean_line, say

if TYPE_CHECKING:
    from bioimageit_flow.model.problem import Problem

_SHOWN = 3
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


def say_problems(problems: Iterable["Problem"]) -> None:
    """Show problems; what is the same for several items is said once, with names."""
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for one in problems:
        rest = one.text.removeprefix(one.item) if one.item else one.text
        key = (str(one.severity), one.code, one.node, one.port, rest, one.fix)
        alike.setdefault(key, []).append(one)
    for (_, _, _, _, rest, _), some in alike.items():
        first = some[0]
        names = list(dict.fromkeys(one.item for one in some))
        if len(names) == 1:
            say_problem(first)
            continue
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        text = f"{len(names)} items ({', '.join(names[:_SHOWN])}{more}): each{rest}"
        say_problem(replace(first, text=text))
