"""What a run was given, as the run saw it: over which inputs, with which annotations.

A run may be given a million items: what is told of each waits in a file without a name
until it is asked for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.spooled_entities import SpooledEntities

_PAGE = 500
_SEEN, _TAKEN = "seen", "taken"
FILES_SOURCE = "files"
"""The source of the edge over which the file of a parameter comes."""


def _spool() -> SpooledEntities:
    return SpooledEntities(None)


@dataclass(frozen=True, slots=True)
class Given:
    """Facts of the items that a run was given, by the item.

    Parameters
    ----------
    sources : iterable of str
        Dataset inputs of the workflow.
    """

    sources: frozenset[str] = frozenset()
    _waiting: SpooledEntities = field(default_factory=_spool)

    def inputs(self, item: ItemId) -> tuple[str, ...]:
        """Return the dataset inputs that took an item."""
        return tuple(json.loads(self._waiting.noted(_TAKEN, item) or "[]"))

    def view(self, item: ItemId) -> Mapping[str, AnnotationValue] | None:
        """Return the annotations of an item as the run saw them; None if unknown."""
        text = self._waiting.noted(_SEEN, item)
        return None if text is None else json.loads(text)

    def take(self, job: JobRecord) -> None:
        """Note over which of its inputs the run gave a job its items.

        An edge of files of a parameter is told as a whole.
        """
        for edge in job.consumed:
            source = edge.edge.partition(" -> ")[0]
            if source == FILES_SOURCE:
                self._took(edge.item, edge.edge)
            elif source in self.sources:
                self._took(edge.item, source)

    def look(self, store: Store, items: Iterable[ItemId]) -> None:
        """Note what items see now; see `thaw` for what they saw then."""
        rest = iter(items)
        while page := list(islice(rest, _PAGE)):
            for item, view in store.views(page).items():
                plain = {k: v for k, v in view.items() if not isinstance(v, Conflict)}
                self._waiting.note(_SEEN, item, json.dumps(plain))

    def thaw(self, inputs: Path) -> None:
        """Put in what the run noted when it began, if it did: it knows best."""
        for name, entry in _frozen(inputs):
            item = entry.get("item")
            if not isinstance(item, str) or self._waiting.noted(_SEEN, item) is None:
                continue
            self._took(ItemId(item), name)
            seen = entry.get("annotations")
            if isinstance(seen, dict):
                plain = {
                    key: value
                    for key, value in seen.items()
                    if isinstance(value, bool | int | float | str)
                }
                self._waiting.note(_SEEN, item, json.dumps(plain))

    def _took(self, item: ItemId, name: str) -> None:
        told = self.inputs(item)
        if name not in told:
            self._waiting.note(_TAKEN, item, json.dumps([*told, name]))


def _frozen(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Go through the items in the file of what a run took, each with its input.

    The file has one line for each item; see `engine.frozen`.
    """
    read = json.JSONDecoder().raw_decode
    name = ""
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(" {"):
                    entry, _ = read(line.strip())
                    yield name, entry
                elif line.startswith('"'):
                    name, _ = read(line)
    except (OSError, ValueError):  # an early or a tidied run: the store must do
        return
