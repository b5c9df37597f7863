import pytest

from bioimageit_flow.errors import QueryError
from bioimageit_flow.model.query import (
    All,
    AnyOf,
    Comparison,
    Exists,
    Literal,
    Not,
    Operator,
    Target,
    parse,
)


def test_the_example_of_the_help_is_read() -> None:
    query = parse('condition = "drug" and dose >= 5 and not name ~ "test"')
    assert query.condition == All(
        (
            Comparison(Target("condition"), Operator.EQUAL, (Literal("drug"),)),
            Comparison(Target("dose"), Operator.AT_LEAST, (Literal(5, "5"),)),
            Not(Comparison(Target("name", True), Operator.FOUND, (Literal("test"),))),
        )
    )
    assert query.keys == {"condition", "dose"}
    assert query.facts == {"name"}


def test_and_binds_more_than_or_and_parentheses_bind_most() -> None:
    one, two, three = (parse(f"{key} = 1").condition for key in "abc")
    assert parse("a=1 or b=1 and c=1").condition == AnyOf((one, All((two, three))))
    assert parse("(a=1 or b=1) and c=1").condition == All((AnyOf((one, two)), three))


@pytest.mark.parametrize(
    "text", ["a not in (1, '2')", "A NOT IN (1,'2')".replace("A", "a")]
)
def test_keywords_have_any_case(text: str) -> None:
    condition = parse(text).condition
    assert condition == Comparison(
        Target("a"), Operator.NOT_AMONG, (Literal(1, "1"), Literal("2"))
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('"cell line" = HeLa', "cell line"),
        ("'and' = 1", "and"),
        ('"name" = x', "name"),
        ("größe = 1", "größe"),
        ("exists ('µ m')", "µ m"),
    ],
)
def test_keys_may_be_anything_that_can_be_a_key(text: str, key: str) -> None:
    assert parse(text).keys == {key}
    assert parse(text).facts == frozenset()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("2.5e1", 25.0),
        ("01", "01"),
        ("2026-11-22", "2026-11-22"),
        ("true", True),
        ('"true"', "true"),
        (r'"a \"b\" \\"', 'a "b" \\'),
        ("'it''", None),
    ],
)
def test_values_are_read_as_annotations_are(text: str, value: object) -> None:
    if value is None:
        with pytest.raises(QueryError, match="never closed"):
            parse(f"a = {text}")
        return
    condition = parse(f"a = {text}").condition
    assert isinstance(condition, Comparison)
    assert condition.literals[0].value == value
    assert type(condition.literals[0].value) is type(value)


def test_exists_stands_before_its_key() -> None:
    assert parse("exists dose").condition == Exists(Target("dose"))
    assert parse("not exists run").condition == Not(Exists(Target("run", True)))


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "it is empty"),
        ("dose 5", 5, "a comparison such as"),
        ("dose >=", 7, "a value is expected after '>='"),
        ("(a = 1", 6, "')' is expected for the '(' at character 1"),
        ("a = 1)", 5, "'and', 'or' or the end is expected"),
        ('a = "x', 4, "never closed"),
        ("and = 3", 0, "quote it if it is one"),
        ("a = or", 4, "quote it if it is one"),
        ("a in 3", 5, "'(' and values after 'in'"),
        ("a in (1,)", 8, "a value is expected after ','"),
        ("a in (1 2)", 8, "',' or ')' is expected"),
        ("!a = 1", 0, "'!' stands for nothing"),
        ("`a` = 1", 0, "quoted with"),
        ('name ~ "(b"', 10, "no regular expression"),
        ("1a = 2", 0, "is not a key"),
        ('"" = 2', 0, "is not a key"),
        ("a = 1 b = 2", 6, "'and', 'or' or the end is expected"),
        ("a = 1; drop table items", 7, "'and', 'or' or the end is expected"),
        ("not", 3, "a key or 'name' is expected"),
        ("exists and", 7, "a key or 'name' is expected after 'exists'"),
    ],
)
def test_a_mistake_is_named_with_its_position(
    text: str, position: int, words: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert error.position == position
    assert f"at character {position + 1}:" in error.message
    assert words in error.message
    assert error.remedy
    assert error.__notes__ == [f"{text}\n{' ' * position}^"]


def test_size_is_bounded() -> None:
    with pytest.raises(QueryError, match="at most 20000 characters"):
        parse("a = " + "x" * 20_000)
    with pytest.raises(QueryError, match="at most 200 comparisons"):
        parse(" or ".join(["a = 1"] * 201))
    with pytest.raises(QueryError, match="more than 40 deep"):
        parse("(" * 41 + "a = 1" + ")" * 41)
    with pytest.raises(QueryError, match="at most 1000 values"):
        parse(f"a in ({', '.join(['1'] * 1001)})")
    with pytest.raises(QueryError, match="at most 500 characters"):
        parse(f"a ~ {'x' * 501}")
    assert parse("not " * 4_000 + "a = 1").condition == parse("a = 1").condition
