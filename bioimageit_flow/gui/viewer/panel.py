"""The viewer: pages with images, tables, plots and contact sheets."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QVBoxLayout, QWidget

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.panel import Panel
from bioimageit_flow.gui.pieces import column, holder, label, restyle, tool_button
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.framing import bring_forward
from bioimageit_flow.gui.viewer.page import Page
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.results import Result, Run

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

Shown = Item | Result

_PAGES = "bioimageit_flow.gui.viewer"


class ViewerPanel(Panel):
    """Shows everything that an experiment holds; one per window.

    Parameters
    ----------
    window : QMainWindow
        Its window; of the main window the workflow in front is used by the sweep board.
    theme : Theme
        How it looks.

    Attributes
    ----------
    page_shown : Signal
        With a page that was just added.
    """

    page_shown = Signal(object)

    def __init__(self, window: QMainWindow, theme: Theme) -> None:
        super().__init__(window)
        self.setObjectName("viewer")
        self.setAccessibleName(tr("Viewer"))
        self.window_, self._theme = window, theme
        self._background = Background(self)
        self._is_released = False
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setMovable(True)
        self.message = label("", "error", wraps=True)
        self.message.setContentsMargins(12, 6, 12, 6)
        self.message.hide()
        self._empty = holder(
            column(
                None,
                label(tr("Nothing is open."), "heading"),
                label(
                    tr("Open an item of a dataset or of a run to look at it here."),
                    "muted",
                ),
                None,
                margin=24,
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.message)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self.tabs, 1)
        self._show_emptiness()

    # What others call

    def open_items(
        self,
        experiment: "Experiment",
        items: Sequence[Shown],
        *,
        title: str = "",
        row: int | None = None,
    ) -> None:
        """Show items one after the other, each with what belongs to it.

        Parameters
        ----------
        items : sequence of Item or Result
            Page Up and Page Down go through them.
        title : str
            What stands above the page; by default the name of the first.
        row : int, optional
            Row of the first item's table that is chosen, with its object.
        """
        if not items:
            self.fail(FlowError(tr("There is nothing to look at.")))
            return
        found = [_item(one) for one in items]
        name = title or (found[0].name if len(found) == 1 else found[0].dataset)

        def make() -> Page:
            from bioimageit_flow.gui.viewer.image_page import ImagePage
            from bioimageit_flow.gui.viewer.steps import Shown as Step

            page = ImagePage(experiment, [Step(one) for one in found], self._theme)
            if row is not None:
                once = Qt.ConnectionType.SingleShotConnection
                page.stepped.connect(lambda _step: page.choose_row(row), once)
            return page

        self._open(name, make)

    def open_compare(
        self,
        experiment: "Experiment",
        a: Shown | Sequence[Shown],
        b: Shown | Sequence[Shown],
        *,
        title: str = "",
        names: tuple[str, str] = ("A", "B"),
    ) -> None:
        """Show two items, or two rows of items, at the same place.

        Rows are paired by what they descend from; what does not pair is left out, and
        said.
        """
        first, second = _items(a), _items(b)

        def find() -> object:
            from bioimageit_flow.session.viewing import paired

            return paired(experiment, first, second)

        def show(pairs: list[tuple[Item, Item]]) -> None:
            if not pairs:
                self.fail(FlowError(tr("These items have no raw data in common.")))
                return

            def make() -> Page:
                from bioimageit_flow.gui.viewer.image_page import ImagePage
                from bioimageit_flow.gui.viewer.steps import Shown as Step

                steps = [Step(one, other) for one, other in pairs]
                return ImagePage(experiment, steps, self._theme, names)

            said = title or f"{names[0]} | {names[1]}"
            self._open(said, make)
            if len(pairs) < max(len(first), len(second)):
                left = len(first) + len(second) - 2 * len(pairs)
                self.tell(tr("{count} items have no partner.", count=left))

        bring_forward(self)
        self._background.run(find, show, self.fail)

    def open_table(self, experiment: "Experiment", item: Shown) -> None:
        """Show the rows of an item beside the image that they are of, with plots."""
        self.open_items(experiment, [item])

    def open_results(self, run: Run, node: str, port: str = "") -> None:
        """Show what a port of a node gave: items, or one tidy table with plots."""

        def find() -> object:
            from bioimageit_flow.editor.viewing.results import results_to_show

            return results_to_show(run, node, port)

        def show(found: Any) -> None:  # noqa: ANN401 - items or a table
            title = f"{node}.{found.port}"
            if found.table is None:
                self.open_items(run.experiment, found.items, title=title)
                return

            def make() -> Page:
                from bioimageit_flow.gui.viewer.tidy_page import TidyPage

                page = TidyPage(found, self._theme)
                page.open_requested.connect(
                    lambda item, row: self.open_items(run.experiment, [item], row=row)
                )
                return page

            self._open(title, make)

        bring_forward(self)
        self._background.run(find, show, self.fail)

    def open_contact_sheet(self, run: Run, node: str, port: str) -> None:
        """Show small pictures of all results of a port, outliers first."""

        def make() -> Page:
            from bioimageit_flow.gui.viewer.contact_sheet import ContactSheet

            page = ContactSheet.of_port(run, node, port, self._theme)
            return self._followed(page, run.experiment)

        self._open(tr("Sheet of {name}", name=f"{node}.{port}"), make)

    def open_dataset(self, experiment: "Experiment", dataset: str) -> None:
        """Show small pictures of all items of a dataset."""

        def make() -> Page:
            from bioimageit_flow.gui.viewer.contact_sheet import ContactSheet

            page = ContactSheet.of_dataset(experiment, dataset, self._theme)
            return self._followed(page, experiment)

        self._open(tr("Sheet of {name}", name=dataset), make)

    def open_sweep_board(self, run: Run, node: str) -> None:
        """Show images and scores for the settings of a sweep."""

        def make() -> Page:
            from bioimageit_flow.gui.sweep_board.board_page import BoardPage

            page = BoardPage(run, node, self._theme, self.window_)
            page.open_requested.connect(
                lambda items: self.open_items(run.experiment, items)
            )
            return page

        self._open(tr("Sweep of {name}", name=node), make)

    # Pages

    @property
    def page(self) -> QWidget | None:
        """The page in front."""
        return self.tabs.currentWidget()

    def close_page(self, place: int) -> None:
        """Close a page, with its files and threads."""
        page = self.tabs.widget(place)
        self.tabs.removeTab(place)
        if isinstance(page, Page):
            page.release()
            page.deleteLater()
        self._show_emptiness()

    def fail(self, error: FlowError) -> None:
        """Say what went wrong, with what to do about it."""
        remedy = getattr(error, "remedy", "")
        self._say(" ".join(part for part in (error.message, remedy) if part), "error")

    def _fail(self, error: object) -> None:
        assert isinstance(error, FlowError)
        self.fail(error)

    def tell(self, text: str) -> None:
        """Say something above the pages."""
        self._say(text, "muted")

    def set_theme(self, theme: Theme) -> None:
        """Take other colours and sizes."""
        self._theme = theme
        for place in range(self.tabs.count()):
            page = self.tabs.widget(place)
            if isinstance(page, Page):
                page.set_theme(theme)
                self._add_close_button(place, page)

    def release(self) -> None:
        """Close every page: the window closes."""
        self._is_released = True
        self._background.wait()
        while self.tabs.count():
            self.close_page(0)

    def _followed(self, page: Any, experiment: "Experiment") -> Page:  # noqa: ANN401
        page.open_requested.connect(
            lambda items: self._open_of_sheet(experiment, items)
        )
        assert isinstance(page, Page)
        return page

    def _open_of_sheet(self, experiment: "Experiment", items: Any) -> None:  # noqa: ANN401
        found, number = items
        self.open_items(experiment, found)
        go_to = getattr(self.page, "go_to_item", None)
        if go_to is not None:
            go_to(number)

    def _open(self, title: str, make: Callable[[], Page]) -> None:
        """Add a page; what it needs is loaded beside the window first."""
        bring_forward(self)
        if _is_loaded():
            self._add(title, make)
            return
        self.tell(tr("Opening…"))
        self._background.run(_load, lambda _: self._add(title, make), self.fail)

    def _add(self, title: str, make: Callable[[], Page]) -> None:
        if self._is_released:
            return
        self.message.hide()
        try:
            page = make()
        except FlowError as error:
            self.fail(error)
            return
        page.failed.connect(self._fail)
        place = self.tabs.addTab(page, title)
        self.tabs.setTabToolTip(place, title)
        self._add_close_button(place, page)
        self.tabs.setCurrentIndex(place)
        self._show_emptiness()
        page.setFocus()
        self.page_shown.emit(page)

    def _add_close_button(self, place: int, page: Page) -> None:
        made = tool_button(
            tr("Close the page"),
            themed("close", self._theme),
            lambda: self.close_page(self.tabs.indexOf(page)),
            size=12,
        )
        side = QTabBar.ButtonPosition.RightSide
        self.tabs.tabBar().setTabButton(place, side, made)

    def _say(self, text: str, role: str) -> None:
        restyle(self.message, role=role)
        self.message.setText(text)
        self.message.show()

    def _show_emptiness(self) -> None:
        is_empty = self.tabs.count() == 0
        self._empty.setVisible(is_empty)
        self.tabs.setVisible(not is_empty)


def _load() -> None:
    """Import what draws, in a thread: it takes longer than a window may wait."""
    import_module("pyqtgraph")
    import_module(f"{_PAGES}.image_page")


def _is_loaded() -> bool:
    import sys

    return f"{_PAGES}.image_page" in sys.modules


def _item(shown: Shown) -> Item:
    return shown.item if isinstance(shown, Result) else shown


def _items(shown: Shown | Sequence[Shown]) -> list[Item]:
    if isinstance(shown, Item | Result):
        return [_item(shown)]
    return [_item(one) for one in shown]
