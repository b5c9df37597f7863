"""Compare with a file: read beside the window, shown side by side."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.diff_view import DiffView
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.workflow.file import save_document


def choose(window: MainWindow, path: Path) -> None:
    """Choose a file in the dialog that is open, as its button does."""
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_a_file_is_compared_with_what_is_drawn(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    node = editor.add_tool("skimage/gaussian@1.0.0", (0, 0))
    path = tmp_path / "before.flow.yaml"
    save_document(editor.document, path)
    editor.set_parameter(node, "sigma", 3.5)
    editor.set_about(description="Many words that take some lines. " * 8)

    window.actions_["file.compare"].trigger()
    choose(window, path)
    qtbot.waitUntil(lambda: bool(window.findChildren(DiffView)), timeout=20_000)
    (view,) = window.findChildren(DiffView)
    assert "description" in view.model.item(0, 0).text()
    lines = view.table.fontMetrics().height()
    # two columns share the width, and no room is left over
    qtbot.waitUntil(lambda: 2 * lines < view.table.rowHeight(0) < 9 * lines)
    assert [view.model.item(1, column).text() for column in (1, 2)] == ["", "3.5"]
    view.close()


def test_what_is_no_workflow_is_refused(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.files.new()
    path = tmp_path / "before.flow.yaml"
    path.write_text("a: 1", encoding="utf-8")
    window.actions_["file.compare"].trigger()
    choose(window, path)
    qtbot.waitUntil(lambda: "no 'schema' line" in window.message.text, timeout=20_000)
    assert window.findChildren(DiffView) == []
