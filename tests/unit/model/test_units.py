"""Sizes and times as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.model.units import (
    format_bytes,
    format_seconds,
    parse_bytes,
    parse_seconds,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1 GiB", 2**30),
        ("512 MiB", 512 * 2**20),
        ("2 GB", 2 * 10**9),
        ("1.5 KiB", 1536),
        ("0.1 GB", 10**8),
        ("100B", 100),
        (" 3 gib ", 3 * 2**30),
        ("9007199254740993 B", 9007199254740993),
    ],
)
def test_parse_bytes_is_exact(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    "text", ["", "1", "GiB", "-1 GiB", "1 Gi", "1,5 GiB", "1e3 B", "9" * 400 + " TiB"]
)
def test_parse_bytes_refuses_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as '512 MiB'"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90 s", 90), ("10 min", 600), ("1.5 h", 5400), ("1d", 86400)]
)
def test_parse_seconds(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "10 m", "1 H", "forever", "9" * 400 + " s"])
def test_parse_seconds_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as '90 s'"):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (2**20 - 1, "1.0 MiB"),
        (5 * 2**30, "5.0 GiB"),
        (2**52, "4096.0 TiB"),
    ],
)
def test_format_bytes(size: int, text: str) -> None:
    assert format_bytes(size) == text


@given(st.integers(0, 2**60))
def test_formatted_size_is_about_the_size(size: int) -> None:
    assert parse_bytes(format_bytes(size)) == pytest.approx(size, rel=0.06)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (80, "1 min 20 s"),
        (3599.6, "1 h 0 min"),
        (7380, "2 h 3 min"),
    ],
)
def test_format_seconds(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text
