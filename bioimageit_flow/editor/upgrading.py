"""What another version of a tool changes, told before it is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bioimageit_flow.model.parameter import Parameter
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.tool import InstalledTool, Tool
from bioimageit_flow.workflow.document import Document

Area = Literal[
    "input",
    "output",
    "parameter",
    "image",
    "environment",
    "licence",
    "resources",
    "behaviour",
]


@dataclass(frozen=True, slots=True)
class ToolChange:
    """One difference between two versions of a tool.

    Attributes
    ----------
    area : str
        What of the tool is different.
    name : str
        Of the port or the parameter; of the fact about it, behind a dot.
    old, new : str
        What it was and will be; empty where there was or will be nothing.
    is_felt : bool
        Whether this node uses it: a wire ends there, or a value was set, or a value
        that was left as it was is another one now.
    """

    area: Area
    name: str
    old: str = ""
    new: str = ""
    is_felt: bool = False


def changes_between(
    old: InstalledTool, new: InstalledTool, document: Document, node: str
) -> list[ToolChange]:
    """Return what is different in another version, for one node; felt ones first."""
    found = [
        *_ports(old.tool, new.tool, document, node),
        *_parameters(old.tool, new.tool, document.nodes[node].parameters),
        *_facts(old, new),
    ]
    return sorted(found, key=lambda one: not one.is_felt)


def _ports(old: Tool, new: Tool, document: Document, node: str) -> Iterator[ToolChange]:
    wired = set(document.nodes[node].wires)
    used = {
        edge.source.port or "" for edge in document.edges() if edge.source.node == node
    }
    ins = {name: _input(port) for name, port in old.inputs.items()}
    now = {name: _input(port) for name, port in new.inputs.items()}
    needed = {name for name, port in new.inputs.items() if not port.optional}
    yield from _differences("input", ins, now, wired | (needed - ins.keys()))
    outs = {name: _output(port) for name, port in old.outputs.items()}
    later = {name: _output(port) for name, port in new.outputs.items()}
    yield from _differences("output", outs, later, used)


def _parameters(
    old: Tool, new: Tool, given: Mapping[str, object]
) -> Iterator[ToolChange]:
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        before, after = old.parameters.get(name), new.parameters.get(name)
        if before is None or after is None:
            was = _parameter(before) if before else ""
            now = _parameter(after) if after else ""
            yield ToolChange("parameter", name, was, now, is_felt=name in given)
            continue
        for fact, (was, now) in _parameter_facts(before, after).items():
            # a default speaks where nothing was set, a bound where something was
            is_felt = (name in given) is (fact != "default")
            where = f"{name}.{fact}"
            yield ToolChange("parameter", where, was, now, is_felt=is_felt)


def _facts(old: InstalledTool, new: InstalledTool) -> Iterator[ToolChange]:
    pairs: tuple[tuple[Area, str, str], ...] = (
        ("image", _image(old), _image(new)),
        ("environment", _lock(old), _lock(new)),
        ("licence", old.tool.licence, new.tool.licence),
        ("resources", _resources(old.tool), _resources(new.tool)),
        ("behaviour", _behaviour(old.tool), _behaviour(new.tool)),
    )
    for area, was, now in pairs:
        if was != now:
            is_felt = area == "licence"
            yield ToolChange(area, "", was, now, is_felt=is_felt)


def _differences(
    area: Area, old: Mapping[str, str], new: Mapping[str, str], felt: set[str]
) -> Iterator[ToolChange]:
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            yield ToolChange(area, name, was, now, is_felt=name in felt)


def _input(port: InputPort) -> str:
    many = "group" if port.takes == "group" else ""
    maybe = "optional" if port.optional else ""
    axes = "/".join(one for one in port.axes if one != "*")
    return _joined(str(port.kind), axes, ", ".join(port.formats), many, maybe)


def _output(port: OutputPort) -> str:
    many = "many" if port.many else ""
    maybe = "optional" if port.optional else ""
    return _joined(str(port.kind), port.axes or "", port.format, many, maybe)


def _parameter(parameter: Parameter) -> str:
    return _joined(
        str(parameter.type), parameter.unit, f"= {_shown(parameter.default)}"
    )


def _parameter_facts(old: Parameter, new: Parameter) -> dict[str, tuple[str, str]]:
    pairs = {
        "type": (str(old.type), str(new.type)),
        "default": (_shown(old.default), _shown(new.default)),
        "unit": (old.unit, new.unit),
        "bounds": (_bounds(old), _bounds(new)),
        "choices": (_choices(old), _choices(new)),
    }
    return {fact: pair for fact, pair in pairs.items() if pair[0] != pair[1]}


def _bounds(parameter: Parameter) -> str:
    if parameter.min is None and parameter.max is None:
        return ""
    low = "" if parameter.min is None else f"{parameter.min:g}"
    high = "" if parameter.max is None else f"{parameter.max:g}"
    return f"{low} \u2026 {high}".strip()


def _choices(parameter: Parameter) -> str:
    return ", ".join(str(one.value) for one in parameter.choices)


def _image(tool: InstalledTool) -> str:
    spec = tool.container
    return f"{spec.image}:{spec.tag}" if spec is not None else ""


def _lock(tool: InstalledTool) -> str:
    return tool.lock.name if tool.lock is not None else ""


def _resources(tool: Tool) -> str:
    needs = tool.resources
    network = "network" if needs.network else ""
    gpu = f"{needs.gpu} GPU" if needs.gpu else ""
    return _joined(f"{needs.cpu} CPU", str(needs.memory), str(needs.time), gpu, network)


def _behaviour(tool: Tool) -> str:
    return "" if tool.deterministic else "results differ from run to run"


def _shown(value: object) -> str:
    if value is None:
        return "\u2013"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _joined(*parts: str) -> str:
    return " \u00b7 ".join(part for part in parts if part)
