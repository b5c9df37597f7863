"""Large workflows come onto the canvas in parts; no turn of the window makes many."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.gui.canvas.arriving import (
    AT_ONCE,
    GONE_AT_ONCE,
    MOVED_AT_ONCE,
    part_of,
)
from tests.benchmarks.canvas import graph

SMALL = graph(60, columns=6)


def size(scene: Scene) -> int:
    return len(scene.nodes) + len(scene.wires)


@pytest.fixture(scope="module")
def editor() -> Editor:
    return graph(400, columns=20)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[Canvas]:
    made = Canvas()
    made.resize(900, 700)
    made.show()
    yield made
    made.show_editor(None)
    made.close()
    made.deleteLater()


@given(st.integers(1, 90))
def test_parts_are_bounded_whole_and_come_to_an_end(most: int) -> None:
    wanted = SMALL.scene
    shown = Scene()
    turns = 0
    while shown is not wanted:
        part = part_of(wanted, shown, most)
        assert 0 < size(part) - size(shown) <= most
        assert part.nodes.items() >= shown.nodes.items()
        assert part.wires.items() >= shown.wires.items()
        for wire in part.wires.values():
            assert wire.source[0] in part.nodes
            assert wire.target[0] in part.nodes
        shown = part
        turns += 1
    assert turns <= 2 + size(wanted) // most


def test_no_turn_of_the_window_makes_many_boxes(
    canvas: Canvas, editor: Editor, qtbot: QtBot
) -> None:
    made: list[int] = []
    board = canvas.view.board
    show = board.show

    def counted(scene: Scene) -> None:
        before = len(board.nodes) + len(board.wires)
        show(scene)
        made.append(len(board.nodes) + len(board.wires) - before)

    board.show = counted  # type: ignore[method-assign]
    canvas.show_editor(editor)
    assert made == [AT_ONCE]
    first = canvas.zoom
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)

    assert max(made) <= AT_ONCE
    assert sum(made) == size(editor.scene)
    assert board.scene is editor.scene
    assert canvas.zoom == first  # what comes later was made room for


def test_edits_while_it_comes_are_kept(
    canvas: Canvas, editor: Editor, qtbot: QtBot
) -> None:
    canvas.show_editor(editor)
    early, *_, late = editor.document.nodes
    QApplication.processEvents()
    editor.remove([early, late])
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
    assert {early, late}.isdisjoint(canvas.view.board.nodes)

    editor.undo()
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)

    assert canvas.view.board.nodes.keys() == editor.scene.nodes.keys()
    assert canvas.view.board.wires.keys() == editor.scene.wires.keys()


def test_no_turn_takes_many_boxes_away_or_moves_many(
    canvas: Canvas, editor: Editor, qtbot: QtBot
) -> None:
    canvas.show_editor(editor)
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
    board = canvas.view.board
    names = list(editor.document.nodes)
    steps: list[tuple[int, int]] = []
    show = board.show

    def counted(scene: Scene) -> None:
        before = board.scene
        show(scene)
        gone = size(before) - size(scene)
        moved = sum(
            view != before.nodes.get(key, view) for key, view in scene.nodes.items()
        )
        steps.append((gone, moved))

    board.show = counted  # type: ignore[method-assign]
    editor.remove(names[:390])
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
    assert board.nodes.keys() == editor.scene.nodes.keys()
    assert board.wires.keys() == editor.scene.wires.keys()
    editor.undo()
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
    editor.move({name: (number * 7.0, 3.0) for number, name in enumerate(names)})
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
    for key, item in board.nodes.items():
        assert (item.x(), item.y()) == (
            editor.scene.nodes[key].x,
            editor.scene.nodes[key].y,
        )
    assert max(gone for gone, _ in steps) <= GONE_AT_ONCE
    assert max(moved for _, moved in steps) <= MOVED_AT_ONCE
    editor.undo()
    qtbot.waitUntil(lambda: canvas.is_complete, timeout=30_000)
