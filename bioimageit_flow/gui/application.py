"""The application: one window, in the theme and language of its user."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QDialog

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.icons import logo
from bioimageit_flow.gui.language import Languages
from bioimageit_flow.gui.memory import QuietCollector
from bioimageit_flow.gui.opening import make_application
from bioimageit_flow.gui.settings import SETTINGS, open_settings
from bioimageit_flow.gui.style import apply_theme, is_system_dark
from bioimageit_flow.gui.theme import SYSTEM, Theme, theme_of
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session.preferences import apply_preferences, load_preferences

_SWITCH_S: Final = 0.001
"""Threads that read and write give way to the window sooner than Python's 5 ms."""


_FIRST_PAINT_MS: Final = 20
"""The window is seen before files are read."""


class EditorApplication(QObject):
    """Holds the window, and makes it anew where another language is chosen.

    Parameters
    ----------
    application : QApplication
        Of this process.
    workspace : Workspace
        What is open, and what is remembered.
    """

    def __init__(self, application: QApplication, workspace: Workspace) -> None:
        super().__init__(application)
        self._application = application
        self.workspace = workspace
        self._languages = Languages(application)
        self._language = self._languages.use(workspace.settings.language)
        self.theme = self._theme()
        apply_theme(application, self.theme)
        application.setWindowIcon(QIcon(logo(self.theme, 64)))
        self.window = self._open()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)

    def _theme(self) -> Theme:
        settings = self.workspace.settings
        return theme_of(
            settings.theme,
            is_system_dark=is_system_dark(),
            font_scale=settings.font_scale,
        )

    def _open(self) -> MainWindow:
        window = MainWindow(self.workspace, Background(self), self.theme)
        window.look_changed.connect(self._change_look)
        return window

    def _system_changed(self) -> None:
        if self.workspace.settings.theme == SYSTEM:
            self._change_look()

    def _change_look(self) -> None:
        theme = self._theme()
        if theme != self.theme:
            self.theme = theme
            apply_theme(self._application, theme)
            self.window.set_theme(theme)
        language = self._languages.use(self.workspace.settings.language)
        if language != self._language:
            self._language = language
            QTimer.singleShot(0, self, self._reopen)

    def _reopen(self) -> None:
        """Make the window anew around the same workflows."""
        old, front = self.window, self.window.editor
        layout = old.docks.save()
        shown = [name for name in old.docks if not old.docks[name].isHidden()]
        has_settings = old.findChild(QDialog, SETTINGS) is not None
        self._application.setQuitOnLastWindowClosed(False)
        geometry = old.geometry()
        old.retire()
        self.window = self._open()
        self.window.setGeometry(geometry)
        for editor in self.workspace.editors:
            self.window.documents.add(editor)
        self.window.documents.show_editor(front)
        self.window.docks.restore(layout)
        for name in shown:
            self.window.docks[name].show()
        self.window.show()
        if has_settings:  # the language was chosen there
            open_settings(self.window, "look")
        self._application.setQuitOnLastWindowClosed(True)


def run_editor(
    workflow: Path | None = None,
    experiment: Path | None = None,
    shown: Callable[[MainWindow], None] = lambda _window: None,
) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    workflow : Path, optional
        A file to be opened.
    experiment : Path, optional
        The experiment that command lines name.
    shown : callable
        Told when the window is there.

    Returns
    -------
    int
        What to exit with.
    """
    apply_preferences(load_preferences())
    application = make_application()
    workspace = Workspace()
    editor = EditorApplication(application, workspace)
    window = editor.window
    workspace.experiment.open(experiment or workspace.experiment.last)
    window.show()
    shown(window)

    def begin() -> None:
        if workflow is not None:
            window.files.open_at_start(workflow, window.watching.offer_recovery)
        else:
            window.watching.offer_recovery()

    QTimer.singleShot(_FIRST_PAINT_MS, window, begin)
    collector = QuietCollector(application)
    sys.setswitchinterval(_SWITCH_S)
    with _Interrupts(application) as interrupts:
        code = application.exec()
    collector.release()
    if interrupts.have_come:
        workspace.break_off()
    else:
        workspace.end()
    return code


class _Interrupts:
    """Lets Ctrl-C in the terminal, and a polite kill, end the window without asking.

    Qt's loop runs no Python while it waits: a signal wakes it through a socket.
    """

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self.have_come = False

    def __enter__(self) -> "_Interrupts":
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno())
        self._old = {
            number: signal.signal(number, self._quit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda: self._read.recv(16))
        return self

    def __exit__(self, *_error: object) -> None:
        self._notifier.setEnabled(False)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._read.close()
        self._write.close()

    def _quit(self, *_signal: object) -> None:
        # Not `quit`, which asks the window, and that asks the user.
        self.have_come = True
        self._application.exit(0)
