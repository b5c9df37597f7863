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
from typing import IO, cast

from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.places import writing as writing_at

PAGE = 5_000
"""How many items are written at once."""

Values = tuple[ItemId, Mapping[str, AnnotationValue | None]]
"""New annotations of one item; None takes one away."""


class Spool:
    """Values of items, which can be gone through as often as wanted.

    The file, if there is one, goes with the object, at the latest.
    """

    def __init__(self, values: Iterable[Values] = ()) -> None:
        self._page: list[Values] = []
        self._stream: IO[str] | None = None
        for one in values:
            self.add(one)

    def add(self, values: Values) -> None:
        """Add the values of one item."""
        if len(self._page) == PAGE:
            self._write(self._page)
            self._page = []
        self._page.append(values)

    def __iter__(self) -> Iterator[Values]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Values]]:
        """Go through all values, in pages; nothing may be added meanwhile."""
        if self._stream is not None:
            self._stream.seek(0)
            for line in self._stream:
                yield cast("list[Values]", json.loads(line))
        if self._page:
            yield self._page

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, page: list[Values]) -> None:
        with writing_at(Path(gettempdir())):
            if self._stream is None:
                self._stream = TemporaryFile(  # noqa: SIM115 - closed by `close`
                    "w+", encoding="utf-8", errors="surrogatepass"
                )
            self._stream.write(json.dumps(page) + "\n")
