"""Types of columns, and indexes, that mean the same in every database."""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Text
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


def index_in(dialect: str, name: str, *columns: Any, **options: Any) -> Index:  # noqa: ANN401
    """Return an index that only one database has."""
    index = Index(name, *columns, info={ONLY_IN: dialect}, **options)
    return index.ddl_if(dialect)
