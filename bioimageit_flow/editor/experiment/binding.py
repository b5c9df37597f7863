"""What a dataset input can be bound to, as text and in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.data import DatasetKind, Item
from bioimageit_flow.model.selection import Binding, read_binding

if TYPE_CHECKING:
    from bioimageit_flow.session import Experiment

_LONGEST: Final = 30


def binding_of(dataset: str = "", query: str = "", items: Sequence[Item] = ()) -> str:
    """Return the text that binds a dataset, a query in it, or single items.

    It is what ``--bind`` takes: ``raw``, ``raw where dose > 5``, ``items ID, ID``.
    """
    if items:
        return "items " + ", ".join(item.id for item in items)
    if query.strip():
        return f"{dataset} where {query.strip()}".strip()
    return dataset


def read(text: str) -> Binding:
    """Read a binding; raises `QueryError`.

    Names of processed datasets have slashes and stand for themselves.
    """
    is_name = text.count("/") >= 2 and " where " not in text and "," not in text
    return read_binding(text, (text,) if is_name else ())


def words_of(text: str, count: int | None = None) -> str:
    """Return a binding in a few words, with how many items it means where known."""
    try:
        binding = read(text)
    except FlowError:
        return _cut(text)
    if binding.ids:
        number = len(binding.ids) if count is None else count
        return "1 item" if number == 1 else f"{number} items"
    name = ", ".join(_short(one) for one in binding.datasets) or "raw data"
    words = name if binding.where is None else f"{name} where {binding.where.text}"
    end = "" if count is None else f" ({count:,})"
    return f"{_cut(words)}{end}"


def count_of(experiment: "Experiment", text: str) -> int:
    """Return how many items a binding means, without those that are excluded.

    Raises
    ------
    QueryError, StoreError
        If it cannot be read, or a dataset is not there.
    """
    binding = read(text)
    if binding.ids:
        return len(binding.ids)
    names = binding.datasets or tuple(
        one.name for one in experiment.datasets() if one.kind is DatasetKind.RAW
    )
    return sum(
        experiment.count(binding.where, dataset=name, excluded=False) for name in names
    )


def _short(dataset: str) -> str:
    """Return the last words of the name of a processed dataset."""
    parts = dataset.split("/")
    return dataset if len(parts) < 3 else "/".join(parts[-2:])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"
