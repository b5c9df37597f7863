"""CSV: UTF-8, commas, a header, the same number of cells in every row.

Nothing is guessed: a file with semicolons or tabs is refused with what to do. Rows are
streamed, and no row is longer than `MAX_RECORD`.

Source: RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180).
"""

import csv
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TextIO

from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.table import Table, check_header, table_of_texts
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

MAX_RECORD = 2**26
"""Characters of the longest row; outlines of objects make long rows."""

_MEMORY_PER_BYTE = 20
_SAVE_AS_CSV = "Save it as CSV in UTF-8 with commas and a header."

csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))


class CsvReader:
    """Reads CSV; it has no signature, so that its name has to say it."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file is said to be CSV."""
        return sample.claim == "csv"

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind, having read the header line only."""
        with closing(_rows(sample.path)) as rows:
            next(rows)
        return DataInfo(Kind.TABLE, "csv")

    def verify(self, sample: Sample) -> None:
        """Go through all rows: each has as many cells as the header."""
        for _ in _rows(sample.path):
            pass

    def read_table(self, sample: Sample) -> Table:
        """Return all rows."""
        require_memory(_MEMORY_PER_BYTE * sample.size)
        header, *rows = _rows(sample.path)
        return table_of_texts(header, rows)


class _Lines:
    """Lines of a text, none of which is longer than a record may be."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._room = MAX_RECORD
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._room + 1)
        if not line:
            raise StopIteration
        self._room -= len(line)
        if self._room < 0:
            raise Refusal(
                f"has a row of more than {MAX_RECORD} characters", _SAVE_AS_CSV
            )
        self.number += 1
        return line

    def begin_record(self) -> None:
        self._room = MAX_RECORD


def _rows(path: Path) -> Generator[list[str], None, None]:
    """Yield the header, then every row; blank lines are left out."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = _Lines(stream)
        try:
            columns = 0
            for cells in csv.reader(lines, strict=True):
                lines.begin_record()
                if not cells:
                    continue
                if not columns:
                    columns = len(_checked_header(cells))
                elif len(cells) != columns:
                    raise Refusal(
                        f"has {len(cells)} cells in line {lines.number} where its "
                        f"header has {columns}",
                        "Give every row one cell per column, and quote cells that "
                        "hold a comma.",
                    )
                yield cells
        except UnicodeDecodeError as error:
            raise Refusal("is not UTF-8 text", _SAVE_AS_CSV) from error
        except csv.Error as error:
            raise Refusal(
                f"is not CSV: {error} (line {lines.number})", _SAVE_AS_CSV
            ) from error
        if not columns:
            raise Refusal("has no header", _SAVE_AS_CSV)


def _checked_header(cells: list[str]) -> tuple[str, ...]:
    if any("\0" in cell for cell in cells):
        raise Refusal("is not text", _SAVE_AS_CSV)
    if len(cells) == 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in cells[0]:
                raise Refusal(f"has {word} between its cells", _SAVE_AS_CSV)
    return check_header(cells)
