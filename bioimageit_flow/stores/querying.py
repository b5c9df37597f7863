"""Queries as SQL: conditions with bound parameters, never pasted texts."""

from collections.abc import Callable
from functools import partial
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)

from bioimageit_flow.model.pattern import is_plain
from bioimageit_flow.model.query import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    Literal,
    Not,
    Operator,
    Query,
)
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.columns import Number
from bioimageit_flow.stores.dialects import dialect_of

Test = ColumnElement[bool]

_ORDERS: dict[Operator, Callable[[Any, Any], Test]] = {
    Operator.LESS: lambda one, other: one < other,
    Operator.AT_MOST: lambda one, other: one <= other,
    Operator.MORE: lambda one, other: one > other,
    Operator.AT_LEAST: lambda one, other: one >= other,
}

_OF_ITEMS = {
    "name": schema.items.c.name,
    "kind": schema.items.c.kind,
    "format": schema.items.c.format,
    "id": schema.items.c.uuid,
}

_OF_DATASETS = {
    "dataset": (schema.datasets.c.name,),
    "node": (schema.datasets.c.node,),
    "port": (schema.datasets.c.port,),
    "run": (schema.runs.c.uuid, schema.runs.c.folder, schema.runs.c.name),
}


IsDense = Callable[[Select[Any]], bool]
"""Says whether a query finds so much that each candidate is better looked at."""


def condition_of(
    connection: Connection,
    query: Query,
    *,
    has_lineage: bool,
    is_dense: IsDense = lambda _found: False,
) -> Test:
    """Return the condition on ``items`` that a query is.

    Parameters
    ----------
    connection : Connection
        In the transaction that the condition is for.
    query : Query
        What was asked.
    has_lineage : bool
        Whether some of the items may descend from others, whose annotations they see.
    is_dense : callable
        Told which items have an annotation that is asked for: where these are most, a
        page is found sooner when it is looked at one item after another.
    """
    return _Compiler(connection, has_lineage, is_dense).test(query.condition)


