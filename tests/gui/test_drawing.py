"""From an empty canvas to a run of the command line: mouse and keys alone."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bioimageit_flow.cli.main import main
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Session
from bioimageit_flow.session.examples import examples

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


class Newcomer:
    """Somebody who has a mouse and a keyboard, and looks at the window."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, LEFT)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClick(target, key, modifier)

    def type(self, text: str) -> None:
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClicks(target, text)

    def port(self, node: str, name: str | None, *, is_output: bool) -> QPoint:
        """Return where a port is seen, in pixels of the canvas."""
        assert self.window.page is not None
        view = self.window.page.canvas.view
        return view.pixel(
            QPointF(*view.board.port_place((node, name), is_output=is_output))
        )

    def drag(self, start: QPoint, end: QPoint) -> None:
        assert self.window.page is not None
        view = self.window.page.canvas.view.viewport()
        QTest.mousePress(view, LEFT, NONE, start)
        for part in (0.2, 0.5, 0.8, 1.0):
            QTest.mouseMove(view, start + (end - start) * part)
            QApplication.processEvents()
        QTest.mouseRelease(view, LEFT, NONE, end)
        QApplication.processEvents()

    def pull_and_choose(self, node: str, port: str | None, words: str) -> None:
        """Drop a wire on the empty canvas and choose a tool that fits."""
        self.press(Qt.Key.Key_Home)
        start = self.port(node, port, is_output=True)
        self.drag(start, start + QPoint(60, 140))
        assert self.window.popup.isVisible()
        self.type(words)
        self.press(Qt.Key.Key_Return)

    def wire(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        self.press(Qt.Key.Key_Home)
        self.drag(
            self.port(*source, is_output=True), self.port(*target, is_output=False)
        )

    def set(self, name: str, text: str) -> None:
        """Type a value into a field of the panel."""
        self.window.refresh()
        if name not in self.window.parameters.rows:  # folded: not made before
            self.click(self.window.parameters.advanced_button)
        field = self.window.parameters.rows[name].constant.findChild(QLineEdit)
        assert field is not None
        self.click(field)
        self.press(Qt.Key.Key_A, CTRL)
        self.type(text)

    def back_to_canvas(self) -> None:
        self.window.navigation.focus_canvas()

    def save_as(self, file_name: str) -> None:
        self.press(Qt.Key.Key_S, CTRL)
        dialog = self.window.findChild(QFileDialog)
        assert dialog is not None
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.selectAll()
        QTest.keyClicks(name, file_name)
        box = dialog.findChild(QDialogButtonBox)
        assert box is not None
        self.click(box.button(QDialogButtonBox.StandardButton.Save))
        QApplication.processEvents()


@pytest.fixture
def newcomer(window: MainWindow, qtbot: QtBot) -> Newcomer:
    return Newcomer(window, qtbot)


@pytest.mark.environment
def test_newcomer_draws_two_populations_and_the_command_line_runs_it(
    newcomer: Newcomer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)  # where the first file goes
    window = newcomer.window
    newcomer.click(window.start.new)
    newcomer.press(Qt.Key.Key_I, CTRL)

    newcomer.pull_and_choose("images", None, "deconvolution")
    newcomer.set("iterations", "10")
    newcomer.set("sigma", "1.3")
    newcomer.set("background", "100")
    newcomer.back_to_canvas()
    newcomer.pull_and_choose("richardson_lucy", "result", "spots")
    newcomer.set("radius", "1.8")
    newcomer.set("threshold", "8")
    newcomer.back_to_canvas()
    newcomer.pull_and_choose("detect_spots", "points", "compare groups")
    newcomer.set("by", "condition")
    newcomer.back_to_canvas()
    newcomer.pull_and_choose("compare_groups", "values", "plot")
    newcomer.back_to_canvas()
    newcomer.wire(("compare_groups", "test"), ("plot_groups", "test"))

    editor = window.editor
    assert editor is not None
    assert [problem.text for problem in editor.problems] == []
    path = tmp_path / "drawn.flow.yaml"
    newcomer.save_as(path.name)
    assert path.exists(), window.message.text

    (example,) = (one for one in examples() if one.name == "two_populations")
    experiment, known, _ = example.set_up(tmp_path / "example", Session())
    experiment.close()
    drawn = editor.workflow.document
    assert {str(edge) for edge in drawn.edges()} == {
        "images -> richardson_lucy.image",
        "richardson_lucy.result -> detect_spots.image",
        "detect_spots.points -> compare_groups.tables",
        "compare_groups.values -> plot_groups.tables",
        "compare_groups.test -> plot_groups.test",
    }
    by_hand = {node.tool: node.parameters for node in drawn.nodes.values()}
    for node in known.document.nodes.values():
        if node.tool != "tables/plot-groups@1.0.0":
            assert by_hand[node.tool] == node.parameters
    asked = [str(path), "--experiment", str(experiment.path), "--bind", "images=raw"]
    code = main(["plan", *asked])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "richardson_lucy" in said.out

    code = main(["run", *asked, "--pilot", "3", "--by", "condition", "--json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    report = json.loads(said.out.splitlines()[-1])
    assert report["state"] == "done"
    assert report["nodes"]["detect_spots"]["done"] == 6
    assert report["nodes"]["plot_groups"]["done"] == 1
