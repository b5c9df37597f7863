"""Rows of a table that are read a page at a time, when somebody looks at them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from bioimageit_flow.session.browsing import Row

PAGE: Final = 100
_KEPT: Final = 60
_WAITING: Final = 6


class Pages:
    """Which rows are known, and which page is to be read next.

    It reads nothing itself: ask `wanted`, read that page wherever you like, and `take`
    its rows. Of pages that were asked for while others were read only the last few are
    remembered, so that somebody who scrolls through a million rows waits for the rows
    that are seen and not for all that went by.

    Parameters
    ----------
    count : int
        How many rows there are.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._stale: set[int] = set()
        self._waiting: list[int] = []
        self._reading: int | None = None

    def row(self, place: int) -> Row | None:
        """Return a row; None where it is not known yet, and then it is wanted."""
        page, inside = divmod(place, PAGE)
        rows = self._pages.get(page)
        if rows is None or page in self._stale:
            self._want(page)
        if rows is None or inside >= len(rows):
            return None
        self._pages.move_to_end(page)
        return rows[inside]

    def wanted(self) -> tuple[int, int] | None:
        """Return from where to where rows are to be read now; None for nothing.

        A page is handed out once; nothing more is until it was taken or given up.
        """
        if self._reading is not None or not self._waiting:
            return None
        self._reading = self._waiting.pop()
        start = self._reading * PAGE
        return start, min(start + PAGE, self.count)

    def take(self, rows: Sequence[Row]) -> tuple[int, int]:
        """Take the rows that were wanted; return from where to where they stand."""
        page = self._reading
        assert page is not None, "no page was handed out"
        self._reading = None
        self._stale.discard(page)
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > _KEPT:
            old, _ = self._pages.popitem(last=False)
            self._stale.discard(old)
        return page * PAGE, page * PAGE + len(rows)

    def give_up(self) -> None:
        """Say that the page handed out cannot be read."""
        self._reading = None
        self._waiting.clear()

    def refresh(self) -> None:
        """Have every row read again when it is looked at; the old ones stay so long."""
        self._stale = set(self._pages)

    def _want(self, page: int) -> None:
        if page == self._reading:
            return
        if page in self._waiting:
            self._waiting.remove(page)
        self._waiting.append(page)
        del self._waiting[:-_WAITING]
