"""Every port and every parameter is explained where the user meets it."""

from collections.abc import Iterator, Mapping

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.parameter import Parameter
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the ports and parameters without help."""
    tool = subject.tool
    groups: list[tuple[str, Mapping[str, InputPort | OutputPort | Parameter]]] = [
        ("input", tool.inputs),
        ("output", tool.outputs),
        ("parameter", tool.parameters),
    ]
    for what, entries in groups:
        for name, entry in entries.items():
            if not entry.help.strip():
                yield subject.warning(
                    "help-missing",
                    f"The {what} {name!r} has no help.",
                    port=name,
                    fix="Say in a sentence what it is.",
                )
