"""A workflow with a tool that is not here: told, with buttons that get it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.settings.dialog import SettingsDialog
from bioimageit_flow.gui.window import MainWindow

TEXT = """\
schema: bioimageit-flow/workflow/1
id: 6f1d3c0e-2b8a-4c57-9d64-0a8f5e1b7c98
name: Foreign
inputs: {images: {kind: image}}
nodes:
  blur: {tool: acme/magic@1.0.0, wires: {image: images}, parameters: {sigma: 2}}
  other: {tool: acme/spell@1.0.0, wires: {image: images}}
"""


@pytest.fixture
def drawn(window: MainWindow, tmp_path: Path) -> MainWindow:
    """Return the window with a workflow of unknown tools."""
    path = tmp_path / "foreign.flow.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert window.files.open(path)
    return window


def press(widget: QWidget, words: str) -> None:
    button = next(
        one for one in widget.findChildren(QPushButton) if one.text() == words
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_missing_tools_are_told_with_a_way_to_get_them(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    assert "acme/magic@1.0.0, acme/spell@1.0.0" in drawn.message.text
    press(drawn.message, "Add a folder of tools…")
    dialog = drawn.findChild(SettingsDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()
    qtbot.waitUntil(
        lambda: drawn.findChild(SettingsDialog) is None or dialog.isHidden()
    )


def test_missing_tool_is_replaced_from_its_problem(
    drawn: MainWindow, qtbot: QtBot
) -> None:
    editor = drawn.editor
    assert editor is not None
    drawn.docks.reveal("problems")
    panel = drawn.problems
    rows = [panel.model.index(row, 0) for row in range(panel.model.rowCount())]
    row = next(one for one in rows if "acme/magic" in str(one.data()))
    QApplication.processEvents()
    place = panel.list.visualRect(row).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    press(panel, "Replace by…")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "gaussian")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: (editor.document.nodes["blur"].tool or "").startswith(
            "skimage/gaussian"
        )
    )
    node = editor.document.nodes["blur"]
    assert node.parameters == {"sigma": 2}
    assert {port: str(wire) for port, wire in node.wires.items()} == {"image": "images"}
