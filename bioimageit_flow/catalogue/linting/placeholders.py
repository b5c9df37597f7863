"""Everything that a tool declares reaches its program."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.command import placeholders
from bioimageit_flow.model.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the ports and parameters that the command does not use."""
    tool = subject.tool
    used = {name.removesuffix(".list") for name in placeholders(tool.command)}
    if used & {"job", "annotations"}:
        return  # the program can find everything in job.json
    for what, names in (
        ("input", tool.inputs),
        ("output", tool.outputs),
        ("parameter", tool.parameters),
    ):
        for name in names:
            if name not in used:
                yield subject.error(
                    "placeholder-unused",
                    f"The {what} {name!r} does not reach the program.",
                    port=name,
                    fix=f"Use {{{name}}} in the command, or give it {{job}}.",
                )
