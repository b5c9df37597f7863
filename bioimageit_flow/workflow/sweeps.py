"""Sweeps: the values that parameters of a node take in turn.

Several sweeps of a node make a grid; those with the same ``zip`` go together. Each
combination is a `Variant`. A swept value becomes an annotation of what is made with it,
by which items pair, group and are plotted later.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from bioimageit_flow.model.annotation import check_key
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.parameter import Parameter, ParameterType
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.workflow.document import Document, Node, Sweep, SweepRange, Swept
from bioimageit_flow.workflow.interface import Ported

MAX_VARIANTS = 10_000
"""Jobs that one node makes of one item, at most."""

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class SweptValue:
    """One parameter with the value that it takes in a variant.

    Attributes
    ----------
    key : str
        The annotation that carries the value.
    value : bool, int, float or str
        As the parameter takes it.
    """

    parameter: str
    key: str
    value: AnnotationValue


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of swept values.

    Attributes
    ----------
    values : tuple of SweptValue
        In the order of the node's parameters.
    places : tuple of (str, str)
        For each zip of the node, its name and which of its values this is.
    """

    values: tuple[SweptValue, ...] = ()
    places: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """By what the results of this variant differ from those of others."""
        zips = tuple((f"~{name}", place) for name, place in self.places)
        return zips + tuple(swept_part(one.key, one.value) for one in self.values)


def swept_part(key: str, value: AnnotationValue) -> tuple[str, str]:
    """Return how a value of a key tells items apart that have the same raw data."""
    return f"={key}", canonical_json(value)


def sweeps_of(node: Node) -> dict[str, Sweep]:
    """Return the sweeps of a node by parameter."""
    return {
        name: setting.sweep
        for name, setting in node.parameters.items()
        if isinstance(setting, Swept)
    }


def key_of(parameter: str, sweep: Sweep) -> str:
    """Return the annotation that carries the values of a sweep."""
    return sweep.key.strip() or parameter


def swept_values(sweep: Sweep, parameter: Parameter) -> list[AnnotationValue]:
    """Return the values of a sweep, as its parameter takes them.

    Raises
    ------
    ValueError
        If there is none, one does not fit the parameter, or one comes twice.
    """
    if parameter.type is ParameterType.LIST:
        raise ValueError("a list cannot be swept")
    plain = list(sweep.values) if sweep.values is not None else []
    if sweep.range is not None:
        plain = [*_spaced(sweep.range)]
    if not plain:
        raise ValueError("there are no values to sweep")
    if len(plain) > MAX_VARIANTS:
        raise ValueError(f"{len(plain)} values are more than {MAX_VARIANTS}")
    found: list[AnnotationValue] = []
    for one in plain:
        value = parameter.check(one)
        assert not isinstance(value, list)
        if any(value == other for other in found):
            raise ValueError(f"the value {value} comes twice")
        found.append(value)
    return found


def _spaced(wanted: SweepRange) -> Iterator[float]:
    first, last = wanted.from_, wanted.to
    if not (math.isfinite(first) and math.isfinite(last)):
        raise ValueError("a range goes from a finite number to a finite number")
    if wanted.count is not None:
        yield from _counted(first, last, wanted.count, is_log=wanted.log)
        return
    step = wanted.step or 0.0
    if not math.isfinite(step) or step == 0 or (last - first) * step < 0:
        raise ValueError(f"steps of {step} do not lead from {first} to {last}")
    # A last value that is missed by rounding only is meant.
    count = math.floor((last - first) / step + 1e-9) + 1
    if count > MAX_VARIANTS:
        raise ValueError(f"{count} values are more than {MAX_VARIANTS}")
    for n in range(count):
        yield _tidy(first + n * step)


def _counted(first: float, last: float, count: int, *, is_log: bool) -> Iterator[float]:
    if is_log and (first <= 0 or last <= 0):
        raise ValueError("a logarithmic range needs numbers above zero")
    for n in range(count):
        share = n / (count - 1) if count > 1 else 0.0
        if n == count - 1 and count > 1:
            yield last
        elif is_log:
            yield _tidy(first * (last / first) ** share)
        else:
            yield _tidy(first + (last - first) * share)


