"""What a database does in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from bioimageit_flow.model.chosen import GoOn
from bioimageit_flow.model.query import Operator

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select, Table

Test: TypeAlias = "ColumnElement[bool]"


class BrokenReferences(NamedTuple):
    """Rows of a table that refer to rows that are gone."""

    table: str
    row: object
    target: str


class Dialect(Protocol):
    """What differs between databases; everything else is the same SQL."""

    numbers_rows: bool
    """Whether a key that is NULL is given by counting on from the last one."""

    jumps: bool
    """Whether an index leads to the next greater text of a key."""

    stops_sorting: bool
    """Whether sorting many rows can be broken off in its middle."""

    # Writing

    def insert_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values, as quickly as the driver can."""

    def replace_rows(
        self,
        connection: Connection,
        table: str,
        columns: Sequence[str],
        key: int,
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert rows of plain values, or replace those with the same key.

        Parameters
        ----------
        key : int
            How many of the columns, from the first on, are the key.
        """

    def upsert(self, table: Table) -> Any:  # noqa: ANN401 - of either database
        """Return an ``INSERT`` that may say what to do on a conflict."""

    def stream(
        self, connection: Connection, query: Select[Any], size: int
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Go through plain rows in pages: there may be millions, not all in memory."""

    # Queries

    def contains(self, text: ColumnElement[Any], part: str) -> Test:
        """Return the condition that a text has another in it."""

    def finds(
        self,
        connection: Connection,
        expression: str,
        text: ColumnElement[Any],
        candidates: Select[Any],
    ) -> Test:
        """Return the condition that a regular expression is found in a text.

        Parameters
        ----------
        connection : Connection
            In the transaction of the query.
        expression : str
            As `model.pattern` reads it.
        text : column
            Where it is looked for.
        candidates : Select
            All the texts that it may be looked for in.
        """

    def text_is(
        self, text: ColumnElement[Any], operator: Operator, values: Sequence[str]
    ) -> Test:
        """Return a condition that holds where a comparison of texts may hold.

        It leads to an index; the comparison itself is to be asked beside it.
        """

    def watched(
        self, connection: Connection, go_on: GoOn
    ) -> AbstractContextManager[None]:
        """Break off what the connection does inside once `go_on` says False."""

    # The schema

    def is_empty(self, connection: Connection) -> bool:
        """Say whether nothing was made in the database yet."""

    def version(self, connection: Connection) -> int | None:
        """Return the schema version; None where it is no store of ours."""

    def set_version(self, connection: Connection, version: int) -> None:
        """Mark the database as a store of a schema version, beside ``meta``."""

    def forbid_changes(self, connection: Connection, table: Table) -> None:
        """Make the database refuse to change the rows of a table."""

    def allow_changes(self, connection: Connection, table: Table) -> None:
        """Take back `forbid_changes`, to bring a table up to date."""

    # Checks

    def damage(self, connection: Connection) -> Iterator[str]:
        """Go through what cannot be read, as sentences."""

    def broken_references(self, connection: Connection) -> Iterable[BrokenReferences]:
        """Go through the rows that refer to what is gone."""

    def schema_faults(self, connection: Connection) -> Iterator[str]:
        """Go through tables, indexes and triggers that are not as they should be."""

    def statement(self, standard: str) -> str:
        """Return a statement of standard SQL as the database takes it."""

    def json_text(self, column: str) -> str:
        """Return the expression of the text that a JSON text stands for."""

    unsorted_annotations: str
    """Finds annotations whose text and number are not those of their value: uuid of the
    item, and key."""
