"""Panels that nobody sees are not made before the window is there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.dock_list import DOCKS, Lazily
from bioimageit_flow.gui.lineage.panel import LineagePanel
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.viewer import viewer_of
from bioimageit_flow.gui.window import MainWindow

EXAMPLE = (
    Path(__file__).parents[2] / "examples/two_populations/two_populations.flow.yaml"
)
LATE = {spec.name for spec in DOCKS if isinstance(spec.make, Lazily)}
WORKING = {spec.name for spec in DOCKS if spec.works_closed}


def made(window: MainWindow) -> set[str]:
    """Return the docks with a panel in them."""
    # The stubs say that there always is one; an empty dock says None.
    held: dict[str, QWidget | None] = {
        name: window.docks[name].widget() for name in window.docks
    }
    return {name for name, panel in held.items() if panel is not None}


@pytest.fixture
def fresh(qapp: QApplication, workspace: Workspace) -> Iterator[MainWindow]:
    """Return a window that has not yet been shown."""
    background = Background()
    window = MainWindow(workspace, background, LIGHT)
    yield window
    window.close()
    window.deleteLater()
    background.deleteLater()


def test_a_window_comes_up_without_the_panels_of_closed_docks(
    fresh: MainWindow, qtbot: QtBot
) -> None:
    assert made(fresh) == set(fresh.docks) - LATE

    with qtbot.waitExposed(fresh):
        fresh.show()
    qtbot.waitUntil(lambda: made(fresh) >= WORKING, timeout=20_000)
    assert made(fresh) & LATE == WORKING


def test_what_works_while_closed_is_made_one_panel_in_a_turn(
    fresh: MainWindow,
) -> None:
    counts = []
    while fresh.docks._steps:
        fresh.docks._step()
        counts.append(len(made(fresh) & LATE))
    fresh.docks._later.stop()

    assert counts == sorted(counts)
    assert counts[-1] == len(WORKING)
    assert max(new - old for old, new in zip([0, *counts], counts, strict=False)) == 1


def reveal(window: MainWindow) -> None:
    window.docks.reveal("lineage")


def show_dock(window: MainWindow) -> None:
    window.docks["lineage"].show()
    window.docks["lineage"].raise_()


@pytest.mark.parametrize("way", [reveal, show_dock])
def test_a_panel_is_made_once_when_its_dock_is_first_seen(
    window: MainWindow, qtbot: QtBot, way: Callable[[MainWindow], None]
) -> None:
    assert "lineage" not in made(window)
    way(window)
    qtbot.waitUntil(lambda: "lineage" in made(window))
    window.docks["lineage"].hide()
    way(window)

    assert len(window.findChildren(LineagePanel)) == 1


def test_the_viewer_that_is_asked_for_lies_in_its_dock(window: MainWindow) -> None:
    assert "viewer" not in made(window)

    assert viewer_of(window) is window.docks["viewer"].widget()
    assert viewer_of(window) is viewer_of(window)


def test_a_window_that_closes_at_once_makes_no_more_panels(fresh: MainWindow) -> None:
    fresh.close()
    fresh.docks["lineage"].show()

    assert not fresh.docks._later.isActive()
    assert made(fresh) & LATE == set()


def test_a_file_opened_at_start_waits_for_the_tools_and_the_panels(
    fresh: MainWindow, qtbot: QtBot
) -> None:
    told = []

    def heard() -> None:
        told.append(fresh.editor.title if fresh.editor else "")

    fresh.show()
    seen = []
    fresh.workspace.opened.connect(lambda _editor: seen.append(made(fresh)))
    fresh.files.open_at_start(EXAMPLE, heard)
    assert not list(fresh.workspace.editors)

    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert seen
    assert seen[0] >= WORKING
    assert told == ["Two populations"]


def test_a_file_that_cannot_be_opened_at_start_is_told_and_the_rest_goes_on(
    fresh: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.flow.yaml"
    broken.write_text("nodes: [", encoding="utf-8")
    told = []
    fresh.show()
    fresh.files.open_at_start(broken, lambda: told.append(fresh.message.isVisible()))

    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == [True]
    assert fresh.editor is None
