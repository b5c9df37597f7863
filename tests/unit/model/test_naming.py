"""Published names: ASCII, short, unique without regard to case, fit for Windows."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bioimageit_flow.model.naming import (
    MAX_NAME,
    distinct_name,
    safe_name,
    split_name,
)

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789"
}
NAMES = (
    st.text(max_size=130)
    | st.text(alphabet="aA.-_ é中ﬁ¹\ud800/\\:", max_size=130)
    | st.from_regex(r"(con|NUL|com1|a)[. ][a-z.]{0,120}(\.ome\.tif)?", fullmatch=True)
)


def is_safe(name: str) -> bool:
    return (
        re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) is not None
        and len(name) <= MAX_NAME
        and not name.endswith(".")
        and name.partition(".")[0].lower() not in RESERVED
    )


@settings(deadline=None, max_examples=500)
@given(NAMES)
@example("con." + "a" * 96)
@example("中.ome.tif")
@example("")
@example("..")
@example("nul")
def test_safe_name_can_be_published_everywhere(name: str) -> None:
    assert is_safe(safe_name(name))


@settings(deadline=None, max_examples=500)
@given(NAMES)
def test_safe_name_keeps_a_safe_name(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe


@settings(deadline=None)
@given(
    st.lists(st.text("aAbé.", max_size=110).map(safe_name), max_size=8),
    st.text("abc012", min_size=1, max_size=8),
)
@example(["a." + "b" * 98] * 3, "x")
@example(["A.tif", "a.tif", "a.TIF"], "x")
def test_distinct_names_differ_without_regard_to_case(
    names: list[str], token: str
) -> None:
    taken: set[str] = set()
    given_names = [distinct_name(name, taken, token) for name in names]
    assert len({name.lower() for name in given_names}) == len(names)
    assert taken == {name.lower() for name in given_names}
    assert all(is_safe(name) for name in given_names)


@settings(deadline=None)
@given(st.text(alphabet="中文字ßøл", min_size=1), st.text("中文字ßøл", min_size=1))
def test_names_that_lose_letters_stay_different(one: str, other: str) -> None:
    assert (safe_name(f"{one}.tif") == safe_name(f"{other}.tif")) == (one == other)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cells.tif", "cells.tif"),
        ("my cells (1).ome.tif", "my_cells_1_.ome.tif"),
        ("Zellkörper.tif", "Zellkorper.tif"),
        ("--help.csv", "help.csv"),
        ("CON.tif", "_CON.tif"),
        ("aux.ome.tif", "_aux.ome.tif"),
        ("a/b\\c.png", "a_b_c.png"),
    ],
)
def test_safe_name_stays_recognisable(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    "name", ["中.tif", "中.ome.tif", "ﬁ中.tif", "x" * 200 + ".csv"]
)
def test_safe_name_keeps_the_extension(name: str) -> None:
    assert split_name(safe_name(name))[1] == split_name(name)[1]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.ome.tif", ("a", ".ome.tif")),
        ("a.OME.TIF", ("a", ".OME.TIF")),
        ("a.tif", ("a", ".tif")),
        ("a.b.czi", ("a.b", ".czi")),
        ("a", ("a", "")),
        (".tif", (".tif", "")),
        (".ome.tif", (".ome", ".tif")),
        ("", ("", "")),
    ],
)
def test_split_name_takes_ome_tif_for_one_extension(
    name: str, parts: tuple[str, str]
) -> None:
    assert split_name(name) == parts


def test_safe_name_keeps_within_another_limit() -> None:
    assert len(safe_name("x" * 200 + ".ome.tif", limit=40)) == 40
