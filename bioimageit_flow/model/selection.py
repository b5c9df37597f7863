"""Which items a run takes: what its inputs are bound to, and which part of that."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.errors import WorkflowError

if TYPE_CHECKING:
    from bioimageit_flow.model.query import Query

_WHERE = re.compile(r"(?P<datasets>.*?)(?:^|\s+)where\s+(?P<query>.+)", re.DOTALL)
_ITEMS = re.compile(r"items\s+(?P<ids>[0-9a-fA-F\s,-]+)")


@dataclass(frozen=True, slots=True)
class Binding:
    """What one dataset input of a workflow is bound to.

    Attributes
    ----------
    text : str
        As it was written.
    datasets : tuple of str
        Names of datasets; empty for all raw ones.
    where : Query or None
        Which of their items.
    ids : tuple of str
        Ids of single items, instead of datasets.
    """

    text: str
    datasets: tuple[str, ...] = ()
    where: "Query | None" = None
    ids: tuple[str, ...] = ()


def read_binding(text: str, known: Collection[str] = ()) -> Binding:
    """Read what an input is bound to.

    ``raw``; ``day1, day2``; ``raw where condition = "drug"``; ``where dose > 5`` for
    items of all raw datasets; ``items ID, ID``.

    Parameters
    ----------
    text : str
        The binding.
    known : collection of str
        Names of datasets, any of which stands for itself.

    Raises
    ------
    QueryError
        If the query cannot be read.
    """
    text = text.strip()
    if text in known:
        return Binding(text, (text,))
    single = _ITEMS.fullmatch(text)
    if single:
        ids = tuple(filter(None, re.split(r"[\s,]+", single["ids"])))
        return Binding(text, ids=ids)
    found = _WHERE.fullmatch(text)
    if found is None:
        return Binding(text, _names(text))
    from bioimageit_flow.model.query import parse

    return Binding(text, _names(found["datasets"]), parse(found["query"]))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class Subset:
    """Which part of the bound items a run takes, for a first look.

    Attributes
    ----------
    where : str
        A query; empty for all items.
    limit : int or None
        The first so many.
    pilot : int or None
        So many of each value of the keys in `by`.
    by : tuple of str
        Keys of `pilot`.
    items : tuple of str
        Ids of items: only these, or what goes back to them, and what belongs to them.
    """

    where: str = ""
    limit: int | None = None
    pilot: int | None = None
    by: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, number in (("limit", self.limit), ("pilot", self.pilot)):
            if number is not None and number < 1:
                raise WorkflowError(
                    f"A {name} of {number} leaves nothing to do.",
                    remedy="Take 1 or more.",
                )
        if self.limit is not None and self.pilot is not None:
            raise WorkflowError(
                "'limit' and 'pilot' are two ways to take fewer items.",
                remedy="Choose one of them.",
            )
        if self.items and (self.limit is not None or self.pilot is not None):
            raise WorkflowError(
                "Single items are named, and 'limit' or 'pilot' would take others.",
                remedy="Leave one of them out.",
            )
        if bool(self.by) != (self.pilot is not None):
            raise WorkflowError(
                "'pilot' says how many items are taken of each value of 'by'.",
                remedy="Give both, such as --pilot 3 --by condition.",
            )

    @property
    def is_all(self) -> bool:
        """Whether everything is taken."""
        chooses = self.where or self.items
        return not chooses and self.limit is None and self.pilot is None

    @property
    def words(self) -> str:
        """What is taken, in words; empty for all."""
        words = [f"where {self.where}"] if self.where else []
        if self.items:
            few = len(self.items)
            words.append("one chosen item" if few == 1 else f"{few} chosen items")
        if self.limit is not None:
            words.append(f"the first {self.limit}")
        if self.pilot is not None:
            words.append(f"{self.pilot} of each {' and '.join(self.by)}")
        return ", ".join(words)
