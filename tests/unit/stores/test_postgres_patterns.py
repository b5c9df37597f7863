"""What PostgreSQL is asked to find is what we would find."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.pattern import PatternError, pattern
from bioimageit_flow.stores.dialects.postgres_patterns import translated
from bioimageit_flow.stores.server import new_server
from bioimageit_flow.stores.sql import SqlStore
from tests.private_postgres import PrivateServer

atoms = st.sampled_from(
    [
        *"abAzZ09_- äß\U0001f600",
        *(".", "[a-c]", "[^a-c]", "[0-9A]", "[^_ ]", r"\.", r"\-", r"\$"),
        *(r"\d", r"\w", r"[\w]", "(?i)", r"\1", "(?=a)", "[[:alpha:]]", "*", "{"),
    ]
)
repeats = st.sampled_from(
    ["", "", "", "*", "+", "?", "*?", "++", "{2}", "{1,3}", "{,2}"]
)
pieces = st.tuples(atoms, repeats).map("".join)
parts = st.lists(pieces, max_size=4).map("".join)
choices = st.lists(parts, min_size=1, max_size=3).map("|".join)
groups = st.tuples(parts, st.sampled_from(["(", "(?:", "(?P<x>"]), choices, parts).map(
    lambda one: f"{one[0]}{one[1]}{one[2]}){one[3]}"
)
expressions = st.tuples(
    st.sampled_from(["", "^"]), choices | groups, st.sampled_from(["", "$"])
).map("".join)
texts = st.text(st.sampled_from("abcAzZ019_- .$äß\n\\\U0001f600"), max_size=6)


@pytest.fixture(scope="module")
def searched(
    postgres_server: PrivateServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    place = new_server(postgres_server.url(), tmp_path_factory.mktemp("x"), "x")
    with closing(SqlStore.create(place, "x")) as store:
        yield store


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(expression=expressions, text=texts)
@example(expression="a$", text="a\n")
@example(expression="a$", text="a\nb")
@example(expression=".", text="\n")
@example(expression="^$", text="\n")
@example(expression="a|b$", text="b\n")
@example(expression="[^a]", text="\n")
def test_translated_expressions_find_the_same(
    searched: SqlStore, expression: str, text: str
) -> None:
    try:
        search = pattern(expression)
    except PatternError:
        return
    meant = translated(expression)
    if meant is None:
        return
    with searched._database.reading() as connection:
        found = connection.exec_driver_sql(
            'SELECT %s COLLATE "C" ~ %s', (text, meant)
        ).scalar()
    assert found is search.is_in(text)


@pytest.mark.parametrize(
    "expression", ["^img_[0-9]+$", "drug|water", r"a\.tif", "(a|b)c", "x.y", "^[a-z]"]
)
def test_plain_expressions_are_left_to_the_server(expression: str) -> None:
    assert translated(expression) is not None


@pytest.mark.parametrize(
    "expression",
    [
        *(r"\d", r"\w+", r"\bx", "(?i)a", "a++", "(?=a)", r"(a)\1", "[[:alpha:]]"),
        *("a{300}", "a^", "$a", "(^a)", "a||b", "()", "[à-é]", "\t", "x{,3}", "a**"),
    ],
)
def test_what_differs_or_might_is_not(expression: str) -> None:
    assert translated(expression) is None
