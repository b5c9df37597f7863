import gc
from collections.abc import Iterator

import pytest

from bioimageit_flow.engine.collecting import collecting_rarely


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """Collect as Python does by itself, whatever ran in this process before."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_garbage_is_collected_as_before_once_a_run_is_over() -> None:
    before = gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()

    with collecting_rarely():
        assert gc.get_threshold() > before[0]
        assert gc.get_freeze_count() > before[1]
        assert gc.isenabled()
        with collecting_rarely():
            pass
        assert gc.get_freeze_count() > before[1]

    assert (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()) == before


def test_garbage_is_collected_as_before_after_an_error() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()

    with pytest.raises(ValueError, match="the run"), collecting_rarely():
        raise ValueError("the run")

    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_garbage_that_is_collected_rarely_is_not_collected_more_often() -> None:
    gc.set_threshold(100_000, 10, 10)

    with collecting_rarely():
        assert gc.get_threshold() == (100_000, 20, 20)

    assert gc.get_threshold() == (100_000, 10, 10)
