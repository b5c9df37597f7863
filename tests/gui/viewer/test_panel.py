"""The viewer is a dock of the window that may stand alone, and costs nothing unused."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.experiment import opened_experiment
from bioimageit_flow.gui.theme import CONTRAST, LIGHT
from bioimageit_flow.gui.viewer import viewer_of
from bioimageit_flow.gui.viewer.canvas import round_length
from bioimageit_flow.gui.viewer.framing import dock_of
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from bioimageit_flow.gui.window import MainWindow
from tests.looking import LookingLab


def test_nothing_is_loaded_before_something_is_shown() -> None:
    program = (
        "import sys, bioimageit_flow.gui.window, bioimageit_flow.gui.viewer.docking\n"
        "assert 'pyqtgraph' not in sys.modules\n"
        "assert 'tifffile' not in sys.modules, 'formats were loaded'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_window_has_one_viewer_in_a_dock(
    window: MainWindow, lab: LookingLab, qtbot: QtBot
) -> None:
    viewer = viewer_of(window)
    assert viewer is viewer_of(window)
    dock = dock_of(viewer)
    assert dock is window.docks["viewer"]
    assert not dock.isVisible()
    viewer.open_items(lab.experiment, lab.experiment.items("raw"))
    assert dock.isVisible()
    assert dock.isFloating()
    qtbot.waitUntil(lambda: viewer.page is not None, timeout=20_000)
    page = viewer.page
    assert isinstance(page, ImagePage)
    qtbot.waitUntil(lambda: page.is_shown and page.is_idle, timeout=20_000)
    dock.setFloating(False)
    assert not dock.isFloating()
    dock.hide()
    viewer.open_items(lab.experiment, lab.experiment.items("truth"))
    assert dock.isVisible()
    assert not dock.isFloating()  # it stays where it was put
    window.set_theme(CONTRAST)
    window.set_theme(LIGHT)


def test_nothing_to_look_at_is_said(viewer: ViewerPanel, lab: LookingLab) -> None:
    viewer.open_items(lab.experiment, [])
    assert viewer.message.text() == "There is nothing to look at."
    viewer.open_results(lab.run(), "nobody")


def test_another_theme_reaches_every_page(
    viewer: ViewerPanel, image_page: Callable[[], ImagePage], lab: LookingLab
) -> None:
    viewer.open_items(lab.experiment, [lab.item("raw")])
    page = image_page()
    viewer.set_theme(CONTRAST)
    assert page.area.a.canvas.backgroundBrush().color().name() == CONTRAST.canvas
    assert page.controls[0].rows


def test_pages_that_are_closed_let_go_of_their_files(
    viewer: ViewerPanel, image_page: Callable[[], ImagePage], lab: LookingLab
) -> None:
    viewer.open_items(lab.experiment, [lab.item("raw")])
    exhibit = image_page().exhibit
    assert exhibit is not None
    viewer.close_page(0)
    assert viewer.tabs.count() == 0
    assert exhibit.image is not None
    assert not exhibit.image.is_open


@pytest.mark.parametrize(
    ("most", "length"), [(120, 100), (99, 50), (21, 20), (0.19, 0.1), (1, 1)]
)
def test_bars_have_round_lengths(most: float, length: float) -> None:
    assert round_length(most) == pytest.approx(length)


def test_the_results_of_the_selected_node_are_looked_at(
    window: MainWindow, lab: LookingLab, qtbot: QtBot
) -> None:
    workflow = lab.workflow(is_swept=True)
    lab.experiment.run(workflow, bind={"images": "raw"})
    path = lab.folder / "squares.flow.yaml"
    workflow.save(path)
    window.files.open(path)
    window.workspace.experiment.open(lab.experiment.path)
    qtbot.waitUntil(lambda: opened_experiment(window) is not None, timeout=20_000)
    assert window.editor is not None
    window.editor.select(["segment"])
    viewer = viewer_of(window)

    def has_pages(count: int) -> bool:
        return viewer.tabs.count() == count

    for count, command in enumerate(("run.look", "run.sheet", "run.sweep_board"), 1):
        action = window.actions_[command]
        qtbot.waitUntil(action.isEnabled, timeout=20_000)
        action.trigger()
        qtbot.waitUntil(partial(has_pages, count), timeout=20_000)
        idle = partial(getattr, viewer.page, "is_idle", True)
        qtbot.waitUntil(idle, timeout=20_000)
    titles = [viewer.tabs.tabText(place) for place in range(3)]
    assert titles == ["segment.labels", "Sheet of segment.labels", "Sweep of segment"]


def test_two_nodes_or_two_runs_lie_behind_a_curtain(
    window: MainWindow, lab: LookingLab, qtbot: QtBot
) -> None:
    workflow = lab.workflow()
    workflow.add("test/segment", id="strict", level=160)
    workflow.connect("images", "strict.image")
    lab.experiment.run(workflow, bind={"images": "raw"})
    workflow.set("segment", level=120)
    lab.experiment.run(workflow, bind={"images": "raw"})
    path = lab.folder / "squares.flow.yaml"
    workflow.save(path)
    window.files.open(path)
    window.workspace.experiment.open(lab.experiment.path)
    qtbot.waitUntil(lambda: opened_experiment(window) is not None, timeout=20_000)
    assert window.editor is not None
    viewer = viewer_of(window)

    def compare(*nodes: str) -> ImagePage:
        count = viewer.tabs.count()
        assert window.editor is not None
        window.editor.select(nodes)
        action = window.actions_["run.curtain"]
        qtbot.waitUntil(action.isEnabled, timeout=20_000)
        action.trigger()
        qtbot.waitUntil(lambda: viewer.tabs.count() == count + 1, timeout=20_000)
        page = viewer.page
        assert isinstance(page, ImagePage)
        qtbot.waitUntil(lambda: page.is_idle, timeout=20_000)
        return page

    page = compare("segment", "strict")
    assert len(page.steps) == 2
    assert page.area.a.title.text().startswith("segment")
    assert page.area.b.title.text().startswith("strict")
    page = compare("segment")
    before, after = lab.experiment.runs()[1], lab.experiment.runs()[0]
    assert page.area.a.title.text().startswith(before.summary.folder)
    assert page.area.b.title.text().startswith(after.summary.folder)
    window.editor.select(["strict"])
    window.actions_["run.curtain"].trigger()
    qtbot.waitUntil(lambda: "No earlier run" in window.message.text, timeout=20_000)
