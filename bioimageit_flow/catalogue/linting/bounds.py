"""Bounds of parameters make sense."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.parameter import Parameter, ParameterType
from bioimageit_flow.model.problem import Problem

_NUMBERS = (ParameterType.INT, ParameterType.FLOAT)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield bounds that are missing, of no use, or do not fit each other."""
    for name, parameter in subject.tool.parameters.items():
        if parameter.type in _NUMBERS:
            yield from _number(subject, name, parameter)
        else:
            yield from _other(subject, name, parameter)
        if parameter.type is ParameterType.CHOICE and len(parameter.choices) == 1:
            yield subject.warning(
                "bounds-choice",
                f"The choice {name!r} has one value only.",
                port=name,
                fix="Add another, or take the parameter out.",
            )
        if parameter.choices and parameter.type is not ParameterType.CHOICE:
            yield subject.warning(
                "bounds-choice",
                f"The parameter {name!r} has choices, but is a {parameter.type}.",
                port=name,
                fix="Write 'type: choice', or take the choices out.",
            )


def _number(subject: Subject, name: str, parameter: Parameter) -> Iterator[Problem]:
    low, high, step = parameter.min, parameter.max, parameter.step
    if low is None and high is None:
        yield subject.info(
            "bounds-missing",
            f"The number {name!r} has neither 'min' nor 'max'.",
            port=name,
            fix="Add those that hold, so that a slip is caught before the run.",
        )
    if low is not None and low == high:
        yield subject.warning(
            "bounds-equal",
            f"The number {name!r} can only be {low:g}.",
            port=name,
            fix="Widen the bounds, or take the parameter out.",
        )
    if None not in (low, high, step) and step > high - low > 0:  # type: ignore[operator]
        yield subject.warning(
            "bounds-step",
            f"The step of {name!r} is larger than its range.",
            port=name,
            fix="Make it smaller.",
        )
    if parameter.type is ParameterType.INT:
        for key, bound in (("min", low), ("max", high), ("step", step)):
            if bound is not None and not bound.is_integer():
                yield subject.warning(
                    "bounds-whole",
                    f"{key!r} of the whole number {name!r} is {bound:g}.",
                    port=name,
                    fix="Write a whole number.",
                )


def _other(subject: Subject, name: str, parameter: Parameter) -> Iterator[Problem]:
    is_list_of_numbers = (
        parameter.type is ParameterType.LIST and parameter.item != "text"
    )
    useless = [
        key
        for key, value in (
            ("min", parameter.min),
            ("max", parameter.max),
            ("step", parameter.step),
        )
        if value is not None
        and not is_list_of_numbers
        and not (parameter.type is ParameterType.TEXT and key != "step")
    ]
    if useless:
        yield subject.warning(
            "bounds-useless",
            f"The {parameter.type} {name!r} has {' and '.join(useless)}, which mean "
            "nothing there.",
            port=name,
            fix="Take them out.",
        )
