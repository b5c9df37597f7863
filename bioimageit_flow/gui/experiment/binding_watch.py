"""Bindings on the canvas: counted, shown on the boxes, made by drop and by menu."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPointF

from bioimageit_flow.editor.experiment.binding import count_of, words_of
from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.gui.experiment.dragging import DraggedData
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.kinds import Kind, takes

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.experiment.opened import OpenedExperiment
    from bioimageit_flow.gui.window import MainWindow

_GAP: Final = 80.0


class BindingWatch(QObject):
    """Keeps what the boxes of dataset inputs say in step with the bindings.

    Parameters
    ----------
    window : MainWindow
        Whose workflow it is.
    opened : OpenedExperiment
        In which items are counted.
    """

    def __init__(
        self, window: "MainWindow", opened: "OpenedExperiment", parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._opened = opened
        self._state = window.workspace.experiment
        self._editor: Editor | None = None
        self._running: set[str] = set()
        self._state.changed.connect(self._changed)

    def release(self) -> None:
        """Let go of the bindings."""
        self._state.changed.disconnect(self._changed)
        self._editor = None

    def follow(self, editor: "Editor | None") -> None:
        """Show the bindings of another workflow."""
        self._editor = editor
        self._changed()

    def _changed(self) -> None:
        self.show()
        self.count()

    def show(self) -> None:
        """Say on the boxes what they are bound to."""
        if self._editor is not None:
            self._editor.show_bound(self._state.shown(self._editor))

    def count(self) -> None:
        """Count, in a thread, how many items the bindings mean."""
        editor, experiment = self._editor, self._opened.experiment
        if editor is None or experiment is None:
            return
        for text in self._state.uncounted(editor):
            if text in self._running:
                continue
            self._running.add(text)
            self._opened.background.run(
                partial(count_of, experiment, text),
                partial(self._counted, text, self._state.path),
                partial(self._uncounted, text),
            )

    def _counted(self, text: str, path: object, count: int) -> None:
        self._running.discard(text)
        if path == self._state.path:
            self._state.note_count(text, count)
            self.show()

    def _uncounted(self, text: str, _error: FlowError) -> None:
        self._running.discard(text)

    # Binding

    def drop(self, data: DraggedData, at: QPointF, key: str) -> None:
        """Bind what was dropped on the canvas.

        On a dataset input it is bound; on a tool it becomes a new input that is wired
        to it; on the ground it becomes a new input there.
        """
        editor = self._window.editor
        if editor is None:
            return
        node = editor.scene.nodes.get(key)
        if node is not None and node.role is NodeRole.DATASET:
            self.bind(editor, key, data)
        elif node is not None:
            self._window.attempt(lambda: self._add_before(editor, key, data))
        else:
            place = editor.room_at((at.x(), at.y()))
            self._window.attempt(lambda: self._add(editor, data, place))

    def bind(self, editor: "Editor", name: str, data: DraggedData) -> None:
        """Bind a dataset input to data, and say so."""

        def intent() -> None:
            self._check_level(editor)
            wanted = editor.workflow.document.inputs[name].kind
            if not takes(wanted, Kind(data.kind)):
                raise WorkflowError(
                    tr(
                        "The input {name} takes {wanted}, and these are {kind}.",
                        name=name,
                        wanted=tr(str(wanted)),
                        kind=tr(data.kind),
                    ),
                    remedy=tr("Drop them on an empty place for an input of their own."),
                )
            self._state.bind(editor, name, data.binding)
            self._window.message.say(
                tr(
                    "{name} takes {what} in this experiment.",
                    name=name,
                    what=words_of(data.binding),
                ),
                level="good",
            )

        self._window.attempt(intent)

    def _check_level(self, editor: "Editor") -> None:
        if editor.entered:
            raise WorkflowError(
                tr("Data are bound to the inputs of the whole workflow."),
                remedy=tr("Leave the subworkflow first."),
            )

    def _add(
        self,
        editor: "Editor",
        data: DraggedData,
        at: tuple[float, float],
        connect_to: tuple[str, str] | None = None,
    ) -> None:
        self._check_level(editor)
        name = editor.add_dataset(
            identifier(data.name), Kind(data.kind), at, connect_to=connect_to
        )
        self._state.bind(editor, name, data.binding)

    def _add_before(self, editor: "Editor", key: str, data: DraggedData) -> None:
        node = editor.scene.nodes[key]
        kind = Kind(data.kind)
        port = next(
            (
                one
                for one in node.inputs
                if takes(one.kind, kind) and (not one.is_wired or one.takes_group)
            ),
            None,
        )
        if port is None:
            raise WorkflowError(
                tr(
                    "{title} has no free input for {kind}.",
                    title=node.title,
                    kind=tr(data.kind),
                ),
                remedy=tr("Drop them on an empty place for an input of their own."),
            )
        at = (node.x - node.width - _GAP, node.y)
        self._add(editor, data, at, (key, port.name))


def identifier(text: str) -> str:
    """Return a name that a dataset input can have."""
    kept = "".join(one if one.isascii() and one.isalnum() else "_" for one in text)
    kept = kept.strip("_")[:40]
    return kept if kept and kept[0].isalpha() else f"images_{kept}".rstrip("_")