def _tidy(number: float) -> float:
    """Return a number without the dust of binary fractions (0.30000000000000004)."""
    return float(f"{number:.{_DIGITS}g}")


def variants_of(node: Node, tool: Ported) -> list[Variant]:
    """Return the combinations of swept values of a node; one without sweeps.

    Raises
    ------
    ValueError
        As `sweep_problems` says it.
    """
    axes: dict[str, list[tuple[SweptValue, ...]]] = {}
    zips: dict[str, str] = {}
    for name, sweep in sweeps_of(node).items():
        key = key_of(name, sweep)
        values = swept_values(sweep, tool.parameters[name])
        column: list[tuple[SweptValue, ...]] = [
            (SweptValue(name, key, value),) for value in values
        ]
        axis = f"zip {sweep.zip}" if sweep.zip else f"parameter {name}"
        if sweep.zip:
            zips[axis] = sweep.zip
        if axis not in axes:
            axes[axis] = column
            continue
        if len(axes[axis]) != len(column):
            raise ValueError(
                f"the sweeps zipped as {sweep.zip!r} have {len(axes[axis])} and "
                f"{len(column)} values"
            )
        axes[axis] = [
            (*one, *other) for one, other in zip(axes[axis], column, strict=True)
        ]
    count = math.prod(len(column) for column in axes.values())
    if count > MAX_VARIANTS:
        raise ValueError(f"{count} combinations are more than {MAX_VARIANTS}")
    numbered = [
        [(axis, n, values) for n, values in enumerate(column)]
        for axis, column in axes.items()
    ]
    return [
        Variant(
            tuple(value for _, _, values in chosen for value in values),
            tuple((zips[axis], str(n)) for axis, n, _ in chosen if axis in zips),
        )
        for chosen in product(*numbered)
    ]


def sweep_problems(
    document: Document, tools: Mapping[str, Ported]
) -> Iterator[Problem]:
    """Yield what is wrong with the sweeps of a workflow."""
    keys: dict[str, str] = {}
    lengths: dict[str, tuple[str, int]] = {}
    for name, node in document.nodes.items():
        for parameter, sweep in sweeps_of(node).items():
            where = f"{name}.{parameter}"
            key = key_of(parameter, sweep)
            try:
                check_key(key)
            except ValueError as error:
                yield _error(name, f"The sweep of {where}: {error}.")
                continue
            if key in keys:
                yield _error(
                    name,
                    f"{keys[key]} and {where} are both swept under the key {key!r}.",
                    "Give one of the sweeps another 'key'.",
                )
            keys.setdefault(key, where)
            known = tools[name].parameters.get(parameter) if name in tools else None
            if known is None:
                continue
            try:
                count = len(swept_values(sweep, known))
            except ValueError as error:
                yield _error(name, f"The sweep of {where}: {error}.")
                continue
            if sweep.zip:
                other, length = lengths.setdefault(sweep.zip, (where, count))
                if length != count:
                    yield _error(
                        name,
                        f"{other} and {where} are zipped as {sweep.zip!r}, but have "
                        f"{length} and {count} values.",
                        "Give both as many values.",
                    )
        if name in tools:
            yield from _size_problems(name, node, tools[name])


def _size_problems(name: str, node: Node, tool: Ported) -> Iterator[Problem]:
    counts: dict[str, int] = {}
    for parameter, sweep in sweeps_of(node).items():
        try:
            values = swept_values(sweep, tool.parameters[parameter])
        except (KeyError, ValueError):
            return  # said already
        counts[f"zip {sweep.zip}" if sweep.zip else parameter] = len(values)
    total = math.prod(counts.values())
    if total > MAX_VARIANTS:
        yield _error(
            name,
            f"The sweeps of {name} make {total} combinations, more than "
            f"{MAX_VARIANTS}.",
            "Sweep fewer values, or zip them.",
        )


def _error(node: str, text: str, fix: str = "Choose other values.") -> Problem:
    return Problem("sweep", Severity.ERROR, text, node=node, fix=fix)
