"""A run of many jobs, watched in the window: is it fluid, and how large does it grow?

``python -m tests.benchmarks.watched_run 10000`` (``QT_QPA_PLATFORM=offscreen`` where
there is no display). The run is a process of its own, as always; its tools only write a
small file, so that jobs end faster than those of real tools. The matrix of items by
nodes is in front all the time. Prints the most updates in one second, the largest
block of the event loop in milliseconds of the processor, and the memory of the window.
"""

import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")  # its loop does not tell of every turn

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.memory import QuietCollector
from bioimageit_flow.gui.opening import make_application
from bioimageit_flow.gui.runs.panel import runs_panel
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session import Experiment, processes
from tests.benchmarks.laboratory import add_items, line, new_session
from tests.benchmarks.measuring import measured

LENGTH = 4
_LOOK_MS = 20


class LoopWatch:
    """Measures the turns of the event loop of this thread.

    Attributes
    ----------
    largest_ms : float
        What the longest turn took of the processor; a turn answers what has come in
        before it, so that nothing waits longer.
    """

    def __init__(self) -> None:
        self.largest_ms = 0.0
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._turn_s = self._now()
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.awake.connect(self._look)
        self._dispatcher.aboutToBlock.connect(self._look)

    def start(self) -> None:
        """Forget what was before."""
        self.largest_ms = 0.0
        self._turn_s = self._now()

    def end(self) -> None:
        """Measure no more."""
        self._dispatcher.awake.disconnect(self._look)
        self._dispatcher.aboutToBlock.disconnect(self._look)

    def _now(self) -> float:
        return time.clock_gettime(self._clock)

    def _look(self) -> None:
        now = self._now()
        self.largest_ms = max(self.largest_ms, 1000 * (now - self._turn_s))
        self._turn_s = now


@dataclass
class Pace:
    """Counts updates: the most of them within any second."""

    most: int = 0
    count: int = 0
    _recent: deque[float] = field(default_factory=deque)

    def update(self, *_run: object) -> None:
        """Count one."""
        now = time.monotonic()
        self._recent.append(now)
        while now - self._recent[0] >= 1:
            self._recent.popleft()
        self.count += 1
        self.most = max(self.most, len(self._recent))


@dataclass(frozen=True, slots=True)
class Watched:
    """What watching a run came to."""

    jobs: int
    updates: int
    most_updates_per_s: int
    largest_block_ms: float
    cpu_s: float
    wall_s: float
    peak_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.jobs} jobs: {self.updates} updates, at most "
            f"{self.most_updates_per_s} in a second; largest block "
            f"{self.largest_block_ms:.0f} ms; window {self.cpu_s:.1f} CPU s in "
            f"{self.wall_s:.0f} s, at most {self.peak_bytes / 1e6:.0f} MB"
        )


def watch(place: Path, jobs: int) -> Watched:
    """Run so many jobs in a new experiment below a folder, and watch them."""
    session = new_session(place / "tools")
    path = place / "experiment"
    with Experiment.create(path, session=session) as experiment:
        add_items(experiment, jobs // LENGTH)
    file = place / "line.flow.yaml"
    line(session, "bench/copy", LENGTH).save(file)
    application = make_application()
    apply_theme(application, LIGHT)
    workspace, background = Workspace(session, folder=place / "state"), Background()
    window = MainWindow(workspace, background, LIGHT)
    collector, program = QuietCollector(application), processes.PROGRAM
    processes.PROGRAM = "tests.benchmarks.carrying"
    try:
        return _watch(window, path, file, jobs)
    finally:
        processes.PROGRAM = program
        _until(lambda: background.is_idle)
        window.close()
        window.deleteLater()
        background.deleteLater()
        workspace.end()
        collector.release()


def _watch(window: MainWindow, path: Path, file: Path, jobs: int) -> Watched:
    window.resize(1600, 1000)
    window.show()
    window.workspace.open(file)
    window.workspace.experiment.open(path)
    window.docks.reveal("runs")
    panel = runs_panel(window)
    control = panel.control
    _until(lambda: control.experiment is not None)
    panel.view.tabs.setCurrentIndex(1)
    pace, loop = Pace(), LoopWatch()
    control.changed.connect(pace.update)
    with measured() as took:
        window.actions_["run.all"].trigger()
        loop.start()
        _until(lambda: _is_over(window))
        table = panel.view.matrix.table
        _until(lambda: table.rowCount() == jobs // LENGTH)
        panel.view.matrix.scrollToBottom()
        _until(lambda: window.background.is_idle)
    loop.end()
    (status,) = control.statuses
    done = sum(status.counts.values())
    if status.state is not RunState.DONE or done != jobs:
        raise SystemExit(f"{done} jobs of {jobs} were done: {status.state}")
    return Watched(
        jobs,
        pace.count,
        pace.most,
        loop.largest_ms,
        took.cpu_s,
        took.wall_s,
        took.peak_bytes,
    )


def _is_over(window: MainWindow) -> bool:
    statuses = runs_panel(window).control.statuses
    return bool(statuses) and not any(one.is_alive for one in statuses)


def _until(holds: Callable[[], bool]) -> None:
    """Let the event loop turn until something holds."""
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if holds() else None)
    timer.start(_LOOK_MS)
    if not holds():
        loop.exec()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bioimageit-flow-bench-") as folder:
        found = watch(Path(folder).resolve(), int(sys.argv[1]))
        sys.stdout.write(f"{found}\n")
