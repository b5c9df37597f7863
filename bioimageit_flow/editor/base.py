"""What all intents of the editor stand on: documents, levels, selection, signals."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from psygnal import Signal

from bioimageit_flow.editor.composing import Memory, compose, reselect
from bioimageit_flow.editor.experiment.shown import with_bound
from bioimageit_flow.editor.findings import at_level
from bioimageit_flow.editor.published import PublishedWorkflows
from bioimageit_flow.editor.running.marks import Marks, with_marks
from bioimageit_flow.editor.running.marks import at_level as marks_at_level
from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.edits.arranging import placed
from bioimageit_flow.workflow.edits.changing import node_of, with_node
from bioimageit_flow.workflow.edits.places import taken_ids
from bioimageit_flow.workflow.file import plain_of, save_document
from bioimageit_flow.workflow.history import Step
from bioimageit_flow.workflow.interface import Ported
from bioimageit_flow.workflow.judging import Judge
from bioimageit_flow.workflow.rules import WireProblems
from bioimageit_flow.workflow.toolset import Toolset, problems_inside


class EditorBase:
    """One open workflow: what it is now, what is seen of it, what is selected.

    Parameters
    ----------
    workflow : Workflow
        What is edited.
    path : Path, optional
        The file it was read from.

    Attributes
    ----------
    workflow : Workflow
        The whole of it, whatever subworkflow is entered.
    document : Document
        The level that is seen: the workflow, or the subworkflow entered.
    scene : Scene
        What the canvas shows.
    selection : frozenset of str
        Ids of nodes, notes and frames, and keys of wires.
    problems : list of Problem
        What is wrong at the level that is seen.
    path : Path or None
        The file.
    """

    scene_changed = Signal(Scene)
    selection_changed = Signal(frozenset)
    problems_changed = Signal(list)
    message = Signal(str, str)
    state_changed = Signal()
    edited = Signal(str)

    def __init__(self, workflow: Workflow, path: Path | None = None) -> None:
        self.workflow = workflow
        self.path = path
        self.selection: frozenset[str] = frozenset()
        self.problems: list[Problem] = []
        self.scene = Scene()
        self.ports: dict[str, Ported] = {}
        self._entered: tuple[str, ...] = ()
        self._levels: list[Document] = []
        self._wires: WireProblems = ()
        self._memory = Memory()
        self._judge = Judge()
        self._findings: tuple[Problem, ...] = ()
        self._bound: Mapping[str, str] = {}
        self._marks: Marks = {}
        self._saved: Document | None = workflow.document if path else None
        self.toolset = workflow.toolset
        self.toolset.folder = path.parent if path else None
        self.published = PublishedWorkflows()
        self._begin(workflow.document)

    def _begin(self, document: Document) -> None:
        """Start from a document whose missing places are made up, without a step."""
        is_saved = self._saved is document
        complete = placed(document)
        self.workflow.restart(complete)
        if is_saved:
            self._saved = complete
        elif self._saved is None and not document.nodes and not document.inputs:
            self._saved = complete  # an empty new workflow has nothing to lose
        self._categories = {
            box.id: box.name for box in self.toolset.catalogue.toolboxes()
        }
        self.refresh()

    # What is seen

    @property
    def document(self) -> Document:
        """The level that is seen."""
        return self._levels[-1]

    @property
    def entered(self) -> tuple[str, ...]:
        """The subworkflow nodes that were entered, the outermost first."""
        return self._entered

    @property
    def title(self) -> str:
        """Name of the workflow."""
        return self.workflow.document.name

    @property
    def is_modified(self) -> bool:
        """Whether something is lost when it is closed now."""
        return self.workflow.document != self._saved

    def refresh(self) -> None:
        """Compute everything that is seen anew, and tell what changed."""
        self._levels = self._read_levels()
        self.ports, missing = self.toolset.ports_of(self.document)
        self._wires = self._judge.wires(self.document, self.ports)
        problems = [
            *missing,
            *self._judge.problems(self.document, self.ports, self._wires),
            *problems_inside(self.ports),
        ]
        there = {"", *self.document.inputs, *self.document.nodes}
        problems += [
            one
            for one in at_level(self._findings, self._entered)
            if one.node in there and one not in problems
        ]
        selection = self.selection
        if selection:
            edges = map(str, self.document.edges())
            selection &= {*taken_ids(self.document), *edges}
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit(selection)
        if problems != self.problems:
            self.problems = problems
            self.problems_changed.emit(problems)
        self._recompose()

    def take_findings(self, problems: Iterable[Problem]) -> None:
        """Show problems beside those of the rules, such as a plan found.

        They stay until others are taken; those of nodes that are gone go with them.
        """
        found = tuple(problems)
        if found != self._findings:
            self._findings = found
            self.refresh()
            self.state_changed.emit()

    def take_marks(self, marks: Marks) -> None:
        """Show at each node what a plan or a run has to say of it."""
        if marks != self._marks:
            self._marks = dict(marks)
            self._recompose()

    def reload_tools(self) -> None:
        """Look for tools anew, after some were installed or changed."""
        self.toolset.refresh()
        self.refresh()

    def _recompose(self) -> None:
        titles = [level.name for level in self._levels]
        scene = compose(
            self.document,
            self.ports,
            self.problems,
            self.selection,
            categories=self._categories,
            trail=tuple(titles),
            wires=self._wires,
            memory=self._memory,
        )
        if not self._entered:
            scene = with_bound(scene, self._bound)
        scene = with_marks(scene, marks_at_level(self._marks, self._entered))
        if scene != self.scene:
            self.scene = scene
            self.scene_changed.emit(scene)

    def show_bound(self, bound: Mapping[str, str]) -> None:
        """Say on the boxes of dataset inputs what they are bound to."""
        if bound != self._bound:
            self._bound = dict(bound)
            self._recompose()

    def _read_levels(self) -> list[Document]:
        """Return the documents of all levels; leaves those that are gone."""
        levels = [self.workflow.document]
        for depth, name in enumerate(self._entered):
            node = levels[-1].nodes.get(name)
            if node is None or not isinstance(node.workflow, dict):
                self._entered = self._entered[:depth]
                break
            known = self._levels[depth + 1 : depth + 2]
            if known and plain_of(known[0]) == node.workflow:
                levels.append(known[0])
            else:
                levels.append(placed(self.toolset.read_inner(node.workflow, name)))
        return levels

    # Edits

    def commit(self, words: str, document: Document, *, merge: str = "") -> bool:
        """Make a changed document of the level that is seen the present one.

        Parameters
        ----------
        words : str
            What was done; a line of the history.
        document : Document
            What an edit made of `document`.
        merge : str
            Edits that follow each other with the same key are one step.

        Returns
        -------
        bool
            Whether anything changed.
        """
        root = placed(document)
        levels = [root]
        for depth in range(len(self._entered) - 1, -1, -1):
            outer = self._levels[depth]
            inner: dict[str, Any] = plain_of(root)
            root = with_node(outer, self._entered[depth], workflow=inner)
            levels.insert(0, root)
        if merge:
            merge = f"{'/'.join(self._entered)}:{merge}"
        before = self._levels
        self._levels = levels
        if not self.workflow.apply(words, root, merge=merge):
            self._levels = before
            return False
        self._after_edit(words)
        return True

    def _after_edit(self, words: str) -> None:
        self.refresh()
        self.edited.emit(words)
        self.state_changed.emit()

    def undo(self) -> bool:
        """Take the last step back; False if there is none."""
        done = self.workflow.undo()
        if done:
            self._after_edit("Undo")
        return done

    def redo(self) -> bool:
        """Do the last step taken back again; False if there is none."""
        done = self.workflow.redo()
        if done:
            self._after_edit("Redo")
        return done

    def jump(self, step: int) -> None:
        """Go to a line of `history`."""
        self.workflow.jump(step)
        self._after_edit("Go through the history")

    @property
    def history(self) -> list[Step]:
        """All steps, the beginning first, also those that were taken back."""
        return self.workflow.history()

    # Selection

    def select(self, ids: Iterable[str], mode: str = "replace") -> None:
        """Select nodes, notes, frames and wires.

        Parameters
        ----------
        ids : iterable of str
            Ids, and keys of wires; those that are not there are left out.
        mode : {"replace", "add", "toggle", "remove"}
            What becomes of the present selection.
        """
        scene = self.scene
        families = (scene.nodes, scene.wires, scene.frames, scene.notes)
        wanted = frozenset(one for one in ids if any(one in all_ for all_ in families))
        match mode:
            case "add":
                selection = self.selection | wanted
            case "toggle":
                selection = self.selection ^ wanted
            case "remove":
                selection = self.selection - wanted
            case _:
                selection = wanted
        if selection != self.selection:
            self.selection = frozenset(selection)
            self.scene = reselect(self.scene, self.selection)
            self.scene_changed.emit(self.scene)
            self.selection_changed.emit(self.selection)

    def select_all(self) -> None:
        """Select everything but the wires."""
        self.select(taken_ids(self.document))

    @property
    def selected_nodes(self) -> tuple[str, ...]:
        """The nodes and dataset inputs selected, in the order of the document."""
        return tuple(
            name
            for name in (*self.document.inputs, *self.document.nodes)
            if name in self.selection
        )

    # Files

    def save(self, path: Path | None = None) -> None:
        """Write the file; raises `WorkflowError` if that fails or there is no path."""
        target = path or self.path
        if target is None:
            raise WorkflowError(
                "This workflow has no file yet.", remedy="Save it under a name."
            )
        save_document(self.workflow.document, target)
        self.note_saved(self.workflow.document, target)

    def note_saved(self, document: Document, path: Path) -> None:
        """Take note that a document, maybe not the present one any more, is a file."""
        self.path = path
        self.toolset.folder = path.parent
        self._saved = document
        self.workflow.seal()
        self.state_changed.emit()

    def mark_modified(self) -> None:
        """Say that the file is not what is seen: it was recovered, or changed."""
        self._saved = None
        self.state_changed.emit()

    def take(self, document: Document, words: str) -> None:
        """Take another document, which is what the file says, as one step."""
        self._entered = ()
        complete = placed(document)
        self._levels = [complete]
        self._saved = complete
        if self.workflow.apply(words, complete):
            self.workflow.seal()
        self._after_edit(words)

    def _require_node(self, name: str) -> None:
        if name not in self.document.inputs:
            node_of(self.document, name)

    def title_of(self, name: str) -> str:
        """Return what people call a node, a note or a frame."""
        view = self.scene.nodes.get(name)
        if view is not None:
            return view.title
        frame = self.scene.frames.get(name)
        return frame.title or "the frame" if frame else "the note"


def named(titles: list[str]) -> str:
    """Return a few titles in words, or how many there are."""
    if len(titles) == 1:
        return titles[0]
    if len(titles) == 2:
        return f"{titles[0]} and {titles[1]}"
    return f"{len(titles)} things"


__all__ = ["EditorBase", "Toolset", "named"]
