"""Order of versions, as https://semver.org has it in point 11."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioimageit_flow.catalogue.versions import is_version, precedence
from bioimageit_flow.model.described import VERSION

IN_ORDER = [
    "0.9.10",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-11",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.0+build.1",
    "1.0.1-a",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
]


@given(st.permutations(IN_ORDER))
def test_versions_are_put_in_order(shuffled: list[str]) -> None:
    assert sorted(shuffled, key=precedence) == IN_ORDER


@settings(max_examples=50, deadline=None)
@given(st.from_regex(VERSION, fullmatch=True))
def test_every_version_has_a_place(version: str) -> None:
    assert is_version(version)
    assert precedence(version) == precedence(version)


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-", "main"]
)
def test_other_texts_are_no_versions(text: str) -> None:
    assert not is_version(text)
