"""A window on an experiment whose tools are functions of this process.

A run of the window is a process of its own; here it is a thread, as the tools are known
to this process only. Everything else is real: the request, the journal, the store.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.runs.panel import RunsPanel, runs_panel
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.execution import carry
from tests.integration.engine.lab import Lab

PATIENCE_MS = 30_000


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Return a laboratory with three images in its dataset ``raw``."""
    made = Lab(tmp_path / "lab")
    made.import_images(3)
    yield made
    made.close()


@pytest.fixture
def threads(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Thread]]:
    """Carry runs out in threads; wait for them at the end."""
    started: list[Thread] = []

    def work(experiment: Path, run: RunId, *, redo_failed: bool) -> None:
        with (
            Experiment.open(experiment, session=lab.session) as opened,
            suppress(FlowError),  # the journal says it
        ):
            carry(
                opened,
                run,
                redo_failed=redo_failed,
                observe=lambda _event: None,
                cancel=Event(),
            )

    def start(
        experiment: Path,
        folder: Path,
        run: RunId,
        *,
        redo_failed: bool = False,
        jobs: int | None = None,
    ) -> int:
        from bioimageit_flow.engine.carrying import name_carrier
        from bioimageit_flow.stores.holders import this_process

        name_carrier(folder, this_process())
        thread = Thread(
            target=work, args=(experiment, run), kwargs={"redo_failed": redo_failed}
        )
        started.append(thread)
        thread.start()
        return 0

    monkeypatch.setattr("bioimageit_flow.session.processes.start_process", start)
    yield started
    for thread in started:
        thread.join(30)


@pytest.fixture
def lab_window(
    qtbot: QtBot, qapp: QApplication, lab: Lab, tmp_path: Path
) -> Iterator[MainWindow]:
    """Return a window with the experiment of the laboratory open."""
    apply_theme(qapp, LIGHT)
    workspace = Workspace(lab.session, folder=tmp_path / "state")
    background = Background()
    window = MainWindow(workspace, background, LIGHT)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    workspace.experiment.open(lab.experiment.path)
    qtbot.waitUntil(
        lambda: runs_panel(window).control.experiment is not None, timeout=PATIENCE_MS
    )
    yield window
    qtbot.waitUntil(lambda: background.is_idle, timeout=PATIENCE_MS)
    for editor in workspace.unsaved():
        workspace.close(editor)
    window.close()
    window.deleteLater()
    background.deleteLater()
    workspace.end()


@pytest.fixture
def panel(lab_window: MainWindow) -> RunsPanel:
    """Return the runs panel, in front."""
    lab_window.docks.reveal("runs")
    return runs_panel(lab_window)


@pytest.fixture
def editor(lab: Lab, lab_window: MainWindow, tmp_path: Path) -> Editor:
    """Return the workflow add -> measure -> join, open in the window."""
    path = tmp_path / "line.flow.yaml"
    lab.line().save(path)
    return lab_window.workspace.open(path)
