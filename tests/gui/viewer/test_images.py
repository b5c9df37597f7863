"""What is seen of an image is what it holds."""

from collections.abc import Callable

import numpy as np
import tifffile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.viewing.label_colours import colours_of
from bioimageit_flow.gui.viewer.compare_area import Arrangement
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from bioimageit_flow.model.kinds import Kind
from tests.gui.viewer.conftest import colour_at, point_of
from tests.looking import HEIGHT, SQUARES, WIDTH, LookingLab, centre

Wait = Callable[[], ImagePage]


def rgb(page: ImagePage, x: float, y: float) -> tuple[int, int, int]:
    colour = colour_at(page.area.a.canvas, x, y)
    return colour.red(), colour.green(), colour.blue()


def test_an_image_is_shown_where_it_belongs(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab
) -> None:
    viewer.open_items(lab.experiment, [lab.item("raw")])
    page = image_page()
    assert rgb(page, 2, 2) == (0, 0, 0)
    shades = [rgb(page, *centre(number)) for number in (1, 2, 3)]
    assert all(red == green == blue for red, green, blue in shades)
    assert shades[0] < shades[1] < shades[2]
    assert shades[2] == (255, 255, 255)
    # The last pixel of the first square, and the first beside it.
    top, left, _ = SQUARES[0]
    assert rgb(page, left + 7.3, top + 4) == shades[0]
    assert rgb(page, left + 7.7, top + 4) == (0, 0, 0)
    assert "0.5 µm/px" in page.facts.text()
    assert f"{WIDTH} × {HEIGHT}" in page.facts.text()  # noqa: RUF001


