"""The middle of the window: a tab for each open workflow, and the start page."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.document_page import DocumentPage
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.start_page import StartPage
from bioimageit_flow.gui.theme import Theme

_FLOATING_WIDTH = 860
_LEAST_FLOATING = 420  # narrower, it rather lies over the overview
_LEAST_WIDTH = 264  # for the buttons of a message
_MARGIN = 16
_GROWS = (QEvent.Type.Show, QEvent.Type.LayoutRequest)
_APPEARS = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move)
_UNSAVED = "\u2022 "


class Documents(QWidget):
    """Tabs and what they show; the first tab is the start page.

    Attributes
    ----------
    current_changed : Signal
        With the editor that is in front, None on the start page.
    close_requested : Signal
        With the editor whose tab should go.
    page_added : Signal
        With a new page, before it is shown.
    """

    current_changed = Signal(object)
    close_requested = Signal(object)
    page_added = Signal(object)

    def __init__(
        self, start: StartPage, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("documentArea")
        self._theme = theme
        self.start = start
        self.tabs = QTabBar()
        self.tabs.setObjectName("documents")
        self.tabs.setAccessibleName(tr("Open workflows"))
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setMovable(False)
        self.tabs.setTabsClosable(False)
        self._floating: QWidget | None = None
        self.setMinimumWidth(_LEAST_WIDTH)
        self._stack = QStackedWidget()
        self._stack.addWidget(start)
        self.tabs.addTab(icon("home", theme.muted), tr("Start"))
        self.tabs.currentChanged.connect(self._show)
        self.message_place = pieces.column(margin=0, gap=0)
        self.setLayout(pieces.column(self.tabs, self.message_place, self._stack, gap=0))

    def float_above(self, widget: QWidget) -> None:
        """Show something above the lower edge, so that nothing moves when it comes."""
        widget.setParent(self)
        widget.hide()
        widget.installEventFilter(self)
        self._floating = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what floats in its place, however long its text is."""
        kinds = _GROWS if watched is self._floating else _APPEARS
        if event.type() in kinds:
            self._place_floating()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what floats in its place."""
        super().resizeEvent(event)
        self._place_floating()

    def _place_floating(self) -> None:
        widget = self._floating
        if widget is None:
            return
        width = min(_FLOATING_WIDTH, self.width() - 2 * _MARGIN)
        left = (self.width() - width) // 2
        map_ = self.page.canvas.minimap if self.page is not None else None
        if map_ is not None and map_.isVisible():
            edge = map_.mapTo(self, QPoint(0, 0)).x() - _MARGIN
            width = min(width, max(edge - _MARGIN, _LEAST_FLOATING))
            left = max(min(left, edge - width), _MARGIN)
        height = max(widget.heightForWidth(width), widget.minimumSizeHint().height())
        widget.setGeometry(left, self.height() - height - _MARGIN, width, height)
        widget.raise_()

    @property
    def pages(self) -> list[DocumentPage]:
        """The pages of all open workflows."""
        found = (self._stack.widget(place) for place in range(self._stack.count()))
        return [page for page in found if isinstance(page, DocumentPage)]

    @property
    def page(self) -> DocumentPage | None:
        """The page in front; None on the start page."""
        found = self._stack.currentWidget()
        return found if isinstance(found, DocumentPage) else None

    def page_of(self, editor: Editor) -> DocumentPage | None:
        """Return the page of an editor."""
        return next((page for page in self.pages if page.editor is editor), None)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.tabs.setTabIcon(0, icon("home", theme.muted))
        for page in self.pages:
            page.set_theme(theme)
            self._add_close_button(page)

    def add(self, editor: Editor) -> DocumentPage:
        """Open a tab for an editor, and show it."""
        page = DocumentPage(editor, self._theme)
        page.canvas.minimap.installEventFilter(self)  # a message makes room for it
        place = self._stack.addWidget(page)
        self.tabs.insertTab(place, "")
        self._add_close_button(page)
        self.show_state(editor)
        self.page_added.emit(page)
        self.show_editor(editor)
        return page

    def remove(self, editor: Editor) -> None:
        """Close the tab of an editor."""
        page = self.page_of(editor)
        if page is None:
            return
        place = self._stack.indexOf(page)
        page.release()
        page.canvas.show_editor(None)
        self._stack.removeWidget(page)
        self.tabs.removeTab(place)
        page.deleteLater()
        self._show(self.tabs.currentIndex())

    def show_editor(self, editor: Editor | None) -> None:
        """Bring an editor to the front; None for the start page."""
        page = self.page_of(editor) if editor is not None else None
        place = self._stack.indexOf(page) if page is not None else 0
        if self.tabs.currentIndex() != place:
            self.tabs.setCurrentIndex(place)
        else:
            self._show(place)

    def show_state(self, editor: Editor) -> None:
        """Write the title of a tab, with a mark if it is not saved."""
        page = self.page_of(editor)
        if page is None:
            return
        place = self._stack.indexOf(page)
        mark = _UNSAVED if editor.is_modified else ""
        self.tabs.setTabText(place, f"{mark}{title_of(editor)}")
        self.tabs.setTabToolTip(
            place, str(editor.path) if editor.path else tr("Not saved yet")
        )

    def step(self, by: int) -> None:
        """Go to the next tab, or back."""
        count = self.tabs.count()
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % count)

    def _show(self, place: int) -> None:
        if not 0 <= place < self._stack.count():
            return
        self._stack.setCurrentIndex(place)
        page = self.page
        self.current_changed.emit(page.editor if page else None)

    def _add_close_button(self, page: DocumentPage) -> None:
        place = self._stack.indexOf(page)
        name = tr("Close {title}", title=title_of(page.editor))
        close = pieces.tool_button(
            name,
            icon("close", self._theme.muted),
            lambda: self.close_requested.emit(page.editor),
            size=12,
        )
        self.tabs.setTabButton(place, QTabBar.ButtonPosition.RightSide, close)


def title_of(editor: Editor) -> str:
    """Return what a tab is called: the file, else the name of the workflow."""
    if editor.path is not None:
        return editor.path.name.removesuffix(".flow.yaml").removesuffix(".yaml")
    return editor.title or tr("Untitled")
