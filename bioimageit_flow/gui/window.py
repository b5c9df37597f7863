"""The main window: panels around the canvas, and what passes between them."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow

from bioimageit_flow.editor.commands import COMMANDS
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.mending import Fix
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import menus
from bioimageit_flow.gui.adding import Adding
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.command_actions import CommandActions
from bioimageit_flow.gui.docks import Docks
from bioimageit_flow.gui.document_page import DocumentPage
from bioimageit_flow.gui.documents import Documents, title_of
from bioimageit_flow.gui.files import Files
from bioimageit_flow.gui.find_bar import FindBar
from bioimageit_flow.gui.handlers import handlers
from bioimageit_flow.gui.history_panel import HistoryPanel
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import MessageLine
from bioimageit_flow.gui.missing_tools import tool_fixes
from bioimageit_flow.gui.navigation import Navigation
from bioimageit_flow.gui.newcomers import Newcomers
from bioimageit_flow.gui.outline_panel import OutlinePanel
from bioimageit_flow.gui.page_signals import connect_page
from bioimageit_flow.gui.palette_panel import PalettePanel
from bioimageit_flow.gui.parameters.panel import ParametersPanel
from bioimageit_flow.gui.parameters.presenter import ParametersPresenter
from bioimageit_flow.gui.plan_watch import PlanWatch
from bioimageit_flow.gui.problems_panel import ProblemsPanel
from bioimageit_flow.gui.search_popup import SearchPopup
from bioimageit_flow.gui.start_page import StartPage
from bioimageit_flow.gui.status_line import StatusLine
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.tutorial_panel import TutorialPanel
from bioimageit_flow.gui.watching import Watching
from bioimageit_flow.model.problem import Problem

_SIZE: Final = QSize(1360, 860)
_SMALLEST: Final = QSize(760, 520)
_REFRESH_MS: Final = 30


class MainWindow(QMainWindow):
    """One window with all open workflows.

    Parameters
    ----------
    workspace : Workspace
        What is open, and what is remembered.
    background : Background
        Where long work goes.
    theme : Theme
        How it looks.

    Attributes
    ----------
    look_changed : Signal
        When the user chose another theme, language or size of text.
    """

    look_changed = Signal()
    palette_panel: PalettePanel
    outline: OutlinePanel
    parameters: ParametersPanel
    history: HistoryPanel
    problems: ProblemsPanel
    tutorial: TutorialPanel

    def __init__(
        self, workspace: Workspace, background: Background, theme: Theme
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("BioImageIT Flow")
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        self.setAcceptDrops(True)
        self.workspace = workspace
        self.background = background
        self.theme = theme
        self._editor: Editor | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REFRESH_MS)
        self._later.timeout.connect(self.refresh)
        self.navigation = Navigation(self)
        self._build_middle()
        self._build_panels()
        self.popup = SearchPopup(theme, self)
        self.command_palette = SearchPopup(theme, self)
        self.command_palette.chosen.connect(self._do)
        self.adding = Adding(self.popup, self.attempt, self._used, self)
        self.files = Files(self)
        self.watching = Watching(self)
        self.newcomers = Newcomers(self)
        self.plan_watch = PlanWatch(self)
        done = {id_: partial(self.attempt, do) for id_, do in handlers(self).items()}
        self.actions_ = CommandActions(
            COMMANDS, done, workspace.settings.shortcuts, self
        )
        menus.fill_menu_bar(self)
        self.toolbar = menus.toolbar(self)
        self.addToolBar(self.toolbar)
        self.status = StatusLine(self, theme)
        self.status.clicked.connect(lambda: self.docks.reveal("problems"))
        self.status.zoom_reset.connect(
            lambda: self.canvas_call(lambda page: page.canvas.zoom_reset())
        )
        background.busy_changed.connect(self._show_work)
        self.actions_.set_theme(theme)
        self.docks.set_working(is_working=False)
        self.docks.restore(workspace.settings.window.get("layout", ""))
        self._follow(None)
        self.newcomers.begin()
        self.docks.begin_work()

    # Parts

    def _build_middle(self) -> None:
        self.start = StartPage(self.theme)
        self.documents = Documents(self.start, self.theme)
        self.documents.current_changed.connect(self._follow)
        self.documents.page_added.connect(self._connect_page)
        self.documents.close_requested.connect(lambda one: self.files.close(one))
        self.message = MessageLine(self.theme)
        self.find_bar = FindBar(self.theme)
        self.find_bar.go_requested.connect(self.navigation.go_to_match)
        self.find_bar.closed.connect(self.navigation.focus_canvas)
        self.documents.float_above(self.message)
        self.documents.message_place.addWidget(self.find_bar)
        self.setCentralWidget(self.documents)

    def _build_panels(self) -> None:
        theme = self.theme
        self.palette_panel = PalettePanel(theme)
        self.palette_panel.add_requested.connect(self._add_from_palette)
        self.palette_panel.favourite_toggled.connect(self._toggle_favourite)
        self.outline = OutlinePanel(theme)
        self.outline.selection_requested.connect(
            lambda ids: self._editor.select(ids) if self._editor else None
        )
        self.outline.go_requested.connect(self.navigation.go_to)
        self.parameters = ParametersPanel(theme)
        self.presenter = ParametersPresenter(self.parameters, self.attempt, self)
        self.history = HistoryPanel(theme)
        self.history.jump_requested.connect(
            lambda step: self._editor.jump(step) if self._editor else None
        )
        self.problems = ProblemsPanel(theme)
        self.problems.go_requested.connect(self.navigation.go_to_problem)
        self.problems.fixed.connect(lambda fix: self.attempt(fix.apply))
        self.tutorial = TutorialPanel(theme)
        self.docks = Docks(self)
        self.tutorial.close_requested.connect(self.docks["tutorial"].hide)
        self.tutorial.panel_requested.connect(self.docks.reveal)

    def _fixes(self, problem: Problem) -> list[Fix]:
        mine = self._editor.fixes(problem) if self._editor is not None else []
        return mine + self.plan_watch.fixes(problem) + tool_fixes(self, problem)

    # What is in front

    @property
    def editor(self) -> Editor | None:
        """The workflow in front; None on the start page."""
        return self._editor

    @property
    def page(self) -> DocumentPage | None:
        """The page in front; None on the start page."""
        return self.documents.page

    def canvas_call(self, call: Callable[[DocumentPage], object]) -> None:
        """Do something with the page in front, if there is one."""
        if self.page is not None:
            call(self.page)

    def editor_call(self, call: Callable[[Editor], object]) -> None:
        """Run an intent of the editor in front; a refusal becomes a line."""
        editor = self._editor
        if editor is not None:
            self.attempt(lambda: call(editor))

    def attempt(self, intent: Callable[[], object]) -> bool:
        """Run an intent; a refusal becomes a line in the window."""
        try:
            intent()
        except FlowError as error:
            self.refuse(error)
            return False
        return True

    def refuse(self, error: FlowError) -> None:
        """Show an error as a line."""
        self.message.say(error.message, error.remedy, level="error")

    def _follow(self, given: object) -> None:
        editor = given if isinstance(given, Editor) else None
        old = self._editor
        if old is not None and old is not editor:
            old.scene_changed.disconnect(self._soon)
            old.selection_changed.disconnect(self._soon)
            old.problems_changed.disconnect(self._soon)
            old.state_changed.disconnect(self._soon)
            old.message.disconnect(self._hear)
            old.edited.disconnect(self._edited)
        if editor is not None and editor is not old:
            editor.scene_changed.connect(self._soon)
            editor.selection_changed.connect(self._soon)
            editor.problems_changed.connect(self._soon)
            editor.state_changed.connect(self._soon)
            editor.message.connect(self._hear)
            editor.edited.connect(self._edited)
        self._editor = editor
        self.docks.set_working(is_working=editor is not None)
        self.toolbar.setVisible(editor is not None)
        self.message.hide()
        self.find_bar.hide()
        self.popup.close_search()
        self.presenter.show_editor(editor)
        for panel in self.docks.panels:
            panel.show_editor(editor)
        self.refresh()
        if editor is not None:
            self.navigation.focus_canvas()
        else:
            self.newcomers.show_recent()

    def _soon(self, *_changed: object) -> None:
        if not self._later.isActive():
            self._later.start()

    def _edited(self, _words: str) -> None:
        self.message.settle()

    def _hear(self, text: str, remedy: str) -> None:
        self.message.say(text, remedy)

    def refresh(self) -> None:
        """Show the present state in every panel."""
        self._later.stop()
        editor = self._editor
        self.status.show_editor(editor)
        menus.enable(self)
        for panel in self.docks.panels:
            panel.refresh()
        if editor is None:
            self.setWindowTitle("BioImageIT Flow")
            self.setWindowModified(False)
            return
        self.presenter.refresh()
        self.outline.show_scene(editor.scene)
        self.outline.show_selection(editor.selection)
        self.plan_watch.look()
        is_empty = not editor.scene.nodes
        self.problems.show_problems(editor.problems, self._fixes, is_empty=is_empty)
        self.history.show_steps(editor.history)
        self.documents.show_state(editor)
        self.setWindowTitle(f"{title_of(editor)}[*] \u2014 BioImageIT Flow")
        self.setWindowModified(editor.is_modified)
        if self.page is not None:
            self.status.show_zoom(self.page.canvas.zoom)
        self.newcomers.follow_steps(editor)

    def _connect_page(self, page: object) -> None:
        assert isinstance(page, DocumentPage)
        connect_page(self, page)

    @Slot(object, bool)
    def _do(self, id_: object, _stays: bool) -> None:
        self.actions_[str(id_)].trigger()

    # The palette

    def _add_from_palette(self, ref: str) -> None:
        if self.page is not None:
            self.adding.add_tool(self.page.canvas, ref)

    def _used(self, ref: str) -> None:
        self.workspace.note_use(ref)
        self.show_marks()

    def _toggle_favourite(self, id_: str) -> None:
        self.workspace.toggle_favourite(id_)
        self.show_marks()

    def show_marks(self) -> None:
        """Show favourites and what was used lately in the palette."""
        self.palette_panel.show_marks(
            self.workspace.settings.favourites, self.workspace.settings.recent_tools
        )
        self.palette_panel.show_published(
            [
                (one.ref, one.title, one.summary)
                for one in self.workspace.published.all()
            ]
        )

    def _show_work(self, running: int) -> None:
        self.status.show_work(tr("Working\u2026") if running else "")

    # Looks

    def set_theme(self, theme: Theme) -> None:
        """Take other colours and sizes."""
        is_resized = theme.font_scale != self.theme.font_scale
        self.theme = theme
        if is_resized:
            self.docks.scale_width(theme.font_scale)
            self.toolbar.setIconSize(menus.icon_size(theme))
        for part in (
            self.documents,
            self.start,
            self.message,
            self.find_bar,
            self.palette_panel,
            self.outline,
            self.parameters,
            self.history,
            self.problems,
            self.tutorial,
            self.popup,
            self.command_palette,
            self.status,
            self.actions_,
        ):
            part.set_theme(theme)
        for panel in self.docks.panels:
            panel.set_theme(theme)
        self.setWindowIcon(themed("subworkflow", theme))
        self.refresh()

    # Events of the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open workflows and pictures; other files become dataset inputs."""
        urls = event.mimeData().urls()
        paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
        canvas = self.page.canvas if self.page is not None else None
        self.files.dropped(paths, canvas, None)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, unless something would be lost; remember the layout."""
        if not self.files.may_quit():
            event.ignore()
            return
        window = {**self.workspace.settings.window, "layout": self.docks.save()}
        self.workspace.change_settings(window=window)
        self._let_go()
        event.accept()

    def retire(self) -> None:
        """Close in favour of another window around the same workflows."""
        self._let_go()
        self.hide()
        self.deleteLater()

    def _let_go(self) -> None:
        self._later.stop()
        self.files.release()
        self.newcomers.release()
        self.plan_watch.release()
        self.background.wait()
        self.documents.blockSignals(True)
        self._follow(None)
        self.docks.release()
        for page in self.documents.pages:
            page.release()
            page.canvas.show_editor(None)
