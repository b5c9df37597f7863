"""The opening of the window: the sign of the program at once, then all the rest.

This module imports Qt and nothing else of the window, which takes its time to load.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSplashScreen

from bioimageit_flow.gui.sign import sign

_SIZE: Final = 128
_ACCENT: Final = "#3d8fd6"
_PARTS: Final = (
    *("bioimageit_flow.workflow", "bioimageit_flow.editor.workspace"),
    *("bioimageit_flow.gui.canvas", "bioimageit_flow.gui.window"),
)
"""What takes longest to load, in this order."""


def make_application() -> QApplication:
    """Return the application of this process, made where there is none."""
    found = QCoreApplication.instance()
    if isinstance(found, QApplication):
        return found
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication([sys.argv[0] if sys.argv else "bioimageit-flow"])
    application.setApplicationName("bioimageit-flow")
    application.setApplicationDisplayName("BioImageIT Flow")
    application.setDesktopFileName("bioimageit-flow")
    return application


def show_sign(application: QApplication) -> QSplashScreen:
    """Show the sign of the program in the middle of the screen, painted already."""
    shown = QSplashScreen(sign(_ACCENT, _SIZE, application.devicePixelRatio()))
    shown.setObjectName("opening")
    shown.show()
    application.processEvents()
    return shown


def open_editor(workflow: Path | None = None, experiment: Path | None = None) -> int:
    """Open the window and stay until it is closed; see `application.run_editor`."""
    application = make_application()
    shown = show_sign(application)
    for name in _PARTS:
        import_module(name)
        application.processEvents()
    from bioimageit_flow.gui.application import run_editor

    return run_editor(workflow, experiment, shown.finish)
