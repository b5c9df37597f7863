"""Stacks and movies are played, laid into one plane, cut across and measured along."""

from collections.abc import Callable, Iterator

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
import pytest
import tifffile
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.viewer.canvas import Canvas
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from tests.gui.viewer.conftest import colour_at, point_of
from tests.looking import LookingLab

Wait = Callable[[], ImagePage]

LEFT = Qt.MouseButton.LeftButton
FRAMES, PLANES, HEIGHT, WIDTH = 4, 6, 40, 60
SPOT = (4, 10, 45)
"""Plane, row and column of a bright square of five pixels in the first frame."""


@pytest.fixture
def stack(lab: LookingLab) -> LookingLab:
    """Return an experiment with a stack whose planes are four pixels apart."""
    pixels = np.full((FRAMES, PLANES, HEIGHT, WIDTH), 20, np.uint8)
    z, y, x = SPOT
    pixels[0, z, y : y + 5, x : x + 5] = 220
    pixels[:, :, 26:35, :] = np.arange(WIDTH, dtype=np.uint8)
    path = lab.folder / "stack.ome.tif"
    facts = {
        "axes": "TZYX",
        "PhysicalSizeX": 0.5,
        "PhysicalSizeY": 0.5,
        "PhysicalSizeZ": 2.0,
    }
    tifffile.imwrite(path, pixels, ome=True, metadata=facts)
    lab.experiment.import_files([path], dataset="stacks")
    return lab


@pytest.fixture
def quick_mouse() -> Iterator[None]:
    """Have every move of the mouse heard: those of a test come faster than a hand's."""
    usual = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)
    yield
    pg.setConfigOption("mouseRateLimit", usual)


@pytest.fixture
def opened(viewer: ViewerPanel, image_page: Wait, stack: LookingLab) -> ImagePage:
    viewer.open_items(stack.experiment, [stack.item("stacks")])
    page = image_page()
    page.controls[0].rows[0].auto(full=True)
    return image_page()


def brightness(canvas: Canvas, x: float, y: float) -> int:
    return colour_at(canvas, x, y).red()


def is_playing(page: ImagePage) -> bool:
    return page.sliders.player.is_playing


def test_space_plays_along_time_and_around_the_end(
    opened: ImagePage, qtbot: QtBot
) -> None:
    seen: list[int] = []
    opened.sliders.moved.connect(lambda: seen.append(opened.sliders.position["T"]))
    opened.sliders.rate.setValue(60)

    QTest.keyClick(opened, Qt.Key.Key_Space)

    assert is_playing(opened)
    qtbot.waitUntil(lambda: len(seen) >= 6, timeout=20_000)
    QTest.keyClick(opened, Qt.Key.Key_Space)
    assert not is_playing(opened)
    assert seen[:6] == [1, 2, 3, 0, 1, 2]


def test_the_button_beside_the_depth_plays_along_the_depth(
    opened: ImagePage, qtbot: QtBot
) -> None:
    opened.sliders.rate.setValue(60)
    start = opened.sliders.position["Z"]

    QTest.mouseClick(opened.sliders.play_button("Z"), LEFT)

    qtbot.waitUntil(lambda: opened.sliders.position["Z"] != start, timeout=20_000)
    assert opened.sliders.position["T"] == 0
    QTest.mouseClick(opened.sliders.play_button("T"), LEFT)
    qtbot.waitUntil(lambda: opened.sliders.position["T"] != 0, timeout=20_000)
    QTest.mouseClick(opened.sliders.play_button("T"), LEFT)
    assert not is_playing(opened)


def test_a_movie_waits_for_the_plane_before(opened: ImagePage) -> None:
    player = opened.sliders.player
    player.toggle("T")
    opened._pane_a.redraw()
    assert not opened._pane_a.reading.is_idle
    player._tick()
    assert opened.sliders.position["T"] == 0
    player.stop()


def test_planes_are_laid_into_one(
    opened: ImagePage, image_page: Wait, qtbot: QtBot
) -> None:
    z, y, x = SPOT
    assert opened.sliders.position["Z"] != z
    canvas = opened.area.a.canvas
    assert opened.area.a.frame is not None
    assert opened.area.a.frame.planes[0][y + 2, x + 2] == 20

    QTest.keyClick(opened, Qt.Key.Key_P)
    image_page()

    assert opened.sliders.depth_box.currentText() == "Maximum"
    assert opened.area.a.frame.planes[0][y + 2, x + 2] == 220
    assert brightness(canvas, x + 2, y + 2) == 255
    assert not opened.sliders.slider("Z").isEnabled()
    with qtbot.waitSignal(opened.area.a.said):
        QTest.mouseMove(canvas.viewport(), point_of(canvas, x + 2, y + 2))
    assert opened.status.text().endswith("220")

    QTest.keyClick(opened, Qt.Key.Key_P)
    image_page()
    mean = (20 * (PLANES - 1) + 220) / PLANES
    assert abs(opened.area.a.frame.planes[0][y + 2, x + 2] - mean) < 1e-4
    QTest.keyClick(opened, Qt.Key.Key_P)
    image_page()
    assert opened.area.a.frame.planes[0][y + 2, x + 2] == 20
    QTest.keyClick(opened, Qt.Key.Key_P)
    image_page()
    assert opened.sliders.slider("Z").isEnabled()


