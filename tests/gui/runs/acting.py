"""What tests of runs do in a window: keys, clicks, and waiting for the end."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeStatus
from bioimageit_flow.gui.runs.panel import RunsPanel
from bioimageit_flow.gui.window import MainWindow
from tests.gui.runs.conftest import PATIENCE_MS


def press(window: MainWindow, key: Qt.Key, *, shift: bool = False) -> None:
    page = window.page
    assert page is not None
    page.canvas.setFocus()
    modifier = Qt.KeyboardModifier.ControlModifier
    if shift:
        modifier |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(page.canvas, key, modifier)


def ended(qtbot: QtBot, panel: RunsPanel, count: int = 1) -> None:
    def is_over() -> bool:
        statuses = panel.control.statuses
        return (
            len(statuses) == count
            and not any(one.is_alive for one in statuses)
            and all(run.is_over for run in panel.control.followed.values())
        )

    qtbot.waitUntil(is_over, timeout=PATIENCE_MS)


def status_of(editor: Editor, node: str) -> tuple[NodeStatus, str]:
    view = editor.scene.nodes[node]
    return view.status, view.progress


def click(qtbot: QtBot, window: MainWindow, panel: RunsPanel, text: str) -> None:
    window.docks.reveal("runs")
    buttons = panel.findChildren(QPushButton)
    (button,) = [one for one in buttons if one.text() == text]
    qtbot.waitUntil(button.isVisible, timeout=PATIENCE_MS)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
