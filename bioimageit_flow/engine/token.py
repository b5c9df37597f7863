"""What travels on wires while a run is planned or under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import (
    NO_CORRECTIONS,
    AnnotationValue,
    Content,
    DataInfo,
)
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.query import Facts
from bioimageit_flow.workflow.sweeps import SweptValue

Order = tuple[str, ...]
"""Sorts items the same way whatever the order in which they were imported or made."""


@dataclass(frozen=True, slots=True)
class Datum:
    """The item that a token stands for, once it is there.

    Attributes
    ----------
    selector : str
        Which image of a file with several.
    corrected : mapping
        What its header should have said; `info` has it already.
    """

    id: ItemId
    name: str
    content: Content
    info: DataInfo
    selector: str = ""
    corrected: Mapping[str, object] = field(default_factory=lambda: NO_CORRECTIONS)


@dataclass(frozen=True, slots=True)
class Token:
    """One item on a wire.

    Attributes
    ----------
    source : str
        ``node.port`` or the dataset input that it came from.
    datum : Datum or None
        None where a plan knows that the item will be, but not yet what it is.
    roots : frozenset of ItemId
        The raw items that it descends from.
    parts : tuple of (str, str)
        Which of many outputs it is, by the port that made them.
    view : View
        The annotations that it sees.
    order : Order
        Its place among the items of its collection.
    name : str
        What people call it.
    is_lost : bool
        Whether the job that should have made it failed, or was never run.
    left_out : str
        Why it takes no part, in words; empty where it does. Such tokens still pair, so
        that their partners are left out with them instead of being missed.
    facts : mapping
        What queries can ask beside annotations, such as its kind.
    """

    source: str
    datum: Datum | None
    roots: frozenset[ItemId]
    view: View
    order: Order
    name: str
    parts: tuple[tuple[str, str], ...] = ()
    is_lost: bool = False
    left_out: str = ""
    facts: Facts = field(default_factory=dict)

    @property
    def identity(self) -> tuple[frozenset[ItemId], tuple[tuple[str, str], ...]]:
        """What items on different ports must share in order to meet."""
        return self.roots, self.parts


@dataclass(frozen=True, slots=True)
class Job:
    """One execution of one node, as the scheduler sees it.

    Attributes
    ----------
    n : int
        Number in its run, from 0, in the order in which jobs became ready.
    inputs : mapping of str to tuple of Token
        By port, in group order; one token where the port takes an item.
    distance : int
        Number of nodes between this one and the end of the workflow; 0 where there is
        no hurry.
    roots, parts
        What its results are known by when they are paired in turn.
    group : tuple of (str, value)
        Values of ``group_by``; empty for jobs on items.
    swept : tuple of SweptValue
        The values of swept parameters.
    tokens : tuple of Token
        All that the job consumes, by port.
    """

    n: int
    node: str
    inputs: Mapping[str, tuple[Token, ...]]
    order: Order
    distance: int
    roots: frozenset[ItemId]
    parts: tuple[tuple[str, str], ...] = ()
    group: tuple[tuple[str, AnnotationValue], ...] = ()
    swept: tuple[SweptValue, ...] = ()
    tokens: tuple[Token, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tokens = tuple(token for some in self.inputs.values() for token in some)
        object.__setattr__(self, "tokens", tokens)

    @property
    def own_annotations(self) -> dict[str, AnnotationValue]:
        """What the job itself says of its results: its swept values."""
        return {one.key: one.value for one in self.swept}

    @property
    def priority(self) -> tuple[int, Order, int]:
        """What sorts jobs: nearest to completion first, then in item order."""
        return self.distance, self.order, self.n

    @property
    def label(self) -> str:
        """What people call the job: its first item or its group, and swept values."""
        swept = ", ".join(f"{one.key}={one.value}" for one in self.swept)
        if self.group:
            values = ", ".join(f"{key}={value}" for key, value in self.group)
            return f"{values}, {swept}" if swept else values
        tokens = self.tokens
        more = f" and {len(tokens) - 1} more" if len(tokens) > 1 else ""
        name = f"{tokens[0].name}{more}" if tokens else self.node
        return f"{name} ({swept})" if swept else name
