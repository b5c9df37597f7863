"""Ways to a place: from lists and searches to what they speak of."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from bioimageit_flow.model.problem import Problem

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow


class Navigation(QObject):
    """Selects, centres, and opens the panel where something is changed.

    Parameters
    ----------
    window : MainWindow
        In which one goes about.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def activate(self, key: str) -> None:
        """Double click or Enter: into a subworkflow, else to the parameters."""
        editor = self._window.editor
        if editor is None:
            return
        node = editor.document.nodes.get(key)
        if node is not None and node.workflow is not None:
            self._window.attempt(lambda: editor.enter(key))
            return
        editor.select([key])
        self._window.refresh()
        self._window.docks.reveal("parameters")
        self._window.presenter.focus()

    def focus_canvas(self) -> None:
        """Give the keys to the canvas."""
        self._window.canvas_call(
            lambda page: page.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        )

    def go_to(self, key: str) -> None:
        """Select something and bring it into the middle."""
        if self._window.editor is not None and self._window.page is not None:
            found = self._window.editor.go_to(key)
            self._window.page.canvas.centre_on(found)

    def go_to_match(self, match: object) -> None:
        """Show what was found."""
        key = str(getattr(match, "id", ""))
        self.go_to(key)
        parameter = getattr(match, "parameter", "")
        if parameter:
            self._window.refresh()
            self._window.docks.reveal("parameters")

    def go_to_problem(self, problem: object) -> None:
        """Show where a problem is."""
        if not isinstance(problem, Problem):
            return
        if not problem.node:
            return
        self.go_to(problem.node)
        self._window.refresh()
        if self._window.parameters.has_field(problem.port):
            self._window.docks.reveal("parameters")
            self._window.parameters.focus_field(problem.port)

    def go_to_next_problem(self) -> None:
        """Walk through the problems."""
        self._window.docks.reveal("problems")
        self._window.problems.step()

    def show_help(self) -> None:
        """Show the page of the tool that is selected."""
        self._window.docks.reveal("parameters")
        self._window.parameters.open_about()

    def show_workflow(self) -> None:
        """Show name, description and licence of the workflow."""
        if self._window.editor is not None:
            self._window.editor.select(())
        self._window.docks.reveal("parameters")
