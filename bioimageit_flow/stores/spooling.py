"""Values that are read whole before they are written, in memory or on disk.

What is written may be worked out from the very store that it is written to; so that
reading never waits for writing, everything is read first. Beyond some thousand items
it goes through a file, so that memory does not grow.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from types import TracebackType
from typing import IO, Generic, NamedTuple, TypeVar, cast
from weakref import finalize

from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.places import writing as writing_at

PAGE = 5_000
"""How many items are written at once."""

T = TypeVar("T")

Values = tuple[ItemId, Mapping[str, AnnotationValue | None]]
"""New annotations of one item; None takes one away."""


class Pages(Generic[T]):
    """Pages of plain values: the last one in memory, those before it on disk.

    The file, if there is one, goes with the object, at the latest.
    """

    def __init__(self) -> None:
        self._stream: IO[str] | None = None

    def put(self, page: T) -> None:
        """Write a page; nothing may be read meanwhile."""
        with writing_at(Path(gettempdir())):
            if self._stream is None:
                self._stream = TemporaryFile(  # noqa: SIM115 - closed by `close`
                    "w+", encoding="utf-8", errors="surrogatepass"
                )
                finalize(self, self._stream.close)
            self._stream.write(json.dumps(page) + "\n")

    def __iter__(self) -> Iterator[T]:
        if self._stream is not None:
            self._stream.seek(0)
            for line in self._stream:
                yield cast("T", json.loads(line))

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()


class Spool:
    """Values of items, which can be gone through as often as wanted."""

    def __init__(self, values: Iterable[Values] = ()) -> None:
        self._page: list[Values] = []
        self._full: Pages[list[Values]] = Pages()
        for one in values:
            self.add(one)

    def add(self, values: Values) -> None:
        """Add the values of one item."""
        if len(self._page) == PAGE:
            self._full.put(self._page)
            self._page = []
        self._page.append(values)

    def __iter__(self) -> Iterator[Values]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Values]]:
        """Go through all values, in pages; nothing may be added meanwhile."""
        yield from self._full
        if self._page:
            yield self._page

    def close(self) -> None:
        """Let go of the file."""
        self._full.close()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class NumberedPage(NamedTuple):
    """Values of some items, of which many have the same.

    Attributes
    ----------
    numbers : list of int
        What stands for the items in the store, each once.
    places : list of int
        Where in `different` the values of each are.
    different : list of mapping
        Values by key; None takes one away.
    """

    numbers: list[int]
    places: list[int]
    different: list[Mapping[str, AnnotationValue | None]]


class NumberedSpool:
    """Values of items by their numbers, which can be gone through again and again."""

    def __init__(self) -> None:
        self._full: Pages[list[object]] = Pages()
        self._start()

    def _start(self) -> None:
        self._page = NumberedPage([], [], [])
        self._place: dict[int, int] = {}

    def add(self, number: int, values: Mapping[str, AnnotationValue | None]) -> None:
        """Add the values of one item; those that are one object are kept once."""
        page = self._page
        place = self._place.get(id(values))  # the page keeps it alive
        if place is None:
            place = self._place[id(values)] = len(page.different)
            page.different.append(values)
        page.numbers.append(number)
        page.places.append(place)
        if len(page.numbers) == PAGE:
            self._full.put(list(page))
            self._start()

    def pages(self) -> Iterator[NumberedPage]:
        """Go through all values, in pages; nothing may be added meanwhile."""
        for page in self._full:
            yield NumberedPage._make(page)
        if self._page.numbers:
            yield self._page

    def close(self) -> None:
        """Let go of the file."""
        self._full.close()
