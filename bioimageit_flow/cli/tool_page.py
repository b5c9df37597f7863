"""A tool on one page."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import Column, Part, say, say_table

if TYPE_CHECKING:
    from bioimageit_flow.model.parameter import Parameter
    from bioimageit_flow.model.port import InputPort, OutputPort
    from bioimageit_flow.model.tool import InstalledTool


def say_tool(found: "InstalledTool", versions: Sequence[str]) -> None:
    """Show a tool: what it takes, gives, can be set to, and comes with."""
    tool = found.tool
    say((tool.name, "bold"), (f"  {tool.ref}", "dim"))
    say(tool.summary)
    if tool.help.strip():
        say()
        say(tool.help.strip())
    if tool.inputs:
        _say_inputs(tool.inputs)
    _say_outputs(tool.outputs)
    if tool.parameters:
        _say_parameters(tool.parameters)
    say()
    for topic, text in _facts(found, versions):
        say((f"{topic:12}", "bold"), text)


def _say_inputs(ports: "Mapping[str, InputPort]") -> None:
    rows: list[list[Part]] = []
    for name, port in ports.items():
        marks = [
            "a group" if port.takes == "group" else "",
            "optional" if port.optional else "",
            "one for all" if port.use_for_all else "",
        ]
        takes = ", ".join(
            [f"{port.kind} {' '.join(port.axes)}".strip(), *filter(None, marks)]
        )
        rows.append([(name, "bold"), takes, port.help])
    _say_section("inputs", "takes", rows)


def _say_outputs(ports: "Mapping[str, OutputPort]") -> None:
    rows: list[list[Part]] = []
    for name, port in ports.items():
        marks = [
            "many" if port.many else "",
            "optional" if port.optional else "",
        ]
        gives = ", ".join([f"{port.kind} as {port.format}", *filter(None, marks)])
        rows.append([(name, "bold"), gives, port.help])
    _say_section("outputs", "gives", rows)


def _say_section(title: str, what: str, rows: list[list[Part]]) -> None:
    say()
    say_table([Column(title, is_whole=True), Column(what), Column("")], rows)


def _say_parameters(parameters: "Mapping[str, Parameter]") -> None:
    rows: list[list[Part]] = []
    for name, parameter in parameters.items():
        default = "" if parameter.default is None else _plain(parameter.default)
        unit = f" {parameter.unit}" if parameter.unit else ""
        mark = " (advanced)" if parameter.advanced else ""
        rows.append(
            [
                (name, "bold"),
                f"{default}{unit}",
                _allowed(parameter),
                f"{parameter.help}{mark}",
            ]
        )
    say()
    columns = [
        Column("parameters", is_whole=True),
        Column("default"),
        Column("allowed"),
        Column(""),
    ]
    say_table(columns, rows)


def _allowed(parameter: "Parameter") -> str:
    if parameter.choices:
        return " | ".join(choice.value for choice in parameter.choices)
    kind = str(parameter.type)
    if kind == "list":
        kind = f"list of {parameter.item}"
    match parameter.min, parameter.max:
        case None, None:
            return kind
        case low, None:
            return f"{kind} from {_plain(low)}"
        case None, high:
            return f"{kind} to {_plain(high)}"
        case low, high:
            return f"{kind} {_plain(low)} to {_plain(high)}"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _facts(found: "InstalledTool", versions: Sequence[str]) -> list[tuple[str, str]]:
    tool = found.tool
    needs = tool.resources
    network = ", network" if needs.network else ""
    gpu = f", {needs.gpu} gpu" if needs.gpu else ""
    authors = ", ".join(author.name for author in tool.authors)
    facts = [
        ("versions", ", ".join(versions)),
        ("image", found.container.reference if found.container else "none"),
        (
            "environment",
            str(found.lock) if found.lock else "none: it needs a container engine",
        ),
        ("needs", f"{needs.cpu} cpu, {needs.memory}, {needs.time}{gpu}{network}"),
        ("reads", ", ".join(tool.reads)),
        ("authors", authors),
        ("licence", tool.licence),
        ("cite", ", ".join(tool.citations)),
        ("from", f"{found.origin}, {found.folder}"),
    ]
    return [(topic, text) for topic, text in facts if text]
