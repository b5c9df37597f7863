"""Forms: the parameters of one node, or those that several nodes share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bioimageit_flow.editor.composing import spoken
from bioimageit_flow.model.parameter import Parameter, ParameterType
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.workflow.document import Document, FromAnnotation, Swept
from bioimageit_flow.workflow.interface import Ported
from bioimageit_flow.workflow.rules import parameter_problems


class FieldMode(StrEnum):
    """Where a parameter takes its value from."""

    CONSTANT = "constant"
    ANNOTATION = "annotation"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.

    Attributes
    ----------
    name, label : str
        Of the parameter.
    type : ParameterType
        What it takes; ``text`` for one that the tool does not know.
    unit : str
        Unit of a number.
    bounds : tuple of float or None
        Smallest and largest value, both included; of each element of a list, of the
        number of characters of a text.
    step : float or None
        What a spin box steps by.
    choices : tuple of (str, str)
        Values with the words to show.
    default : object
        What the tool takes where nothing is said.
    value : object
        What is said: a constant, `FromAnnotation`, `Swept`, or the default.
    mode : FieldMode
        Which of these.
    is_default : bool
        Whether nothing is said.
    is_mixed : bool
        Whether the selected nodes do not agree; `value` is that of the first.
    problem : str
        Why the value is not taken; empty if it is.
    help : str
        What it does.
    is_advanced : bool
        Whether it is hidden at first.
    item : str
        For a list, the type of its elements.
    is_known : bool
        Whether the tool has it; else it can only be removed.
    """

    name: str
    label: str
    type: ParameterType
    unit: str = ""
    bounds: tuple[float | None, float | None] = (None, None)
    step: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    default: object = None
    value: object = None
    mode: FieldMode = FieldMode.CONSTANT
    is_default: bool = True
    is_mixed: bool = False
    problem: str = ""
    help: str = ""
    is_advanced: bool = False
    item: str = "text"
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """The form of some nodes.

    Attributes
    ----------
    nodes : tuple of str
        For which.
    fields : tuple of Field
        In the order of the descriptor.
    """

    nodes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    def field(self, name: str) -> Field | None:
        """Return one line; None if there is none of that name."""
        return next((one for one in self.fields if one.name == name), None)


def form_of(
    document: Document,
    ports: Mapping[str, Ported],
    nodes: Sequence[str],
    problems: Sequence[Problem] = (),
) -> Form:
    """Return the form of some nodes: the parameters that all of them have.

    Parameters
    ----------
    document : Document
        The workflow.
    ports : mapping
        What stands behind each node.
    nodes : sequence of str
        Nodes; dataset inputs among them are left out.
    problems : sequence of Problem
        Not needed for constants; a problem of a sweep or an annotation is found here.
    """
    chosen = [name for name in nodes if name in document.nodes]
    if not chosen:
        return Form()
    given = {name: document.nodes[name].parameters for name in chosen}
    first = ports.get(chosen[0])
    known = dict(first.parameters) if first is not None else {}
    for name in chosen[1:]:
        behind = ports.get(name)
        others = behind.parameters if behind is not None else {}
        known = {
            key: parameter
            for key, parameter in known.items()
            if key in others and _is_alike(parameter, others[key])
        }
    fields = [
        _field(key, parameter, chosen, given, ports, problems)
        for key, parameter in known.items()
    ]
    if len(chosen) == 1:
        fields += [
            _unknown(key, value, has_tool=first is not None)
            for key, value in given[chosen[0]].items()
            if key not in known
        ]
    return Form(tuple(chosen), tuple(fields))


def _is_alike(one: Parameter, other: Parameter) -> bool:
    return (
        one.type is other.type
        and one.choices == other.choices
        and one.unit == other.unit
        and one.item == other.item
    )


def _field(
    key: str,
    parameter: Parameter,
    nodes: Sequence[str],
    given: Mapping[str, Mapping[str, object]],
    ports: Mapping[str, Ported],
    problems: Sequence[Problem],
) -> Field:
    values = [given[name].get(key, parameter.default) for name in nodes]
    bad = ""
    for name in nodes:
        if key in given[name]:
            found = parameter_problems(name, {key: given[name][key]}, ports[name])
            bad = next((problem.text for problem in found), "")
        if bad:
            break
    if not bad and mode_of(values[0]) is not FieldMode.CONSTANT:
        bad = _said_of(key, nodes, problems)
    return Field(
        name=key,
        label=parameter.label or spoken(key),
        type=parameter.type,
        unit=parameter.unit,
        bounds=(parameter.min, parameter.max),
        step=parameter.step,
        choices=tuple((c.value, c.label or c.value) for c in parameter.choices),
        default=parameter.default,
        value=values[0],
        mode=mode_of(values[0]),
        is_default=all(key not in given[name] for name in nodes),
        is_mixed=any(value != values[0] for value in values),
        problem=bad,
        help=parameter.help,
        is_advanced=parameter.advanced,
        item=parameter.item,
    )


def _said_of(key: str, nodes: Sequence[str], problems: Sequence[Problem]) -> str:
    for problem in problems:
        is_of_key = (
            f"{key!r}" in problem.text or f"{problem.node}.{key}" in problem.text
        )
        if problem.node in nodes and is_of_key:
            return problem.text
    return ""


def _unknown(key: str, value: object, *, has_tool: bool) -> Field:
    types: dict[type, ParameterType] = {
        bool: ParameterType.BOOL,
        int: ParameterType.INT,
        float: ParameterType.FLOAT,
        list: ParameterType.LIST,
    }
    said = "The tool has no such parameter." if has_tool else ""
    return Field(
        name=key,
        label=spoken(key),
        type=types.get(type(value), ParameterType.TEXT),
        value=value,
        mode=mode_of(value),
        is_default=False,
        problem=said,
        is_known=False,
    )


def mode_of(value: object) -> FieldMode:
    """Return where a value of a workflow file comes from."""
    if isinstance(value, FromAnnotation):
        return FieldMode.ANNOTATION
    return FieldMode.SWEEP if isinstance(value, Swept) else FieldMode.CONSTANT
