"""Keys and kinds of nothing are named, with those that may be meant."""

import pytest

from bioimageit_flow.model.query import doubts, parse


@pytest.mark.parametrize(
    ("query", "known", "words"),
    [
        ("dose > 5 and name ~ a", ["dose"], []),
        ("not conditon = drug", ["condition", "dose"], ["did you mean 'condition'?"]),
        ("datset = raw", ["dose"], ["did you mean 'dataset'?"]),
        ("exists x", ["dose", "well"], ["there are 'dose', 'well'."]),
        ("x = 1", [], ["no item is annotated yet."]),
        ("a = 1 or b = 2", ["b"], ["No item has the key 'a'"]),
        ("kind = imag", [], ["There is no kind 'imag'; did you mean 'image'?"]),
        ("kind in (labels, 7)", [], ["There is no kind '7'; there are 'image',"]),
        ("kind != image and not kind ~ ima and kind < b", [], []),
        ("kind = tabel or kind != tabel", [], ["did you mean 'table' or"]),
    ],
)
def test_each_unknown_word_has_a_sentence(
    query: str, known: list[str], words: list[str]
) -> None:
    found = doubts(parse(query), known)

    assert len(found) == len(words)
    for sentence, word in zip(found, words, strict=True):
        assert word in sentence
