"""Values that are read whole before they are written, in memory or on disk.

What is written may be worked out from the very store that it is written to; so that
reading never waits for writing, everything is read first. Beyond some thousand items
it goes through a file, so that memory does not grow.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import TextIO, cast

from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.stores.places import writing as writing_at
from bioimageit_flow.stores.rows import chunks

PAGE = 5_000
"""How many items are written at once."""

Values = tuple[ItemId, Mapping[str, AnnotationValue | None]]
"""New annotations of one item; None takes one away."""


@contextmanager
def spooled(values: Iterable[Values]) -> Iterator[Iterator[list[Values]]]:
    """Read values to their end; give them in pages."""
    source = chunks(values, PAGE)
    first = next(source, [])
    second = next(source, None)
    if second is None:
        yield iter([first] if first else [])
        return
    with TemporaryFile("w+", encoding="utf-8", errors="surrogatepass") as stream:
        for page in (first, second):
            _write(stream, page)
        for page in source:
            _write(stream, page)
        stream.seek(0)
        yield (cast("list[Values]", json.loads(line)) for line in stream)


def _write(stream: TextIO, page: list[Values]) -> None:
    with writing_at(Path(gettempdir())):
        stream.write(json.dumps(page) + "\n")
