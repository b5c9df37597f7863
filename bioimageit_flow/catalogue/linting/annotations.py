"""A tool that reads annotations is given them."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.command import placeholders
from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.model.problem import Problem

_NAMING = (ParameterType.TEXT, ParameterType.CHOICE, ParameterType.LIST)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield where declared annotations do not arrive."""
    tool = subject.tool
    used = placeholders(tool.command)
    if tool.reads and not used & {"job", "annotations"}:
        yield subject.error(
            "annotations-unused",
            "The tool declares that it reads annotations, but its program is not told "
            "where they are.",
            fix="Give it {job}, the path of job.json, or take out 'reads'.",
        )
    if "annotations" in used and not tool.reads:
        yield subject.error(
            "annotations-undeclared",
            "The command uses {annotations}, but 'reads' names no key: none arrives.",
            fix="Name the keys in 'reads'; '{parameter}' stands for those it names.",
        )
    for key in tool.reads:
        parameter = tool.parameters.get(key[1:-1]) if key.startswith("{") else None
        if parameter is not None and parameter.type not in _NAMING:
            yield subject.error(
                "annotations-parameter",
                f"'reads' has {key}, but a {parameter.type} cannot name a key.",
                port=key[1:-1],
                fix="Use a text, a choice or a list.",
            )
