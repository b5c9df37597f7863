"""A viewer in a plain window, over an experiment with squares of known places."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import DARK, Theme
from bioimageit_flow.gui.viewer import viewer_of
from bioimageit_flow.gui.viewer.canvas import Canvas
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from tests.looking import LookingLab


class PlainWindow(QMainWindow):
    """What the viewer needs of a window: a theme, and the workflow in front."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = DARK
        self.editor: Editor | None = None


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LookingLab]:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    made = LookingLab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def plain_window(qapp: QApplication, qtbot: QtBot) -> Iterator[PlainWindow]:
    apply_theme(qapp, DARK)
    made = PlainWindow()
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def viewer(plain_window: PlainWindow) -> Iterator[ViewerPanel]:
    made = viewer_of(plain_window)
    yield made
    made.release()


Wait = Callable[[], Page]


@pytest.fixture
def page(qtbot: QtBot, viewer: ViewerPanel) -> Wait:
    """Return what waits for the page in front and for all that it reads."""

    def wait() -> Page:
        qtbot.waitUntil(lambda: viewer.page is not None, timeout=20_000)
        found = viewer.page
        assert isinstance(found, Page)
        if isinstance(found, ImagePage):
            qtbot.waitUntil(lambda: found.is_shown, timeout=20_000)
            canvas = found.area.a.canvas
            qtbot.waitUntil(lambda: not canvas.is_settling, timeout=20_000)
        qtbot.waitUntil(lambda: bool(getattr(found, "is_idle", True)), timeout=20_000)
        return found

    return wait


@pytest.fixture
def image_page(page: Wait) -> Callable[[], ImagePage]:
    def wait() -> ImagePage:
        found = page()
        assert isinstance(found, ImagePage)
        return found

    return wait


def point_of(canvas: Canvas, x: float, y: float) -> QPoint:
    """Return where a point of the image is in the viewport of a canvas."""
    return canvas.point_on_screen(x, y).toPoint()


def colour_at(canvas: Canvas, x: float, y: float) -> QColor:
    """Return the colour that a canvas shows at a point of the image."""
    place = point_of(canvas, x, y)
    picture: QImage = canvas.grab().toImage()
    return picture.pixelColor(place)
