"""Medians and sums of many numbers, none of which is kept in memory."""

import pytest

from bioimageit_flow.stores.scratch_database import ScratchDatabase
from bioimageit_flow.stores.spooled_numbers import SpooledNumbers


@pytest.mark.parametrize(
    ("values", "median"),
    [([], 0.0), ([3.5], 3.5), ([9, 1, 5], 5.0), ([4, 1, 2, 10], 3.0), ([2, 2], 2.0)],
)
def test_median_is_the_number_in_the_middle(values: list[float], median: float) -> None:
    spool = SpooledNumbers()
    for value in values:
        spool.add("a", value)
        spool.add("other", 1000 + value)
    assert spool.median("a") == median


def test_sizes_of_a_series_are_summed_once_for_each_key() -> None:
    spool = SpooledNumbers()
    for series, key, size in (
        ("a", "x", 5),
        ("a", "x", 5),
        ("a", "y", 7),
        ("b", "x", 1),
    ):
        spool.put(series, key, size)
    assert spool.sum_of_sizes("a") == 12
    assert spool.sum_of_sizes("b") == 1
    assert spool.sum_of_sizes("none") == 0


def test_database_that_cannot_be_used_says_so_as_a_file_does() -> None:
    database = ScratchDatabase("CREATE TABLE a (b);")
    database.close()
    with pytest.raises(OSError, match="closed"):
        database.execute("SELECT 1")
    with pytest.raises(OSError, match="syntax"):
        ScratchDatabase("CREATE TABEL a;")
