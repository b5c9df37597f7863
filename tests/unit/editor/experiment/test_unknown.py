"""Keys that no item has are named, with those that are spelled like them."""

import pytest

from bioimageit_flow.editor.experiment.unknown import UnknownKey, unknown_keys
from bioimageit_flow.model.keys import Key, KeyUse

KEYS = (
    KeyUse("condition", Key("condition"), 5),
    KeyUse("Dose", Key("Dose"), 5),
    KeyUse("declared", Key("declared"), 0),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ()),
        ("condition =", ()),
        ("condition = drug and name ~ x", ()),
        ("conditon = drug", (UnknownKey("conditon", ("condition",)),)),
        ("dose > 1", (UnknownKey("dose", ("Dose",)),)),
        ("nmae = x", (UnknownKey("nmae", ("name",)),)),
        ("declared = 1", (UnknownKey("declared"),)),
        ("exists zz or not yy = 1", (UnknownKey("yy"), UnknownKey("zz"))),
    ],
)
def test_unknown_keys(query: str, found: tuple[UnknownKey, ...]) -> None:
    assert unknown_keys(query, KEYS) == found
