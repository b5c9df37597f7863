"""Types of columns, and indexes, that mean the same in every database."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    Text,
)
from sqlalchemy.types import UserDefinedType

Words = Text().with_variant(Text(collation="C"), "postgresql")
"""Texts are compared character by character, everywhere and in every language."""

WholeKey = BigInteger().with_variant(Integer(), "sqlite")
# SQLite counts only a column declared INTEGER PRIMARY KEY.

TEXT_START = 200
"""So many characters of a text are in an index of PostgreSQL, which takes no long
ones."""


class Number(UserDefinedType[int | float]):
    """A number as it is: whole or not, compared without loss."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the name of the type."""
        return "NUMERIC"


ONLY_IN = "only_in"
"""What an index says of itself: the only database that has it."""


WHERE = "where"
"""In the info of an index of PostgreSQL: which rows stand in it."""


def index_in(
    dialect: str,
    name: str,
    *columns: Any,  # noqa: ANN401
    where: ColumnElement[bool] | None = None,
) -> Index:
    """Return an index that only one database has, of all rows or of some."""
    info: dict[str, object] = {ONLY_IN: dialect}
    if where is not None:
        info[WHERE] = where
    index = Index(name, *columns, info=info)
    return index.ddl_if(dialect)


def say_where(metadata: MetaData, connection: Connection, **_more: object) -> None:
    """Tell PostgreSQL, where it is to make the indexes, which rows stand in them.

    Told with the index itself, its whole dialect would be loaded by everybody.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.tables.values():
        for index in table.indexes:
            if WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = index.info[WHERE]
