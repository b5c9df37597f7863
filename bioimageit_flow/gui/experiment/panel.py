"""The experiment panel: which experiment, its datasets, and their items as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QToolButton, QWidget

from bioimageit_flow.editor.experiment.binding import binding_of
from bioimageit_flow.editor.experiment.columns import Column, columns_of
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.binding_watch import BindingWatch
from bioimageit_flow.gui.experiment.commands import ExperimentCommands
from bioimageit_flow.gui.experiment.datasets_tree import DatasetsTree
from bioimageit_flow.gui.experiment.dragging import DraggedData
from bioimageit_flow.gui.experiment.items_model import ItemsModel
from bioimageit_flow.gui.experiment.items_view import ItemsView
from bioimageit_flow.gui.experiment.opened import Contents, OpenedExperiment
from bioimageit_flow.gui.experiment.query_field import QueryField
from bioimageit_flow.gui.experiment.thumbnails import Thumbnails
from bioimageit_flow.gui.experiment.welcome import Welcome
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.panel import Panel
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.chosen import BY_NAME, Order
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.browsing import Browsing, browse
from bioimageit_flow.session.known_experiments import known_experiments

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow

_LOWEST: Final = 280

MOST_DRAGGED: Final = 200
"""How many single items a binding can name; for more there are queries."""


def make(window: "MainWindow") -> QWidget:
    """Return the panel of a window."""
    return ExperimentPanel(window)


class ExperimentPanel(Panel):
    """Datasets on the left, the items of one on the right.

    Attributes
    ----------
    opened : OpenedExperiment
        Which experiment, kept open.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__()
        self.window_ = window
        self.setObjectName("experimentPanel")
        theme = window.theme
        state = window.workspace.experiment
        self.opened = OpenedExperiment(state, window.workspace.session, self)
        self.background = self.opened.background
        self.thumbnails = Thumbnails(self.background, self)
        self.model = ItemsModel(self.background, self.thumbnails, theme, self)
        self._order = BY_NAME
        self._asked = 0
        self._shown: tuple[str, str] | None = None
        self._build(theme)
        self.commands = ExperimentCommands(self)
        self.watch = BindingWatch(window, self.opened, self)
        self.opened.opened.connect(self._opened)
        self.opened.read.connect(self._read)
        self.opened.failed.connect(self._failed)
        self.welcome.open_requested.connect(self.commands.ask_to_open)
        self.welcome.create_requested.connect(self.commands.ask_to_create)
        self.welcome.server_requested.connect(self.commands.ask_for_server)
        self.welcome.recent_requested.connect(
            lambda path: self.commands.open(Path(path))
        )
        self.tree.chosen.connect(lambda _name: self.browse())
        self.tree.menu_requested.connect(self.commands.dataset_menu)
        self.query.asked.connect(lambda _text: self.browse())
        self.view.sort_requested.connect(self._sort)
        self.view.menu_requested.connect(self.commands.items_menu)
        self.view.open_requested.connect(self.commands.look)
        self.view.drag_data = self.drag_data
        self.view.selectionModel().selectionChanged.connect(self._count)
        self.model.edited.connect(self.commands.edit_cell)
        self.welcome.show_recent(known_experiments())
        self.opened.follow()
        self._show_page()

    def _build(self, theme: Theme) -> None:
        self.welcome = Welcome(theme)
        self.name = QToolButton()
        self.name.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.name.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.name.setAccessibleName(tr("Experiment"))
        pieces.restyle(self.name, role="labelled")
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(lambda: self.commands.fill_menu(self.menu))
        self.name.setMenu(self.menu)
        self.tree = DatasetsTree(theme)
        self.import_ = pieces.button(
            tr("Import\u2026"), lambda: self.commands.import_data()
        )
        left = pieces.holder(
            pieces.column(self.name, self.tree, self.import_, margin=6, gap=6)
        )
        self.query = QueryField(theme)
        self.annotate = pieces.button(
            tr("Annotate\u2026"), lambda: self.commands.annotate()
        )
        self.keys = pieces.button(tr("Keys\u2026"), lambda: self.commands.keys())
        self.undo = pieces.button(tr("Undo"), lambda: self.commands.undo())
        self.view = ItemsView(self.model, theme)
        self.count = pieces.label("", "small", wraps=True)
        self.nothing = pieces.label("", "muted", wraps=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        bar = pieces.row(gap=6)
        bar.addWidget(self.query, 1)
        for one in (self.annotate, self.keys, self.undo):
            bar.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
        table = pieces.column(bar, margin=6, gap=6)
        table.addWidget(self.nothing, 1)
        table.addWidget(self.view, 1)
        table.addWidget(self.count)
        right = pieces.holder(table)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(left)
        self.split.addWidget(right)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([230, 900])
        self.split.setChildrenCollapsible(False)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.split)
        self.setLayout(pieces.column(self.pages))
        self.setMinimumHeight(_LOWEST)
        self._dress(theme)

    def _dress(self, theme: Theme) -> None:
        self.name.setIcon(themed("dataset", theme))
        self.import_.setIcon(themed("add", theme))
        self.annotate.setIcon(themed("annotation", theme))
        self.undo.setIcon(themed("undo", theme))

    # The window

    def set_theme(self, theme: Theme) -> None:
        """Take other colours and sizes."""
        for part in (self.welcome, self.tree, self.query, self.view, self.model):
            part.set_theme(theme)
        self._dress(theme)

    def show_editor(self, editor: "Editor | None") -> None:
        """Show what the inputs of another workflow are bound to."""
        self.watch.follow(editor)

    def refresh(self) -> None:
        """Show what the inputs are bound to, after some came or went."""
        self.watch.show()

    def release(self) -> None:
        """Stop everything, as the window closes."""
        self.query.release()
        self.commands.release()
        self.watch.release()
        self.thumbnails.use(None)
        self.model.show(None, [])
        self.opened.release()

    # The experiment

    def _opened(self, given: object) -> None:
        experiment = given if isinstance(given, Experiment) else None
        self.thumbnails.use(experiment)
        self._shown = None
        self._asked += 1
        self._order = BY_NAME
        self.query.field.clear()
        self.query.ask()
        self.model.show(None, [])
        self.view.show_keys()
        if experiment is None:
            self.tree.show_datasets(())
            self.welcome.show_recent(known_experiments())
        self._show_page()

    def _show_page(self) -> None:
        is_there = self.opened.experiment is not None
        self.pages.setCurrentWidget(self.split if is_there else self.welcome)
        is_opening = self.opened.is_opening
        self.welcome.say(tr("Opening\u2026") if is_opening else "", "muted")

    def _failed(self, error: object) -> None:
        assert isinstance(error, FlowError)
        if self.opened.experiment is None:
            self._show_page()
            self.welcome.say(f"{error.message} {error.remedy}".strip())
            self.welcome.show_recent(known_experiments())
        else:
            self.window_.refuse(error)

    def _read(self, contents: object) -> None:
        assert isinstance(contents, Contents)
        self._show_page()
        self.name.setText(contents.name)
        self.name.setToolTip(str(self.window_.workspace.experiment.path))
        self.query.show_known(contents.words)
        for button in (self.import_, self.annotate, self.keys, self.undo):
            button.setEnabled(not contents.is_read_only)
        self.model.is_editable = not contents.is_read_only
        change = contents.undoable
        self.undo.setEnabled(change is not None and not contents.is_read_only)
        self.undo.setToolTip(self.commands.change_words(change))
        self.tree.show_datasets(contents.datasets, contents.kinds)
        self.browse(is_new=False)
        self.watch.count()

    # The table

    @property
    def dataset(self) -> str:
        """The name of the dataset that is shown; empty if there is none."""
        current = self.tree.current
        return current.name if current is not None else ""

    @property
    def columns(self) -> list[Column]:
        """The columns of the table."""
        contents = self.opened.contents
        return columns_of(contents.keys if contents is not None else ())

    def browse(self, *, is_new: bool = True) -> None:
        """Read which rows there are, in a thread, and show them.

        Parameters
        ----------
        is_new : bool
            Whether other rows are asked for; else the same ones may have changed.
        """
        experiment = self.opened.experiment
        if experiment is None or not self.dataset:
            self.model.show(None, self.columns)
            self._count()
            return
        self._asked += 1
        mine, dataset, query, order = (
            self._asked,
            self.dataset,
            self.query.text,
            self._order,
        )
        if is_new or self._shown != (dataset, query):
            self.count.setText(tr("Reading\u2026"))
            self.nothing.setText("")

        def done(browsing: Browsing) -> None:
            if mine != self._asked:
                return
            old = self.model.browsing
            is_same = self._shown == (dataset, query) and old is not None
            self._shown = (dataset, query)
            if is_same and old is not None and len(old) == len(browsing) and not is_new:
                self.model.refresh(self.columns)
            else:
                self.model.show(browsing, self.columns)
                self.view.scrollToTop()
            self._count()

        def failed(error: FlowError) -> None:
            if mine == self._asked:
                self.count.setText(f"{error.message} {error.remedy}".strip())

        self.background.run(
            lambda: browse(
                experiment,
                query or None,
                dataset=dataset,
                order=order,
                go_on=lambda: mine == self._asked,
            ),
            done,
            failed,
        )

    def _sort(self, column: object, is_descending: bool) -> None:
        assert isinstance(column, Column)
        order = column.order(is_descending=is_descending)
        self._order = order if isinstance(order, Order) else BY_NAME
        self.browse()

    def _count(self, *_changed: object) -> None:
        count, chosen = self.model.rowCount(), self.view.chosen_count()
        if self.dataset or count:
            words = (
                tr("1 item") if count == 1 else tr("{count} items", count=f"{count:,}")
            )
            if chosen:
                words = tr(
                    "{words}, {chosen} selected", words=words, chosen=f"{chosen:,}"
                )
            self.count.setText(words)
        else:
            self.count.setText("")
        is_empty = self.opened.experiment is not None and not count
        self.nothing.setVisible(is_empty)
        self.view.setVisible(not is_empty)
        if is_empty:
            self.nothing.setText(
                tr("No item meets this filter.")
                if self.query.text
                else tr("Nothing is here yet. Import images, tables or other files.")
            )

    # What is chosen

    def drag_data(self) -> QMimeData | None:
        """Return what the selected rows stand for on the canvas."""
        found = self.dragged()
        return None if found is None else found.mime()

    def dragged(self) -> DraggedData | None:
        """Return the selected rows as a binding: the dataset, a query, or items."""
        dataset = self.tree.current
        if dataset is None:
            return None
        whole = self.tree.dragged(dataset)
        places = [] if self.view.is_all_chosen() else self.view.chosen_places()
        if not places:
            text = binding_of(dataset.name, self.query.text)
            return DraggedData(text, whole.name, whole.kind)
        if len(places) > MOST_DRAGGED:
            self.window_.message.say(
                tr(
                    "At most {most} single items can be bound; filter by a query and "
                    "take all it finds.",
                    most=MOST_DRAGGED,
                ),
                level="warning",
            )
            return None
        items = self.model.items_at(places)
        kind = str(items[0].info.kind)
        return DraggedData(binding_of(items=items), whole.name, kind)
