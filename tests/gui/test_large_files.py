"""Large files go through a thread, so that the window does not wait for them."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.window import MainWindow
from tests.benchmarks.canvas import graph


def test_large_files_are_read_and_written_beside_the_window(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    lines = [
        "schema: bioimageit-flow/workflow/1",
        "id: 6f1d3c0e-2b8a-4c57-9d64-0a8f5e1b7c97",
        "name: Huge",
        "inputs: {images: {kind: image}}",
        "nodes:",
        *(
            f"  n{number}: {{tool: skimage/gaussian@1.0.0, wires: {{image: images}},"
            f" label: {'long ' * 20}{number}}}"
            for number in range(240)
        ),
    ]
    path = tmp_path / "huge.flow.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")

    assert not window.files.open(path)
    assert window.workspace.editors == []
    qtbot.waitUntil(lambda: window.editor is not None, timeout=60_000)
    (editor,) = window.workspace.editors
    states = [editor.is_modified]
    editor.rename("n0", "Another title")
    window.files.save()
    states.append(editor.is_modified)
    qtbot.waitUntil(lambda: not editor.is_modified, timeout=60_000)
    assert states == [False, True]
    assert "Another title" in path.read_text(encoding="utf-8")
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=60_000)


def test_large_workflows_are_arranged_beside_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    large = graph(200, columns=10)
    editor.paste(large.copy(large.scene.nodes))
    before = editor.document

    window.actions_["arrange.layout"].trigger()
    assert editor.document is before  # the window did not wait
    qtbot.waitUntil(lambda: editor.document is not before, timeout=60_000)
    assert editor.history[-1].words == "Arrange"
    editor.undo()
    assert editor.document.layout == before.layout

    steps = len(editor.history)
    window.actions_["arrange.layout"].trigger()
    editor.add_dataset("meanwhile")
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=60_000)
    assert "changed while" in window.message.text
    assert "meanwhile" in editor.document.inputs
    assert editor.history[-1].words != "Arrange"
    assert len(editor.history) <= steps
    page = window.page
    assert page is not None
    qtbot.waitUntil(lambda: page.canvas.is_complete, timeout=60_000)
