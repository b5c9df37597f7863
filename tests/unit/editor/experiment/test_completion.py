import pytest

from bioimageit_flow.editor.experiment.completion import (
    Vocabulary,
    complete,
    mistake,
    quoted,
)
from bioimageit_flow.model.keys import Key, KeyType, KeyUse

KNOWN = Vocabulary(
    keys=(
        KeyUse("condition", None, items=40, texts=40),
        KeyUse("dose", Key("dose", KeyType.NUMBER, unit="µM"), items=40, numbers=40),
        KeyUse("cell line", None, items=1, texts=1),
        KeyUse("is_good", Key("is_good", KeyType.BOOLEAN)),
        KeyUse("stage", Key("stage", KeyType.CHOICE, choices=("early", "late one"))),
    ),
    values={"condition": ("control", "drug"), "dose": (0, 2.5, 10)},
    facts={"dataset": ("raw", "day 2")},
)


def texts(query: str, cursor: int | None = None) -> list[str]:
    found = complete(query, len(query) if cursor is None else cursor, KNOWN)
    return [option.text for option in found.options]


def test_an_empty_query_offers_keys_before_facts() -> None:
    assert texts("")[:3] == ["condition", "dose", '"cell line"']
    assert "name" in texts("")
    assert "exists" in texts("")


def test_what_begins_as_typed_comes_first() -> None:
    assert texts("do") == ["dose"]
    assert texts("n")[:2] == ["name", "node"]
    assert "condition" in texts("n")


def test_after_a_key_come_the_operators_that_fit_its_type() -> None:
    assert texts("dose ")[:3] == ["=", "!=", "<"]
    assert "<" not in texts("condition ")
    assert "in (" in texts("condition ")


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("condition = ", ["control", "drug"]),
        ("dose >= ", ["0", "2.5", "10"]),
        ("is_good = ", ["true", "false"]),
        ("stage = ", ["early", '"late one"']),
        ("dataset = ", ["raw", '"day 2"']),
        ("condition in (", ["control", "drug"]),
        ("condition in (control, ", ["control", "drug"]),
        ('"condition" = ', ["control", "drug"]),
        ("condition not in (", ["control", "drug"]),
        ("condition = dr", ["drug"]),
    ],
)
def test_values_of_the_key_are_offered(query: str, options: list[str]) -> None:
    assert texts(query) == options


def test_a_quoted_name_of_a_fact_is_a_key() -> None:
    assert texts('"dataset" = ') == []


def test_after_a_comparison_another_is_joined() -> None:
    assert texts("dose = 5 ") == ["and", "or"]
    assert texts("(dose = 5 ") == ["and", "or", ")"]
    assert texts("dose = 5 and ")[0] == "condition"
    assert texts("exists dose and ")[0] == "condition"
    assert texts("condition in (drug ") == [",", ")"]


def test_what_is_finished_is_not_offered_again() -> None:
    assert texts("condition = drug") == []


def test_an_option_takes_the_place_of_the_word_at_the_cursor() -> None:
    query = "cond = drug"
    found = complete(query, 4, KNOWN)
    text, cursor = found.put(query, found.options[0])
    assert text == "condition = drug"
    assert cursor == len("condition")


def test_an_opening_parenthesis_is_followed_by_no_space() -> None:
    query = "condition i"
    found = complete(query, len(query), KNOWN)
    assert found.put(query, found.options[0]) == ("condition in (", 14)


def test_taking_options_alone_makes_a_query_that_can_be_read() -> None:
    query = ""
    for wanted in ('"cell line"', "!=", None, "and", "dose", ">", "2.5"):
        if wanted is None:
            query += "HeLa "
            continue
        found = complete(query, len(query), KNOWN)
        option = next(one for one in found.options if one.text == wanted)
        query, _ = found.put(query, option)
    assert query == '"cell line" != HeLa and dose > 2.5 '
    assert mistake(query) is None


def test_a_mistake_tells_where_it_is() -> None:
    error = mistake("dose = = 5")
    assert error is not None
    assert error.position == 7
    assert mistake("  ") is None


@pytest.mark.parametrize(
    ("text", "written"),
    [("drug", "drug"), ("a b", '"a b"'), ("and", '"and"'), ('x"y', '"x\\"y"')],
)
def test_texts_are_quoted_where_they_need_it(text: str, written: str) -> None:
    assert quoted(text) == written
    assert mistake(f"k = {written}") is None


def test_a_key_that_is_called_as_a_fact_is_quoted() -> None:
    assert quoted("name", is_key=True) == '"name"'
    assert quoted("name") == "name"