def test_cuts_show_the_stack_from_the_front_and_from_the_side(
    opened: ImagePage, image_page: Wait, qtbot: QtBot
) -> None:
    z, y, x = SPOT
    canvas, views = opened.area.a.canvas, opened.views
    assert opened.header.cuts.isVisible()
    QTest.mouseClick(opened.header.cuts, LEFT)
    image_page()
    assert views.front.isVisible()
    assert views.side.isVisible()

    QTest.mouseClick(canvas.viewport(), LEFT, pos=point_of(canvas, x + 2, y + 2))
    qtbot.waitUntil(lambda: round(views.place[0]) == x + 2, timeout=20_000)
    page = image_page()
    deep = (z + 0.5) * 4 - 0.5  # a plane is four pixels thick
    assert views.front.shown is not None
    assert views.front.shown.depth_px == 4
    assert brightness(views.front.canvas, x + 2, deep) == 255
    assert brightness(views.front.canvas, x + 2, deep - 6) < 100
    assert brightness(views.side.canvas, deep, y + 2) == 255
    assert brightness(views.side.canvas, deep - 6, y + 2) < 100

    front = views.front.canvas
    QTest.mouseClick(front.viewport(), LEFT, pos=point_of(front, x + 1, deep))
    qtbot.waitUntil(lambda: page.sliders.position["Z"] == z, timeout=20_000)
    image_page()
    assert brightness(canvas, x + 1, y + 1) == 255

    QTest.keyClick(opened, Qt.Key.Key_X)
    assert not views.front.isVisible()
    assert not views.cross.is_shown


def test_cuts_follow_another_item_and_are_gone_without_depth(
    viewer: ViewerPanel, image_page: Wait, stack: LookingLab
) -> None:
    flat = stack.item("raw")
    viewer.open_items(stack.experiment, [stack.item("stacks"), flat])
    page = image_page()
    QTest.keyClick(page, Qt.Key.Key_X)
    image_page()
    assert page.views.front.shown is not None

    QTest.keyClick(page, Qt.Key.Key_PageDown)
    image_page()
    assert not page.header.cuts.isVisible()
    assert not page.views.front.isVisible()
    QTest.keyClick(page, Qt.Key.Key_PageUp)
    image_page()
    assert page.views.front.isVisible()
    assert page.views.front.shown is not None


@pytest.mark.usefixtures("quick_mouse")
def test_the_profile_follows_the_line_and_the_plane(
    opened: ImagePage, image_page: Wait, qtbot: QtBot
) -> None:
    canvas, profile = opened.area.a.canvas, opened.profile
    QTest.keyClick(opened, Qt.Key.Key_M)
    image_page()
    assert profile.profile is not None
    assert profile.profile.unit == "µm"

    # Both ends are dragged onto the ramp.
    for place, x in ((0, 5), (1, 55)):
        handle = canvas._line.getHandles()[place]
        at = canvas.mapFromScene(handle.scenePos())
        drag(canvas, at, point_of(canvas, x, 30))
        image_page()
    values = profile.profile.values[0]
    assert profile._ends is not None
    (x0, y0), (x1, y1) = profile._ends
    assert abs(x0 - 5) < 4
    assert abs(x1 - 55) < 4
    assert np.allclose(values, np.linspace(x0, x1, len(values)), atol=0.01)
    length_px = np.hypot(x1 - x0, y1 - y0)
    assert np.isclose(profile.profile.distances[-1], length_px / 2)  # 0.5 um a pixel
    steps = np.diff(values)
    assert np.all(steps > 0.5)

    profile.copy()
    head, *rows = QGuiApplication.clipboard().text().splitlines()
    assert head == "distance_um\tchannel_1"
    assert len(rows) == len(values)


def drag(canvas: Canvas, start: QPoint, end: QPoint) -> None:
    """Move the mouse with its button held, as a hand does."""
    port = canvas.viewport()
    kinds = QEvent.Type
    none = Qt.MouseButton.NoButton
    ways = [start + (end - start) * part / 8 for part in range(1, 9)] + [end]
    some = [
        (kinds.MouseMove, start, none, none),
        (kinds.MouseButtonPress, start, LEFT, LEFT),
    ]
    some += [(kinds.MouseMove, at, none, LEFT) for at in ways]
    some += [(kinds.MouseButtonRelease, end, LEFT, none)]
    for kind, at, button, held in some:
        place = QPointF(at)
        keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, place, port.mapToGlobal(place), button, held, keys)
        QApplication.sendEvent(port, event)
        QApplication.processEvents()