class _Compiler:
    def __init__(
        self, connection: Connection, has_lineage: bool, is_dense: IsDense
    ) -> None:
        self._connection, self._dialect = connection, dialect_of(connection)
        self._has_lineage, self._is_dense = has_lineage, is_dense
        self._count = 0

    def test(self, condition: Condition) -> Test:
        match condition:
            case Comparison(target):
                if target.is_fact:
                    return self._fact(target.name, partial(self._of_text, condition))
                if condition.operator in (Operator.FOUND, Operator.NOT_FOUND):
                    return self._found(condition)
                return self._annotation(target.name, self._of_annotation(condition))
            case Exists(target):
                if target.is_fact:
                    return self._fact(target.name, lambda text, _: text.is_not(None))
                return self._annotation(target.name, None)
            case Not(inner):
                return not_(self.test(inner))
            case All(conditions):
                return and_(*(self.test(one) for one in conditions))
            case AnyOf(conditions):
                return or_(*(self.test(one) for one in conditions))
            case _:
                assert_never(condition)

    def _annotation(self, key: str, test: Test | None) -> Test:
        """Return the condition that some value that an item sees meets a test."""
        table, items = schema.annotations, schema.items
        own = select(table.c.item_id.label("id")).where(table.c.key == key)
        if test is not None:
            own = own.where(test)
            if not self._has_lineage and self._is_dense(own):
                mine = own.where(table.c.item_id == items.c.id)
                return mine.correlate(items).exists()
        return self._seen(key, own)

    def _found(self, comparison: Comparison) -> Test:
        """Return the condition that an expression is found in some value.

        It is looked for once in each different text, of which a key mostly has few.
        """
        table, key = schema.annotations, comparison.target.name
        self._count += 1
        texts = (
            select(table.c.text)
            .where(table.c.key == key, table.c.text.is_not(None))
            .distinct()
            .cte(f"texts_{self._count}")
            .prefix_with("MATERIALIZED")
        )
        each = select(table.c.text).where(table.c.key == key)
        found = self._finds(comparison, texts.c.text, each)
        among = select(texts.c.text).where(found)
        rest = select(table.c.value).where(table.c.key == key, table.c.text.is_(None))
        id_ = table.c.item_id.label("id")
        # Two queries, so that the first needs no more than the index.
        both = union_all(
            select(id_).where(table.c.key == key, table.c.text.in_(among)),
            select(id_).where(
                table.c.key == key,
                table.c.text.is_(None),
                self._finds(comparison, table.c.value, rest),
            ),
        ).subquery()
        return self._seen(key, select(both.c.id))

    def _seen(self, key: str, own: Select[Any]) -> Test:
        """Return the condition that an item is among some, or sees their values.

        An item sees its own value, else those of the items that it was made from: so
        the items that meet it are found from the top of the lineage downwards.
        """
        table, items = schema.annotations, schema.items
        if not self._has_lineage:
            return items.c.id.in_(own)
        self._count += 1
        met = own.cte(f"met_{self._count}", recursive=True)
        passed = schema.edge_executions.alias()
        child, childs = items.alias(), table.alias()
        has_own = exists().where(childs.c.item_id == child.c.id, childs.c.key == key)
        step = (
            select(child.c.id)
            .join_from(met, passed, passed.c.item_id == met.c.id)
            .join(child, child.c.job_id == passed.c.job_id)
            .where(not_(has_own))
        )
        met = met.union(step)
        return items.c.id.in_(select(met.c.id))

    def _finds(
        self,
        comparison: Comparison,
        text: ColumnElement[Any],
        candidates: Select[Any],
    ) -> Test:
        """Return the condition that an expression is found in a text, or is not."""
        expression = str(comparison.literals[0].value)
        found = (
            self._dialect.contains(text, expression)
            if is_plain(expression)
            else self._dialect.finds(self._connection, expression, text, candidates)
        )
        return not_(found) if comparison.operator is Operator.NOT_FOUND else found

    def _fact(
        self, name: str, test: Callable[[ColumnElement[str], Select[Any]], Test]
    ) -> Test:
        """Return the condition that a fact of an item meets a test.

        The test is given the column of the fact, and what selects all that is in it.
        """
        if name in _OF_ITEMS:
            column: ColumnElement[Any] = _OF_ITEMS[name]
            return test(column, select(column))
        table = schema.datasets
        columns: tuple[ColumnElement[Any], ...] = _OF_DATASETS[name]
        found = (
            select(table.c.id)
            .outerjoin_from(table, schema.runs, schema.runs.c.id == table.c.run_id)
            .where(or_(*(test(column, select(column)) for column in columns)))
        )
        return schema.items.c.dataset_id.in_(found)

    def _of_text(
        self,
        comparison: Comparison,
        text: ColumnElement[str],
        candidates: Select[Any],
    ) -> Test:
        """Return the test of a text that is always there, or NULL."""
        operator, literals = comparison.operator, comparison.literals
        match operator:
            case Operator.EQUAL | Operator.AMONG:
                return text.in_(_texts(literals))
            case Operator.UNEQUAL | Operator.NOT_AMONG:
                return and_(text.is_not(None), text.not_in(_texts(literals)))
            case Operator.FOUND | Operator.NOT_FOUND:
                return self._finds(comparison, text, candidates)
            case _:
                value = literals[0].value
                is_text = isinstance(value, str)
                return _ORDERS[operator](text, value) if is_text else false()

    def _of_annotation(self, comparison: Comparison) -> Test:
        """Return the test of one row of ``annotations``."""
        text, number = schema.annotations.c.text, schema.annotations.c.number
        operator, literals = comparison.operator, comparison.literals
        match operator:
            case Operator.EQUAL | Operator.AMONG:
                return self._equals(literals)
            case Operator.UNEQUAL | Operator.NOT_AMONG:
                return func.coalesce(self._equals(literals), false()) == false()
            case _:
                value = literals[0].value
                if isinstance(value, bool):
                    return false()
                if isinstance(value, str):
                    near = self._dialect.text_is(text, operator, [value])
                    return and_(near, _ORDERS[operator](text, value))
                return _number_is(_ORDERS[operator](number, _number(value)))

    def _equals(self, literals: tuple[Literal, ...]) -> Test:
        table = schema.annotations
        tests: list[Test] = []
        if texts := _texts(literals):
            near = self._dialect.text_is(table.c.text, Operator.AMONG, texts)
            tests.append(and_(near, table.c.text.in_(texts)))
        numbers = [one.number for one in literals if one.number is not None]
        if len(numbers) == 1:
            tests.append(_number_is(table.c.number == _number(numbers[0])))
        elif numbers:
            tests.append(_number_is(table.c.number.in_(numbers)))
        words = {
            str(one.value).lower() for one in literals if isinstance(one.value, bool)
        }
        if words:
            tests.append(table.c.value.in_(sorted(words)))
        return or_(*tests) if tests else false()


def _number_is(test: Test) -> Test:
    # Numbers have no text; said so that the index leads to them.
    return and_(schema.annotations.c.text.is_(None), test)


def _number(value: int | float) -> ColumnElement[Any]:
    return bindparam(None, value, Number(), unique=True)


def _texts(literals: tuple[Literal, ...]) -> list[str]:
    return [text for one in literals for text in one.texts]
