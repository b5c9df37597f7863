from datetime import date, datetime

import pytest

from bioimageit_flow.model.keys import Key, KeyType, read_annotation

DOSE = Key("dose", KeyType.NUMBER, unit="µM")
CHOICE = Key("c", KeyType.CHOICE, choices=("drug", "control"))


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        (Key("t"), " 01 ", "01"),
        (Key("t"), 7, "7"),
        (Key("t"), 7.0, "7"),
        (Key("t"), True, "true"),
        (DOSE, "2.5", 2.5),
        (DOSE, "5 uM", 5),
        (DOSE, "5\u03bcM", 5),
        (DOSE, "1e3", 1000.0),
        (Key("n", KeyType.INTEGER), "3", 3),
        (Key("n", KeyType.INTEGER), 3.0, 3),
        (Key("b", KeyType.BOOLEAN), "Yes", True),
        (Key("b", KeyType.BOOLEAN), False, False),
        (Key("d", KeyType.DATE), "2026-11-22", "2026-11-22"),
        (Key("d", KeyType.DATE), datetime(2026, 11, 22), "2026-11-22"),
        (Key("d", KeyType.DATE), date(2026, 11, 22), "2026-11-22"),
        (CHOICE, "drug", "drug"),
    ],
)
def test_values_that_fit_are_kept(key: Key, given: object, kept: object) -> None:
    value = key.read(given)
    assert value == kept
    assert type(value) is type(kept)


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        (DOSE, "high", "takes a number"),
        (DOSE, "5 mM", "is in mM, but the key 'dose' is in µM"),
        (Key("n", KeyType.NUMBER), "5 mM", "is a number without a unit"),
        (DOSE, True, "takes a number"),
        (DOSE, float("nan"), "finite"),
        (Key("n", KeyType.INTEGER), "2.5", "whole number"),
        (Key("b", KeyType.BOOLEAN), "perhaps", "true or false"),
        (Key("b", KeyType.BOOLEAN), 1, "true or false"),
        (Key("d", KeyType.DATE), "22.11.2026", "a date such as"),
        (Key("d", KeyType.DATE), "2026-13-01", "a date such as"),
        (CHOICE, "Drug", "no choice of the key 'c', which has drug, control"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    key: Key, given: object, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        key.read(given)


@pytest.mark.parametrize(
    "key",
    [
        Key("1x"),
        Key(""),
        Key("t", unit="µm"),
        Key("c", KeyType.CHOICE),
        Key("t", choices=("a",)),
        Key("c", KeyType.CHOICE, choices=("a", "a")),
    ],
)
def test_declarations_that_contradict_themselves_are_refused(key: Key) -> None:
    with pytest.raises(ValueError, match=r"key|choice"):
        key.checked()


def test_undeclared_values_mean_what_people_type() -> None:
    assert read_annotation(None, "01") == "01"
    assert read_annotation(None, "5") == 5
    assert read_annotation(None, 2.0) == 2
    assert read_annotation(None, date(2026, 1, 2)) == "2026-01-02"
    with pytest.raises(ValueError, match="cannot be the value"):
        read_annotation(None, [1])
