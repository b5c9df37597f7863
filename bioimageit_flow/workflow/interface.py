"""What a node shows to its wires, be it a tool or a subworkflow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.parameter import Parameter
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Offer:
    """What a wire carries, as far as the descriptors tell.

    Attributes
    ----------
    kind : Kind
        Kind of the data.
    formats : tuple of str
        Possible formats; empty where anything is possible.
    axes : tuple of str
        Possible axes; empty where they are not known before the run.
    """

    kind: Kind
    formats: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()


class Ported(Protocol):
    """Anything with ports and parameters: a `Tool` or an `Interface`."""

    @property
    def inputs(self) -> Mapping[str, InputPort]:
        """What it takes."""

    @property
    def outputs(self) -> Mapping[str, OutputPort]:
        """What it gives."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What the user can set."""

    @property
    def takes_group(self) -> bool:
        """Whether some input waits for a group of items."""


@dataclass(frozen=True, slots=True)
class Interface:
    """The ports of a subworkflow.

    Attributes
    ----------
    name, description : str
        Of the workflow inside.
    inputs : mapping
        One port for each dataset input of it.
    outputs : mapping
        One port for each of its outputs.
    offers : mapping
        What each output carries; None where that cannot be told.
    problems : tuple of Problem
        What is wrong inside.
    """

    name: str
    description: str = ""
    inputs: Mapping[str, InputPort] = field(default_factory=dict)
    outputs: Mapping[str, OutputPort] = field(default_factory=dict)
    offers: Mapping[str, Offer | None] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """None: they are set inside."""
        return {}

    @property
    def takes_group(self) -> bool:
        """Whether an input waits for a group: never, that happens inside."""
        return False


def offer_of(output: OutputPort) -> Offer:
    """Return what an output port of a tool gives."""
    axes = (output.axes,) if output.axes and output.axes != "*" else ()
    return Offer(output.kind, (output.format,), axes)
