from bioimageit_flow.editor.experiment.pages import PAGE, Pages
from bioimageit_flow.session.browsing import Row
from bioimageit_flow.testing.samples import raw_item


def rows(count: int) -> list[Row]:
    return [Row(raw_item(f"{n}.tif").item, {}) for n in range(count)]


def read(pages: Pages) -> tuple[int, int]:
    wanted = pages.wanted()
    assert wanted is not None
    pages.take(rows(wanted[1] - wanted[0]))
    return wanted


def test_a_row_is_known_once_its_page_was_read() -> None:
    pages = Pages(250)
    assert pages.row(120) is None
    assert read(pages) == (100, 200)
    row = pages.row(120)
    assert row is not None
    assert row.item.name == "20.tif"
    assert pages.wanted() is None


def test_the_last_page_is_short() -> None:
    pages = Pages(250)
    pages.row(249)
    assert read(pages) == (200, 250)


def test_one_page_is_handed_out_at_a_time() -> None:
    pages = Pages(1000)
    pages.row(0)
    pages.row(500)
    assert pages.wanted() == (500, 600)
    assert pages.wanted() is None
    pages.take(rows(PAGE))
    assert pages.wanted() == (0, 100)


def test_a_page_is_asked_for_once_while_it_is_read() -> None:
    pages = Pages(1000)
    pages.row(0)
    assert pages.wanted() == (0, 100)
    pages.row(1)
    pages.take(rows(PAGE))
    assert pages.wanted() is None


def test_who_scrolls_fast_waits_for_the_last_pages_only() -> None:
    pages = Pages(1_000_000)
    for place in range(0, 1_000_000, PAGE):
        pages.row(place)
    handed = []
    while (wanted := pages.wanted()) is not None:
        handed.append(wanted[0])
        pages.take(rows(PAGE))
    assert handed[0] == 1_000_000 - PAGE
    assert len(handed) <= 10


def test_memory_stays_flat() -> None:
    pages = Pages(1_000_000)
    for place in range(0, 200 * PAGE, PAGE):
        pages.row(place)
        read(pages)
    assert pages.row(0) is None
    assert pages.row(199 * PAGE) is not None


def test_refreshed_rows_stay_until_they_were_read_again() -> None:
    pages = Pages(10)
    pages.row(0)
    read(pages)
    pages.refresh()
    old = pages.row(3)
    assert old is not None
    assert read(pages) == (0, 10)
    assert pages.row(3) is not old
    assert pages.wanted() is None


def test_a_page_that_cannot_be_read_is_given_up() -> None:
    pages = Pages(10)
    pages.row(0)
    pages.wanted()
    pages.give_up()
    assert pages.wanted() is None
    pages.row(0)
    assert pages.wanted() == (0, 10)
