"""Tests of the window run without a display and leave nothing behind.

The platform is chosen before Qt is loaded; set ``QT_QPA_PLATFORM`` to watch a test.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.window import MainWindow


@pytest.fixture(autouse=True)
def nothing_is_left(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail a test that leaves a top-level widget or a running timer behind."""
    started: WeakSet[QTimer] = WeakSet()
    start = QTimer.start

    def remembered(timer: QTimer, *arguments: int) -> None:
        started.add(timer)
        start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", remembered)
    before = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    left = [
        f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in before
    ]
    assert not left, f"the test left these widgets: {left}"
    running = [timer for timer in started if _is_running(timer)]
    assert not running, f"the test left these timers running: {running}"


def _is_running(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # Qt has deleted it
        return False


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace that remembers nothing of the user of this machine."""
    made = Workspace(folder=tmp_path / "state")
    yield made
    made.end()


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, workspace: Workspace
) -> Iterator[MainWindow]:
    """Return the window, shown, with its tools and examples read."""
    apply_theme(qapp, LIGHT)
    background = Background()
    made = MainWindow(workspace, background, LIGHT)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    qtbot.waitUntil(lambda: background.is_idle, timeout=30_000)
    yield made
    for editor in workspace.unsaved():
        workspace.close(editor)
    made.close()
    made.deleteLater()
    background.deleteLater()
