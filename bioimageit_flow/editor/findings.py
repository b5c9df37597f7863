"""Where on the canvas problems stand that were found for the whole workflow."""

from collections.abc import Iterable
from dataclasses import replace

from bioimageit_flow.model.problem import Problem


def at_level(problems: Iterable[Problem], entered: tuple[str, ...]) -> list[Problem]:
    """Return the problems of one level, with the nodes as they are called there.

    A plan calls a node in a subworkflow ``sub/node``; from outside, the problem is that
    of the subworkflow.
    """
    prefix = "".join(f"{name}/" for name in entered)
    found = []
    for problem in problems:
        if problem.node and not problem.node.startswith(prefix):
            continue
        node, deeper, _ = problem.node[len(prefix) :].partition("/")
        port = "" if deeper else problem.port
        found.append(replace(problem, node=node, port=port))
    return found
