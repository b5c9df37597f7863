"""Ctrl-C in the terminal, or a polite kill, ends the window and loses nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bioimageit_flow.editor.workspace import Workspace

PROGRAM = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from bioimageit_flow.editor import workspace
from bioimageit_flow.gui import application

state = Path(sys.argv[1])
Workspace = workspace.Workspace
application.Workspace = lambda: Workspace(folder=state)
make = application.make_application

def made():
    app = make()

    def draw():
        window = next(w for w in app.topLevelWidgets() if hasattr(w, "workspace"))
        editor = window.workspace.new()
        editor.add_dataset("images")
        os.kill(os.getpid(), int(sys.argv[2]))

    QTimer.singleShot(0, app, draw)
    return app

application.make_application = made
sys.exit(application.run_editor())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_interrupted_window_ends_and_offers_what_was_not_saved(
    tmp_path: Path, number: signal.Signals
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(int(number))],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    workspace = Workspace(folder=tmp_path)
    (left,) = workspace.recoveries()
    editor = workspace.recover(left)
    assert set(editor.scene.nodes) == {"images"}
    workspace.end()
