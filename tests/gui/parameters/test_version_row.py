"""Another version of a tool: its changes are seen before it is taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.parameters.version_row import VersionRow
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Session
from tests.two_versions import two_versions

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace with a tool that is there in two versions."""
    session = Session([two_versions(tmp_path / "tools")])
    made = Workspace(session, folder=tmp_path / "state")
    yield made
    made.end()


@pytest.fixture
def old(window: MainWindow) -> Editor:
    """Return the editor in front, with the old version selected."""
    window.files.new()
    assert window.editor is not None
    window.editor.add_tool("lab/smooth@1.0.0", (0, 0))
    window.refresh()
    return window.editor


def row_of(window: MainWindow) -> VersionRow:
    return window.parameters.findChildren(VersionRow)[0]


def press_button(row: VersionRow, words: str) -> None:
    (button,) = (
        one for one in row.findChildren(QPushButton) if one.text().startswith(words)
    )
    QTest.mouseClick(button, LEFT)


def test_form_with_versions_is_no_wider_than_the_panel(
    window: MainWindow, old: Editor
) -> None:
    panel = window.parameters
    row = row_of(window)
    body = panel.widget()
    assert body is not None

    assert body.minimumSizeHint().width() <= panel.viewport().width()
    assert row.upgrade.isVisible()
    assert row.upgrade.geometry().top() >= row.box.geometry().bottom()


def test_upgrade_says_first_what_changes(window: MainWindow, old: Editor) -> None:
    row = row_of(window)
    press_button(row, "Upgrade to 2.0.0")
    said = "\n".join(label.text() for label in row.findChildren(QLabel))

    assert old.document.nodes["smooth"].tool == "lab/smooth@1.0.0"
    assert "GPL-3.0-only" in said
    assert "lab/smooth:2.0" in said
    assert "<b>mask</b>" in said
    press_button(row, "Use 2.0.0")
    assert old.document.nodes["smooth"].tool == "lab/smooth@2.0.0"
    old.undo()
    assert old.document.nodes["smooth"].tool == "lab/smooth@1.0.0"


def test_upgrade_can_be_left_after_a_look(window: MainWindow, old: Editor) -> None:
    row = row_of(window)
    press_button(row, "Upgrade to 2.0.0")
    press_button(row, "Keep 1.0.0")

    assert old.document.nodes["smooth"].tool == "lab/smooth@1.0.0"
    assert row.upgrade.isVisible()
    assert row.box.currentText() == "1.0.0"
