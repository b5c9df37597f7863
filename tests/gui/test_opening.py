"""The opening of the window: something is seen before all the rest is loaded."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from bioimageit_flow.gui import opening

application = opening.make_application()
shown = opening.show_sign(application)
assert shown.isVisible()
slow = ("pydantic", "NodeGraphQt", "numpy", "sqlalchemy", "bioimageit_flow.gui.window")
loaded = [name for name in slow if name in sys.modules]
assert loaded == [], loaded

from PySide6.QtCore import QTimer
from bioimageit_flow.gui.application import run_editor


def told(window):
    assert window.isVisible()
    shown.finish(window)
    QTimer.singleShot(0, application.quit)


code = run_editor(None, None, told)
assert not shown.isVisible()
sys.exit(code)
"""


def test_sign_is_shown_before_the_window_is_loaded(tmp_path: Path) -> None:
    variables = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "BIOIMAGEIT_FLOW_CONFIG": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