def test_labels_have_their_colours_and_can_be_outlines(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    viewer.open_items(lab.experiment, [run.results("segment", "labels")[0]])
    page = image_page()
    controls = page.controls[0]
    assert controls.opacity is not None
    controls.opacity.setValue(100)
    image_page()
    for number in (1, 2, 3):
        wanted = tuple(colours_of(np.array([number]))[0].tolist())
        assert rgb(page, *centre(number)) == wanted

    assert controls.outline is not None
    QTest.mouseClick(controls.outline, Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    assert controls.outline.isChecked()
    image_page()
    red, green, blue = rgb(page, *centre(2))
    assert red == green == blue  # the image itself
    top, left, _ = SQUARES[1]
    assert rgb(page, left, top) == tuple(colours_of(np.array([2]))[0].tolist())


def test_the_value_under_the_mouse_is_said(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    viewer.open_items(lab.experiment, [run.results("segment", "labels")[0]])
    page = image_page()
    x, y = (round(at) for at in centre(3))
    canvas = page.area.a.canvas
    with qtbot.waitSignal(page.area.a.said):
        QTest.mouseMove(canvas.viewport(), point_of(canvas, x, y))
    said = page.status.text()
    assert said.startswith(f"x {x}, y {y} px  ·  ")
    um_x, um_y = said.split("  ·  ")[1].removesuffix(" µm").split(", ")
    assert abs(float(um_x) - x * 0.5) < 0.25
    assert abs(float(um_y) - y * 0.5) < 0.25
    assert said.endswith(f"{SQUARES[2][2]}  ·  label 3")


def test_contrast_is_dragged_and_a_channel_switched_off(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    viewer.open_items(lab.experiment, [lab.item("raw")])
    page = image_page()
    (channel,) = page.controls[0].rows
    bar = channel.bar
    high = QPoint(round(bar.place_of(bar.limits.high)), 20)
    middle = QPoint(round(bar.place_of(90)), 20)
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=high)
    QTest.mouseMove(bar, middle)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=middle)
    image_page()
    assert abs(bar.limits.high - 90) < 3
    assert rgb(page, *centre(1)) == (255, 255, 255)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert bar.limits.low > 0
    QTest.mouseClick(channel.check, Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    image_page()
    assert rgb(page, *centre(3)) == (0, 0, 0)


def test_keys_step_through_items_and_planes(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    stack = np.zeros((3, 5, HEIGHT, WIDTH), np.uint8)
    stack[1, 2, :, 30:] = 200
    path = lab.folder / "stack.tif"
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "TZYX"})
    lab.experiment.import_files([path], dataset="stacks")
    viewer.open_items(lab.experiment, [lab.item("stacks"), lab.item("raw")])
    page = image_page()
    assert page.sliders.position == {"T": 0, "Z": 2}
    assert rgb(page, 50, 20) == (0, 0, 0)

    QTest.keyClick(page, Qt.Key.Key_Right)
    image_page()
    assert page.sliders.position == {"T": 1, "Z": 2}
    (channel,) = page.controls[0].rows
    channel.auto(full=True)
    image_page()
    assert rgb(page, 50, 20) == (255, 255, 255)
    assert rgb(page, 10, 20) == (0, 0, 0)

    QTest.keyClick(page, Qt.Key.Key_Up)
    image_page()
    assert page.sliders.position == {"T": 1, "Z": 3}
    assert rgb(page, 50, 20) == (0, 0, 0)

    QTest.keyClick(page, Qt.Key.Key_PageDown)
    image_page()
    assert page.header.name.text() == "a.ome.tif"
    assert page.sliders.position == {}
    QTest.keyClick(page, Qt.Key.Key_PageUp)
    image_page()
    assert page.item == lab.item("stacks")


def test_a_line_measures_in_pixels_and_micrometres(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    viewer.open_items(lab.experiment, [lab.item("raw")])
    page = image_page()
    canvas = page.area.a.canvas
    wide = canvas.box.viewRect().width() / 2
    QTest.keyClick(page, Qt.Key.Key_M)
    assert page.header.measure.isChecked()
    assert page.profile.isVisible()
    px, um = page.profile.length.text().split("  ·  ")
    assert abs(float(px.removesuffix(" px")) - wide) < 0.1
    assert abs(float(um.removesuffix(" µm")) - wide / 2) < 0.1
    QTest.keyClick(page, Qt.Key.Key_M)
    assert not canvas.has_line
    assert not page.profile.isVisible()


def test_the_curtain_shows_a_at_the_left_and_b_at_the_right(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    raw = lab.experiment.items("raw")
    labels = [one.item for one in run.results("segment", "labels")]
    viewer.open_compare(lab.experiment, raw, labels, names=("raw", "labels"))
    page = image_page()
    page.area.b.set_label_look(type(page.area.b.label_look)(opacity=1.0, outline=False))
    page.area.a.set_label_look(type(page.area.a.label_look)(is_on=False))
    image_page()
    area = page.area
    assert page.header.arrangements[Arrangement.WIPE].isChecked()
    at = area.a.canvas.point_on_screen(*centre(2)).x()
    place = area.a.mapTo(area, area.a.canvas.mapTo(area.a, QPoint(int(at), 0))).x()

    def seen() -> tuple[int, int, int]:
        point = area.a.canvas.mapTo(area, point_of(area.a.canvas, *centre(2)))
        colour = area.grab().toImage().pixelColor(point)
        return colour.red(), colour.green(), colour.blue()

    label = tuple(colours_of(np.array([2]))[0].tolist())
    area.curtain.move_to((place + 40) / area.width())
    red, green, blue = seen()
    assert red == green == blue
    area.curtain.move_to((place - 40) / area.width())
    assert seen() == label
    before = area.curtain.place
    QTest.keyClick(area.curtain, Qt.Key.Key_Right)
    assert area.curtain.place > before

    QTest.mouseClick(
        page.header.arrangements[Arrangement.SIDE], Qt.MouseButton.LeftButton
    )
    assert page.header.arrangements[Arrangement.SIDE].isChecked()
    area.a.canvas.centre(30, 20, 20)
    image_page()
    first, second = (pane.canvas.box.viewRect().center() for pane in (area.a, area.b))
    assert abs(first.x() - second.x()) < 0.5
    assert abs(first.y() - second.y()) < 0.5
    page.header.linked.setChecked(False)
    area.a.canvas.centre(10, 10, 20)
    assert abs(area.b.canvas.box.viewRect().center().x() - second.x()) < 0.5


def test_shapes_lie_upon_the_image_that_they_were_made_from(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab
) -> None:
    run = lab.outlined()
    viewer.open_items(lab.experiment, [run.results("outlines", "shapes")[0]])
    page = image_page()
    canvas = page.area.a.canvas
    top, left, _ = SQUARES[2]
    colour = QColor(canvas.theme.kinds[Kind.SHAPES])
    drawn = (colour.red(), colour.green(), colour.blue())

    # The outline runs along the outer edge of the first row of pixels.
    assert rgb(page, left + 4, top - 0.5) == drawn
    assert rgb(page, *centre(3)) == (255, 255, 255)
    QTest.mouseClick(
        page.controls[0].objects["shapes"],
        Qt.MouseButton.LeftButton,
        pos=QPoint(12, 12),
    )
    assert rgb(page, left + 4, top - 1) == (0, 0, 0)

    viewer.open_items(lab.experiment, [lab.item("raw")])
    image_page()
    again = viewer.page
    assert isinstance(again, ImagePage)
    assert again.exhibit is not None
    assert again.exhibit.shapes is not None
    assert len(again.exhibit.shapes.shapes) == len(SQUARES)


def test_a_large_image_is_read_in_parts_only(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    side = 6000
    path = lab.folder / "large.tif"
    ramp = np.arange(side, dtype=np.uint16)
    plane = np.broadcast_to(ramp, (side, side))
    tifffile.imwrite(path, np.ascontiguousarray(plane), tile=(256, 256))
    lab.experiment.import_files([path], dataset="large", reference=True)
    viewer.open_items(lab.experiment, [lab.item("large")])
    page = image_page()
    pane = page.area.a
    assert pane.frame is not None
    assert pane.frame.planes[0].size < 2048 * 2048
    assert pane.canvas.is_shown("overview")

    pane.canvas.centre(3000, 3000, 200)
    qtbot.waitUntil(lambda: pane.canvas.is_shown("image"), timeout=20_000)
    image_page()
    assert pane.frame.part.step == 1
    assert pane.frame.planes[0].size < 2048 * 2048
    assert pane.canvas.is_shown("overview")


def test_what_cannot_be_read_is_said_in_the_viewer(
    viewer: ViewerPanel, lab: LookingLab, qtbot: QtBot
) -> None:
    item = lab.item("raw")
    path, _ = lab.experiment.whereabouts(item.content)
    path.unlink()
    viewer.open_items(lab.experiment, [item])
    qtbot.waitUntil(viewer.message.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: "a.ome.tif" in viewer.message.text(), timeout=20_000)
