"""The outline is what the canvas shows, as a tree."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.outline_panel import OutlinePanel
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.workflow import Workflow

Tree = list[tuple[str, "Tree"]]


def rows(panel: OutlinePanel, below: QModelIndex | None = None) -> Tree:
    parent = below if below is not None else QModelIndex()
    found = []
    for row in range(panel.model.rowCount(parent)):
        index = panel.model.index(row, 0, parent)
        found.append((str(index.data()), rows(panel, index)))
    return found


@pytest.fixture
def editor() -> Editor:
    made = Editor(Workflow("Outline"))
    made.add_dataset("images", at=(0, 0))
    made.add_tool("skimage/gaussian", at=(300, 0), connect_from=("images", None))
    made.add_note("# What it does\nmore", (0, 300))
    return made


@pytest.fixture
def panel(editor: Editor, qtbot: QtBot) -> OutlinePanel:
    made = OutlinePanel(LIGHT)
    qtbot.addWidget(made)
    made.show()
    made.show_scene(editor.scene)
    return made


def test_frames_carry_boxes_and_boxes_their_wires(
    panel: OutlinePanel, editor: Editor
) -> None:
    tester = QAbstractItemModelTester(
        panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    wire: tuple[str, Tree] = ("image from images", [])
    assert rows(panel) == [
        ("images", []),
        ("Gaussian blur", [wire]),
        ("What it does", []),
    ]

    editor.add_frame(["gaussian"], "Smooth")
    panel.show_scene(editor.scene)

    assert rows(panel) == [
        ("Smooth", [("Gaussian blur", [wire])]),
        ("images", []),
        ("What it does", []),
    ]
    assert panel.tree.isExpanded(panel.model.index(0, 0))
    del tester


def test_what_was_opened_stays_open(panel: OutlinePanel, editor: Editor) -> None:
    panel.tree.setExpanded(panel.model.index_of("gaussian"), True)
    editor.add_dataset("more", at=(0, 150))
    panel.show_scene(editor.scene)
    assert panel.tree.isExpanded(panel.model.index_of("gaussian"))

    panel.tree.setExpanded(panel.model.index_of("gaussian"), False)
    editor.undo()
    panel.show_scene(editor.scene)
    assert not panel.tree.isExpanded(panel.model.index_of("gaussian"))


def test_selection_goes_both_ways(panel: OutlinePanel, editor: Editor) -> None:
    panel.show_selection(frozenset(editor.scene.nodes))
    chosen = panel.tree.selectionModel().selectedIndexes()
    assert [one.data() for one in chosen] == ["images", "Gaussian blur"]

    asked: list[object] = []
    panel.selection_requested.connect(asked.append)
    place = panel.tree.visualRect(panel.model.index_of("gaussian")).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked == [{"gaussian"}]


def test_no_row_is_told_before_a_view_asks(
    panel: OutlinePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.benchmarks.canvas import graph

    asked: set[object] = set()
    tell = panel.model.data

    def counted(index: QModelIndex, role: int = 0) -> object:
        asked.add(index.internalId())
        return tell(index, role)

    monkeypatch.setattr(panel.model, "data", counted)
    panel.resize(300, 400)
    panel.show_scene(graph(500, columns=20).scene)
    panel.tree.repaint()
    assert panel.model.rowCount() == 500
    assert len(asked) < 100
