"""Pictures of the main states of the window, for looking at and for the documentation.

Run it under a display (a virtual one will do)::

    python tests/gui/screenshots.py FOLDER [--install]

``--install`` also puts the best one beside the example that it shows.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.application import EditorApplication
from bioimageit_flow.gui.opening import make_application
from bioimageit_flow.gui.window import MainWindow

ROOT = Path(__file__).parents[2]
EXAMPLE = "two_populations"
INSTALLED = ROOT / "examples" / EXAMPLE / "editor.png"
_SETTLE_MS = 700
_LIMIT_MS = 60_000


def settle(ms: int = _SETTLE_MS) -> None:
    """Let the window draw itself."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait_idle(window: MainWindow) -> None:
    """Wait for what is read in threads."""
    for _ in range(_LIMIT_MS // 100):
        settle(100)
        if window.background.is_idle:
            break
    settle()


class Photographer:
    """Keeps pictures of a window in a folder."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window = window
        self.folder = folder

    def take(self, name: str) -> Path:
        settle()
        path = self.folder / f"{name}.png"
        self.window.grab().save(str(path))
        return path


@contextmanager
def opened(folder: Path) -> Iterator[MainWindow]:
    """Open the window with nothing remembered."""
    application = make_application()
    workspace = Workspace(folder=folder)
    workspace.change_settings(theme="light", language="en")
    editor = EditorApplication(application, workspace)
    window = editor.window
    window.resize(1600, 880)
    window.show()
    wait_idle(window)
    yield window
    for one in workspace.unsaved():
        workspace.close(one)
    window.close()
    workspace.end()


def look(window: MainWindow, theme: str) -> None:
    """Change the theme as the preferences do."""
    window.workspace.change_settings(theme=theme)
    window.look_changed.emit()
    settle()


def take_all(folder: Path, *, install: bool) -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as state, opened(Path(state)) as window:
        photographer = Photographer(window, folder)
        photographer.take("1-start")
        window.newcomers.open_example(EXAMPLE)
        wait_idle(window)
        window.message.hide()
        editor, page = window.editor, window.page
        assert editor is not None
        assert page is not None
        page.canvas.fit()
        editor.select(["spots"])
        best = photographer.take("2-parameters")
        if install:
            INSTALLED.write_bytes(best.read_bytes())
        look(window, "dark")
        photographer.take("3-parameters-dark")
        look(window, "contrast")
        photographer.take("4-parameters-contrast")
        look(window, "light")
        middle = page.canvas.mapToGlobal(QPoint(220, 330))
        window.adding.search(page.canvas, (0, 300), middle, ("spots", "points"))
        photographer.take("5-search-for-port")
        window.popup.close_search()
        window.attempt(lambda: editor.connect(("images", None), ("compare", "tables")))
        editor.set_parameter("spots", "radius", -1)
        window.docks.reveal("problems")
        photographer.take("6-refused-and-problems")
        look(window, "dark")
        window.newcomers.begin_tutorial()
        window.files.new()
        photographer.take("7-first-steps-dark")
        window.documents.show_editor(None)
        photographer.take("8-start-dark")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--install", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    take_all(given.folder, install=given.install)
    QApplication.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
