"""Old objects are collected when nobody waits."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from bioimageit_flow.gui.memory import QuietCollector


def test_old_objects_wait_until_the_user_turns_away(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = gc.get_threshold()
    gc.set_threshold(100_000, 10, 10)  # as while the program starts
    before = gc.get_threshold()
    collector = QuietCollector(qapp)
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(1))
    try:
        young, middle, old = gc.get_threshold()
        assert (young, middle) == (2_000, 10)
        assert old > 1_000_000
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        assert not collected
        assert gc.get_freeze_count() > 10_000  # the program itself
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
        assert collected
        collector.release()
        assert gc.get_threshold() == before
        assert gc.get_freeze_count() == 0
    finally:
        gc.set_threshold(*original)
