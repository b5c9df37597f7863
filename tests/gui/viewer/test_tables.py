"""Rows, points of plots and objects in the image are the same things."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.viewer.contact_sheet import ContactSheet
from bioimageit_flow.gui.viewer.image_page import ImagePage
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.gui.viewer.panel import ViewerPanel
from bioimageit_flow.gui.viewer.plot_panel import SCATTER
from bioimageit_flow.gui.viewer.table_panel import TablePanel
from bioimageit_flow.gui.viewer.tidy_page import TidyPage
from tests.gui.viewer.conftest import colour_at, point_of
from tests.looking import SQUARES, LookingLab, centre

Wait = Callable[[], ImagePage]


def click_row(qtbot: QtBot, table: TablePanel, line: int) -> None:
    view = table.view
    place = view.visualRect(table.model.index(line, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_row_brings_its_object_into_the_middle_and_back(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    viewer.open_table(lab.experiment, run.results("regions", "table")[0])
    page = image_page()
    canvas = page.area.a.canvas

    click_row(qtbot, page.table, 2)
    image_page()

    middle = canvas.box.viewRect().center()
    assert (round(middle.x(), 3), round(middle.y(), 3)) == centre(3)
    assert page.area.a.label_look.chosen == 3
    top, left, _ = SQUARES[2]
    edge = colour_at(canvas, left, top)
    assert (edge.red(), edge.green(), edge.blue()) == (255, 255, 255)

    canvas.fit()
    image_page()
    place = point_of(canvas, *centre(1))
    with qtbot.waitSignal(page.area.a.row_picked):
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    image_page()
    assert page.table.chosen == 0
    assert page.area.a.label_look.chosen == 1
    with qtbot.waitSignal(page.area.a.row_picked):
        QTest.mouseClick(
            canvas.viewport(), Qt.MouseButton.LeftButton, pos=point_of(canvas, 1, 1)
        )
    image_page()
    assert page.table.chosen is None


def test_points_are_circles_that_can_be_picked(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    viewer.open_table(lab.experiment, run.results("spots", "points")[0])
    page = image_page()
    canvas = page.area.a.canvas
    place = point_of(canvas, *centre(2))
    with qtbot.waitSignal(page.area.a.row_picked) as picked:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picked.args == [1]
    assert page.table.chosen == 1


def test_a_point_of_the_plot_is_a_row(
    viewer: ViewerPanel, image_page: Wait, lab: LookingLab, qtbot: QtBot
) -> None:
    run = lab.run()
    viewer.open_table(lab.experiment, run.results("spots", "points")[0])
    page = image_page()
    plot = page.plot
    plot.kind.setCurrentIndex(plot.kind.findData(SCATTER))
    plot.y_box.setCurrentIndex(plot.y_box.findData("score"))
    plot.x_box.setCurrentIndex(plot.x_box.findData("x"))
    assert sorted(plot.points) == sorted(
        (centre(number)[0], float(SQUARES[number - 1][2]), number - 1)
        for number in (1, 2, 3)
    )
    place = plot.point_on_screen(2)
    assert place is not None
    QTest.mouseClick(
        plot.view.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint()
    )
    assert page.table.chosen == 2
    middle = page.area.a.canvas.box.viewRect().center()
    assert round(middle.x(), 3) == centre(3)[0]
    image_page()


def test_rows_are_searched_and_sorted_with_missing_values_last(qtbot: QtBot) -> None:
    table = TablePanel()
    qtbot.addWidget(table)
    rows = [("b", 2.0), ("a", None), ("C", 10.0), ("", 1.5)]
    table.show_rows(("name", "value"), rows)
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [table.model.row_at(line) for line in range(4)] == [2, 0, 3, 1]
    table.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [table.model.row_at(line) for line in range(4)] == [1, 0, 2, 3]
    QTest.keyClicks(table.search, "c")
    assert [table.model.row_at(line) for line in range(table.model.rowCount())] == [2]
    assert table.count.text() == "1 of 4 rows"
    table.choose(0)
    assert table.chosen is None


def test_all_tables_of_a_port_are_one_with_their_items(
    viewer: ViewerPanel,
    page: Callable[[], Page],
    image_page: Wait,
    lab: LookingLab,
    qtbot: QtBot,
) -> None:
    run = lab.run()
    viewer.open_results(run, "regions")
    tidy = page()
    assert isinstance(tidy, TidyPage)
    assert tidy.table.model.rowCount() == 6
    tidy.table.opened.emit(4)
    qtbot.waitUntil(lambda: viewer.tabs.count() == 2, timeout=20_000)
    opened = image_page()
    assert opened.item == run.results("regions", "table")[1].item
    # The fifth row is the second object of the second image.
    assert opened.table.chosen == 1
    assert opened.area.a.label_look.chosen == 2


def test_a_sheet_puts_outliers_first_and_opens_them(
    viewer: ViewerPanel,
    page: Callable[[], Page],
    image_page: Wait,
    lab: LookingLab,
    qtbot: QtBot,
) -> None:
    lab.experiment.annotate([lab.item("raw", 0)], {"blur": 5.0})
    lab.experiment.annotate([lab.item("raw", 1)], {"blur": 9.0})
    viewer.open_dataset(lab.experiment, "raw")
    sheet = page()
    assert isinstance(sheet, ContactSheet)
    sheet.by.setCurrentIndex(sheet.by.findData("blur"))
    assert {item.name for item in sheet.model.items} == {"a.ome.tif", "b.ome.tif"}
    qtbot.waitUntil(lambda: sheet.pictures.of(sheet.model.items[0]) is not None)
    picture = sheet.pictures.of(sheet.model.items[0])
    assert picture is not None
    x, y = (round(at) for at in centre(3))
    assert picture.toImage().pixelColor(x, y).red() == 255
    sheet.view.setCurrentIndex(sheet.model.index(1, 0))
    QTest.keyClick(sheet.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: viewer.tabs.count() == 2, timeout=20_000)
    opened = image_page()
    assert opened.item == sheet.model.items[1]
    viewer.close_page(0)
    assert viewer.tabs.count() == 1
