"""The benchmark of a watched run works, and updates come ten times a second at most."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.benchmarks.watched_run import watch


def test_window_is_updated_ten_times_a_second_at_most(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])  # where the tools of the run are found

    found = watch(tmp_path, 400)

    assert found.jobs == 400
    assert found.updates > 2
    assert found.most_updates_per_s <= 10
    assert found.largest_block_ms > 0
