"""A window with an experiment of some small images."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.experiment import experiment_panel
from bioimageit_flow.gui.experiment.panel import ExperimentPanel
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Experiment

WAIT_MS = 20_000


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder with six images."""
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for condition in ("control", "drug"):
        for number in range(3):
            path = folder / f"{condition}_{number}.tif"
            tifffile.imwrite(path, rng.integers(0, 255, (24, 32), dtype=np.uint8))
    return folder


@pytest.fixture
def place(tmp_path: Path, images: Path) -> Path:
    """Return the folder of an experiment with these images, by condition."""
    folder = tmp_path / "experiment"
    with Experiment.create(folder, name="Spots") as experiment:
        experiment.import_files([images], from_name=r"(?P<condition>[a-z]+)_(?P<n>\d)")
    return folder


@pytest.fixture
def panel(window: MainWindow, place: Path, qtbot: QtBot) -> Iterator[ExperimentPanel]:
    """Return the panel in front, with the experiment open and its rows read."""
    window.workspace.experiment.open(place)
    window.docks.reveal("experiment")
    made = experiment_panel(window)
    qtbot.waitUntil(lambda: made.model.rowCount() == 6, timeout=WAIT_MS)
    settle(made, qtbot)
    yield made
    for dialog in window.findChildren(QDialog):
        dialog.close()


def settle(panel: ExperimentPanel, qtbot: QtBot) -> None:
    """Wait until nothing is read any more."""
    qtbot.waitUntil(lambda: panel.background.is_idle, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: panel.window_.background.is_idle, timeout=WAIT_MS)


def shown_names(panel: ExperimentPanel, qtbot: QtBot) -> list[str]:
    """Return the names in the table, from above."""
    model = panel.model

    def is_known() -> bool:
        rows = [model.row_at(n) for n in range(model.rowCount())]
        return all(row is not None for row in rows)

    qtbot.waitUntil(is_known, timeout=WAIT_MS)
    return [str(model.index(n, 0).data()) for n in range(model.rowCount())]
