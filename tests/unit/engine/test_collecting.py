import gc

import pytest

from bioimageit_flow.engine.collecting import collecting_rarely


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
