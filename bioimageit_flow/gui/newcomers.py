"""What the start page shows and does: tools, examples, findings, the first steps."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.start_page import ExampleCard, MachineFinding, RecentFile
from bioimageit_flow.gui.tutorial_panel import Look

if TYPE_CHECKING:
    from bioimageit_flow.catalogue import Catalogue
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.editor.scene import Scene
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.model.tool import InstalledTool
    from bioimageit_flow.session import Example

_STEPS_HEIGHT: Final = 430


class Newcomers(QObject):
    """Fills the start page from threads, and answers its buttons.

    Parameters
    ----------
    window : MainWindow
        Whose start page it is.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._examples: dict[str, Example] = {}
        start = window.start
        start.new_requested.connect(window.files.new)
        start.open_requested.connect(window.files.ask_to_open)
        start.recent_requested.connect(self._open_recent)
        start.example_requested.connect(self.open_example)
        start.tutorial_requested.connect(self.begin_tutorial)
        start.experiment_requested.connect(self._show_experiment)
        window.workspace.experiment.changed.connect(self._name_experiment)

    def begin(self) -> None:
        """Read what takes time in threads."""
        window = self._window
        window.show_marks()
        self.show_recent()
        self._name_experiment()
        window.background.run(
            lambda: _read_tools(window.workspace.session.catalogue),
            self._show_tools,
            window.refuse,
        )
        window.background.run(
            lambda: _read_examples(window.workspace.session.catalogue),
            self._show_examples,
            window.refuse,
        )
        self._diagnose()

    def look_at_machine(self) -> None:
        """Show the start page with fresh findings."""
        self._window.documents.show_editor(None)
        self._diagnose()

    def show_recent(self) -> None:
        """List recent files that are still there."""
        workspace = self._window.workspace
        found = []
        for one in workspace.recent:
            if one.path.exists():
                picture = workspace.picture_path(one.path)
                found.append(
                    RecentFile(one.path, picture if picture.exists() else None)
                )
        self._window.start.show_recent(found)

    def open_example(self, name: str) -> None:
        """Make the data and the experiment of an example, then open its workflow."""
        window = self._window
        example = self._examples[name]
        folder = window.workspace.folder / "examples" / name
        window.start.show_busy(name)

        def make() -> tuple[Path, Path, dict[str, str]]:
            experiment, workflow, bind = example.set_up(
                folder, window.workspace.session
            )
            with experiment:
                target = folder / example.workflow_path.name
                if not target.exists():
                    workflow.save(target)
                return target, experiment.path, bind

        def show(made: tuple[Path, Path, dict[str, str]]) -> None:
            path, experiment, bind = made
            window.start.show_busy("")
            window.workspace.experiment.open(experiment, bind)
            if window.files.open(path):
                window.message.say(
                    tr(
                        "The images of this example are in the experiment {path}.",
                        path=experiment,
                    ),
                    level="good",
                    stays=True,
                )

        def fail(error: FlowError) -> None:
            window.start.show_busy("")
            window.refuse(error)

        window.background.run(make, show, fail)

    def release(self) -> None:
        """Let go of the experiment, as the window closes."""
        self._window.workspace.experiment.changed.disconnect(self._name_experiment)

    def begin_tutorial(self) -> None:
        """Show the first steps beside an empty workflow."""
        if self._window.editor is None:
            self._window.files.new()
        self._window.docks.reveal("tutorial")
        self._window.docks.give_room(
            "tutorial", round(_STEPS_HEIGHT * self._window.theme.font_scale)
        )
        self._window.refresh()

    def follow_steps(self, editor: "Editor") -> None:
        """Tick off the first steps that are done."""
        from bioimageit_flow.gui.runs.panel import runs_panel

        control = runs_panel(self._window).control
        self._window.tutorial.look(
            Look(
                editor.scene,
                has_parameters=any(
                    node.parameters for node in editor.document.nodes.values()
                ),
                is_saved=editor.path is not None and not editor.is_modified,
                has_images=bool(control.raw_datasets()),
                has_run=control.of(editor) is not None,
            )
        )

    def _name_experiment(self) -> None:
        window = self._window
        window.start.show_experiment(window.workspace.experiment.path)

    def _show_experiment(self) -> None:
        """Show the experiment, beside a workflow that is open, or else a new one."""
        window = self._window
        editors = window.workspace.editors
        if editors:
            window.documents.show_editor(editors[-1])
        else:
            window.files.new()
        window.docks.reveal("experiment")

    def _open_recent(self, path: str) -> None:
        window = self._window
        if not window.files.open(path) and not Path(path).exists():
            window.workspace.forget_recent(Path(path))
            self.show_recent()

    def _diagnose(self) -> None:
        window = self._window

        def look() -> list[MachineFinding]:
            found = window.workspace.session.doctor()
            return [MachineFinding(one.text, one.remedy, one.is_good) for one in found]

        window.background.run(look, window.start.show_findings, window.refuse)

    def _show_tools(self, tools: "tuple[InstalledTool, ...]") -> None:
        catalogue = self._window.workspace.session.catalogue
        self._window.palette_panel.show_tools(tools, catalogue.search)

    def _show_examples(self, read: "list[tuple[Example, Scene]]") -> None:
        self._examples = {one.name: one for one, _ in read}
        self._window.start.show_examples(
            [
                ExampleCard(one.name, one.title, one.summary, scene)
                for one, scene in read
            ]
        )


def _read_tools(catalogue: "Catalogue") -> Any:  # noqa: ANN401
    tools = catalogue.newest()
    catalogue.search("warm")
    return tools


def _read_examples(catalogue: "Catalogue") -> "list[tuple[Example, Scene]]":
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.session.examples import examples
    from bioimageit_flow.workflow import Workflow

    found = []
    for one in examples():
        workflow = Workflow.load(one.workflow_path, catalogue=catalogue)
        found.append((one, Editor(workflow, one.workflow_path).scene))
    return found
