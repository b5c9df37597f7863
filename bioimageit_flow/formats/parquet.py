"""Parquet: its signature always, its rows where pyarrow is installed.

Source: https://parquet.apache.org/docs/file-format/
"""

import struct
from importlib import import_module
from types import ModuleType

from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.table import Table, check_header, table_of_values
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

SIGNATURE = b"PAR1"

_FOOTER = struct.Struct("<I4s")
_MEMORY_PER_VALUE = 100


class ParquetReader:
    """Reads Parquet as a table."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like Parquet."""
        return sample.head.startswith(SIGNATURE)

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind, having checked that the footer is there."""
        with sample.path.open("rb") as stream:
            stream.seek(max(sample.size - _FOOTER.size, 0))
            tail = stream.read(_FOOTER.size)
        if len(tail) < _FOOTER.size or sample.size < _FOOTER.size + len(SIGNATURE):
            raise Refusal("is truncated: its footer is missing")
        length, signature = _FOOTER.unpack(tail)
        if signature != SIGNATURE or length + _FOOTER.size > sample.size:
            raise Refusal("is truncated: its footer is missing")
        return DataInfo(Kind.TABLE, "parquet")

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: the footer is written last."""

    def read_table(self, sample: Sample) -> Table:
        """Return all rows.

        Raises
        ------
        Refusal
            If pyarrow is not installed, or cannot read the file.
        """
        self.probe(sample)
        parquet = _pyarrow_parquet()
        try:
            with parquet.ParquetFile(sample.path) as file:
                values = file.metadata.num_rows * file.metadata.num_columns
                require_memory(_MEMORY_PER_VALUE * values)
                table = file.read()
                columns = check_header([str(name) for name in table.column_names])
                return table_of_values(
                    columns, [column.to_pylist() for column in table.columns]
                )
        except (ValueError, OSError, NotImplementedError) as error:
            reason = str(error).splitlines()[0] if str(error) else "it is damaged"
            raise Refusal(f"cannot be read: {reason}", EXPORT_AGAIN) from error


def _pyarrow_parquet() -> ModuleType:
    try:
        return import_module("pyarrow.parquet")
    except ImportError as error:
        raise Refusal(
            "is Parquet, which needs a library that is not installed",
            "Install it with 'pip install pyarrow', or save the table as CSV.",
        ) from error
