"""Values reach a program as arguments, whatever they hold."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.command import names_in
from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.model.problem import Problem

_INTERPRETERS = frozenset(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox", "python", "python3"}
    | {"perl", "ruby", "node", "Rscript", "R", "julia", "awk", "cmd", "powershell"}
)
_CODE_OPTIONS = frozenset({"-c", "-e", "-lc", "-ec", "-exc", "-E", "/c", "-Command"})


def check(subject: Subject) -> Iterator[Problem]:
    """Yield arguments whose value could be taken for code or for an option."""
    previous = ""
    has_interpreter = False
    for argument in subject.arguments:
        program = argument.rpartition("/")[2]
        has_interpreter = has_interpreter or program in _INTERPRETERS
        names = names_in(argument)
        if names and has_interpreter and previous in _CODE_OPTIONS:
            yield subject.error(
                "argument-code",
                f"The argument after {previous!r} is code, and "
                f"{{{min(names)}}} is put into it: a value could run commands.",
                fix="Give the value as an argument of its own after the code.",
            )
        yield from _bare_text(subject, argument)
        previous = argument


def _bare_text(subject: Subject, argument: str) -> Iterator[Problem]:
    name = argument[1:-1]
    parameter = subject.tool.parameters.get(name)
    if parameter is None or argument != f"{{{name}}}":
        return
    if parameter.type in (ParameterType.TEXT, ParameterType.LIST):
        yield subject.warning(
            "argument-text",
            f"A text in {name!r} that begins with '-' would be taken for an option.",
            port=name,
            fix=f"Write it as one argument: '--{name.replace('_', '-')}={{{name}}}'.",
        )
