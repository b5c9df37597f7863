"""The first steps lead a newcomer to a run; adding moves the canvas little."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.tutorial_panel import Look, TutorialPanel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.workflow import Workflow

LEFT = Qt.MouseButton.LeftButton


def buttons(window: TutorialPanel) -> dict[str, QPushButton]:
    return {one.text(): one for one in window.findChildren(QPushButton)}


def test_each_step_is_told_when_its_turn_comes(
    qapp: QApplication, window: MainWindow
) -> None:
    editor = Editor(Workflow("First"))
    panel = window.tutorial
    look = Look(
        editor.scene,
        has_parameters=False,
        is_saved=False,
        has_images=False,
        has_run=False,
    )

    def shown() -> str:
        texts = [one.text() for one in panel.findChildren(QLabel)]
        return next((one for one in texts if len(one) > 40), "")

    def after(**changes: object) -> str:
        nonlocal look
        look = replace(look, scene=editor.scene, **changes)  # type: ignore[arg-type]
        panel.look(look)
        return shown()

    assert "Ctrl+I" in after()
    editor.add_dataset("images")
    assert "Tab" in after()
    spots = editor.add_tool("skimage/detect-spots")
    assert "Drag from the dot" in after()
    editor.connect(("images", None), (spots, "image"))
    assert "change a value" in after()
    assert "Ctrl+S" in after(has_parameters=True)
    assert "experiment" in after(is_saved=True)
    assert "Ctrl+R" in after(has_images=True)
    assert "Well done" in after(has_run=True)
    assert panel.done == 7


def test_steps_show_the_panel_in_which_images_are_brought(window: MainWindow) -> None:
    window.newcomers.begin_tutorial()
    editor = window.editor
    assert editor is not None
    editor.add_dataset("images")
    spots = editor.add_tool("skimage/detect-spots", connect_from=("images", None))
    editor.set_parameter(spots, "radius", 4.0)
    steps = window.tutorial
    look = Look(
        editor.scene,
        has_parameters=True,
        is_saved=True,
        has_images=False,
        has_run=False,
    )
    steps.look(look)
    window.docks["experiment"].hide()
    QTest.mouseClick(buttons(steps)["Show the panel"], LEFT)

    assert window.docks["experiment"].isVisible()


def test_all_steps_are_seen_without_scrolling(window: MainWindow, qtbot: QtBot) -> None:
    window.newcomers.begin_tutorial()
    bar = window.tutorial.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)


@pytest.mark.parametrize("zoom", [0.7, 1.0])
def test_adding_beside_does_not_come_closer(window: MainWindow, zoom: float) -> None:
    window.files.new()
    page = window.page
    assert page is not None
    canvas = page.canvas
    window.adding.add_dataset(canvas)
    canvas.view.set_zoom(zoom)
    for _ in range(4):
        window.adding.add_tool(canvas, "skimage/gaussian")
        assert canvas.zoom <= zoom
    assert canvas.visible_area().contains(
        canvas.view.board.nodes["gaussian_4"].sceneBoundingRect()
    )


def test_in_a_large_workflow_only_the_place_moves(window: MainWindow) -> None:
    window.files.new()
    editor, page = window.editor, window.page
    assert editor is not None
    assert page is not None
    for number in range(12):
        editor.add_tool("skimage/gaussian", at=(number * 600.0, 0.0))
    page.canvas.view.set_zoom(1.0)
    added = editor.add_tool("skimage/gaussian", at=(0.0, 3000.0))
    page.canvas.reveal(added)

    assert page.canvas.zoom == 1.0
    box = page.canvas.view.board.nodes[added].sceneBoundingRect()
    assert page.canvas.visible_area().contains(box)


def test_an_empty_workflow_is_not_said_to_run(window: MainWindow) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    window.docks.reveal("problems")

    def said() -> str:
        window.refresh()
        shown = (one for one in window.problems.findChildren(QLabel) if one.isVisible())
        return " ".join(one.text() for one in shown)

    assert said() == "The canvas is empty."
    editor.add_dataset("images")
    assert said() == "No problems: this workflow can run."


def test_only_tools_that_lead_on_are_offered_on_a_wire(window: MainWindow) -> None:
    window.files.new()
    editor, page = window.editor, window.page
    assert editor is not None
    assert page is not None
    editor.add_dataset("images")
    blur = editor.add_tool("skimage/gaussian", connect_from=("images", None))
    window.adding.search_insert(page.canvas, (0, 0), None, f"images -> {blur}.image")
    model = window.popup.model
    titles = {str(model.index(row, 0).data()) for row in range(model.rowCount())}
    window.popup.close_search()

    assert "Median filter" in titles
    assert "Detect spots" not in titles  # takes an image, but gives none
