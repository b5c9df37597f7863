from collections.abc import Mapping
from typing import Any

import pytest

from bioimageit_flow.workflow.document import WORKFLOW_SCHEMA
from bioimageit_flow.workflow.migrations import MIGRATIONS, migrate

Plain = Mapping[str, Any]


def to_two(value: Plain) -> tuple[Plain, tuple[str, ...]]:
    return {**value, "two": True}, ("Two is said now.",)


def to_three(value: Plain) -> tuple[Plain, tuple[str, ...]]:
    return {**value, "three": True}, ()


def test_old_files_are_brought_up_step_by_step_with_a_report() -> None:
    ways = {1: to_two, 2: to_three}

    assert migrate({"a": 1}, 1, 3, ways) == (
        {"a": 1, "two": True, "three": True},
        ("Two is said now.",),
    )
    assert migrate({"a": 1}, 2, 3, ways) == ({"a": 1, "three": True}, ())


def test_present_files_are_left_alone() -> None:
    value = {"a": 1}

    assert migrate(value, 3, 3, {}) == (value, ())


def test_every_published_version_can_be_read() -> None:
    current = int(WORKFLOW_SCHEMA.rpartition("/")[2])

    assert sorted(MIGRATIONS) == list(range(1, current))


def test_way_that_is_missing_is_no_silent_success() -> None:
    with pytest.raises(KeyError):
        migrate({}, 1, 3, {2: to_three})
