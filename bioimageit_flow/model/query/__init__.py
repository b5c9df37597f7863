"""Queries: which items are meant, in one line.

``condition = "drug" and dose >= 5 and not name ~ "test"``

* comparisons: ``= != < <= > >=``, ``~`` and ``!~`` (a regular expression is, or is not,
  found in the value), ``in (a, b)``, ``not in (a, b)``, ``exists key``;
* ``and``, ``or``, ``not`` and parentheses;
* ``name``, ``kind``, ``format``, ``dataset``, ``node``, ``port``, ``run`` and ``id``
  ask for facts of the item; every other word, and every quoted one, is the key of an
  annotation: ``"cell line" = HeLa``, ``"name" = x``;
* texts are quoted with ``"`` or ``'`` and may be bare where they have no spaces: what
  is bare is read as annotations are (``5``, ``true``, ``01`` is text), and equals a
  number and the same text alike.

An item that lacks a key meets no comparison with it, so that ``dose != 5`` leaves it
out and ``not dose = 5`` takes it. Annotations of the items that an item was made from
count as its own unless it has its own; where they differ, a comparison holds if it
holds for one of them. Numbers are larger or smaller than numbers only, texts (also
dates such as ``2026-11-22``) than texts.

`parse` reads a query; `Query.matches` evaluates it in memory; stores compile the same
tree to SQL.
"""

from bioimageit_flow.model.query.doubts import doubts
from bioimageit_flow.model.query.parsing import RESERVED, parse
from bioimageit_flow.model.query.tree import (
    FACTS,
    All,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    Facts,
    Literal,
    Not,
    Operator,
    Query,
    Target,
    facts_of,
)

__all__ = [
    "FACTS",
    "RESERVED",
    "All",
    "AnyOf",
    "Comparison",
    "Condition",
    "Exists",
    "Facts",
    "Literal",
    "Not",
    "Operator",
    "Query",
    "Target",
    "doubts",
    "facts_of",
    "parse",
]
