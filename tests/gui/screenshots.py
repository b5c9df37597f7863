"""Pictures of the main states of the window, for looking at and for the documentation.

Run it under a display (a virtual one will do)::

    python -m tests.gui.screenshots FOLDER [--install]

``--install`` also puts the best ones beside the example that they show, where the
README has them.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.application import EditorApplication
from bioimageit_flow.gui.opening import make_application
from bioimageit_flow.gui.window import MainWindow
from tests.gui.canvas.conftest import Hand

ROOT = Path(__file__).parents[2]
EXAMPLE = "two_populations"
INSTALLED = ROOT / "examples" / EXAMPLE
SIZE = (1440, 800)
_SETTLE_MS = 700
_PLANNED_MS = 2500
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

    def __init__(self, window: MainWindow, folder: Path, *, install: bool) -> None:
        self.window = window
        self.folder = folder
        self.is_installing = install

    def take(self, name: str, best: str = "") -> None:
        """Keep a picture; under a name beside the example if it is one of the best."""
        settle()
        path = self.folder / f"{name}.png"
        self.window.grab().save(str(path))
        if best and self.is_installing:
            self.window.grab().save(str(INSTALLED / f"{best}.png"), quality=0)


@contextmanager
def opened(folder: Path) -> Iterator[MainWindow]:
    """Open the window with nothing remembered."""
    application = make_application()
    workspace = Workspace(folder=folder)
    workspace.change_settings(theme="light", language="en")
    editor = EditorApplication(application, workspace)
    window = editor.window
    window.resize(*SIZE)
    window.show()
    QCursor.setPos(0, 0)  # nothing shines under the mouse
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
        photographer = Photographer(window, folder, install=install)
        photographer.take("1-start", "start_page")
        window.newcomers.open_example(EXAMPLE)
        wait_idle(window)
        window.message.hide()
        editor, page = window.editor, window.page
        assert editor is not None
        assert page is not None
        page.canvas.fit()
        editor.select(["spots"])
        settle(_PLANNED_MS)
        photographer.take("2-parameters", "editor")
        look(window, "dark")
        photographer.take("3-parameters-dark")
        look(window, "contrast")
        photographer.take("4-parameters-contrast")
        look(window, "light")
        middle = page.canvas.mapToGlobal(QPoint(220, 330))
        window.adding.search(page.canvas, (0, 300), middle, ("spots", "points"))
        photographer.take("5-search-for-port")
        window.popup.close_search()
        look(window, "dark")
        window.docks["palette"].hide()
        settle()
        page.canvas.fit()
        hand = Hand(page.canvas, editor)
        refused = hand.into("compare", "tables")
        hand.press(hand.out("images"))
        for part in (0.3, 0.7, 1.0):
            from_x, from_y = hand.out("images")
            x = from_x + part * (refused[0] - from_x)
            hand.move((x, from_y + part * (refused[1] - from_y)))
        photographer.take("6-refused-wire-dark", "refused_wire")
        hand.key(Qt.Key.Key_Escape)
        window.docks["palette"].show()
        look(window, "light")
        window.attempt(lambda: editor.connect(("images", None), ("compare", "tables")))
        editor.set_parameter("spots", "radius", -1)
        window.docks.reveal("problems")
        photographer.take("7-refused-and-problems")
        look(window, "dark")
        window.newcomers.begin_tutorial()
        window.files.new()
        photographer.take("8-first-steps-dark")
        window.documents.show_editor(None)
        photographer.take("9-start-dark")


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
