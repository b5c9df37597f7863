"""Intents of subworkflows: make, enter, leave, unpack, embed."""

from collections.abc import Collection

from bioimageit_flow.editor.base import EditorBase
from bioimageit_flow.editor.published import Published
from bioimageit_flow.editor.scene import Point
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.edits import nesting, nodes, places
from bioimageit_flow.workflow.edits.changing import free_id, node_of, with_node
from bioimageit_flow.workflow.file import plain_of


class Nesting(EditorBase):
    """Workflows within workflows."""

    def make_subworkflow(
        self, ids: Collection[str] | None = None, name: str = "Subworkflow"
    ) -> str:
        """Put nodes into a subworkflow, by default the selected; returns its id."""
        chosen = self.selection if ids is None else set(ids)
        document, id_ = nesting.make_subworkflow(
            self.document, chosen, name, self.ports
        )
        self.commit(f"Make the subworkflow {name}", document)
        self.select([id_])
        return id_

    def enter(self, id_: str) -> None:
        """Show what is in a subworkflow; edits go there until `leave`.

        Raises
        ------
        WorkflowError
            If the node is no subworkflow, or a file of its own.
        """
        node = node_of(self.document, id_)
        if node.workflow is None:
            raise WorkflowError(f"{self.title_of(id_)} is no subworkflow.", node=id_)
        if isinstance(node.workflow, str):
            raise WorkflowError(
                f"{self.title_of(id_)} is the file {node.workflow}.",
                remedy="Open that file, or embed it in this workflow first.",
                node=id_,
            )
        self.toolset.read_inner(node.workflow, id_)
        self._go((*self._entered, id_))

    def leave(self, levels: int = 1) -> bool:
        """Go back to the level above; False at the top."""
        if not self._entered:
            return False
        left = self._entered[-levels] if levels <= len(self._entered) else ""
        self._go(self._entered[: max(0, len(self._entered) - levels)])
        if left:
            self.select([left])
        return True

    def go_to(self, path: str) -> str:
        """Select something, also ``sub/node`` in a subworkflow, which is entered.

        Returns
        -------
        str
            The id that is selected at the level that is seen now; that of the
            subworkflow where it cannot be entered.
        """
        while "/" in path and path not in self.scene.wires:
            outer, _, path = path.partition("/")
            try:
                self.enter(outer)
            except WorkflowError:
                path = outer
        self.select([path])
        return path

    def _go(self, entered: tuple[str, ...]) -> None:
        self.workflow.seal()
        self._entered = entered
        self.selection = frozenset()
        self.refresh()
        self.selection_changed.emit(self.selection)
        self.state_changed.emit()

    def unpack(self, id_: str) -> list[str]:
        """Put the nodes of a subworkflow in its place; returns their ids."""
        document, ids = nesting.unpack(self.document, id_, self.inner(id_))
        self.commit(f"Unpack {self.title_of(id_)}", document)
        self.select(ids)
        return ids

    def embed(self, id_: str) -> None:
        """Make a subworkflow that is a file of its own a part of this one."""
        inner = plain_of(self.inner(id_))
        document = with_node(self.document, id_, workflow=inner)
        self.commit(f"Embed {self.title_of(id_)}", document)

    def publish_subworkflow(self, id_: str) -> Published:
        """Put a subworkflow into the palette, for all workflows of the user."""
        inner = self.inner(id_)
        label = self.document.nodes[id_].label
        if label:
            inner = inner.model_copy(update={"name": label})
        return self.published.publish(inner)

    def inner(self, id_: str) -> Document:
        """Return the workflow in a node; raises `WorkflowError` if there is none."""
        node = node_of(self.document, id_)
        if node.workflow is None:
            raise WorkflowError(f"{self.title_of(id_)} is no subworkflow.", node=id_)
        return self.toolset.read_inner(node.workflow, id_)

    def add_subworkflow(self, inner: Document, at: Point | None = None) -> str:
        """Add a whole workflow as one node; returns its id."""
        name = free_id(self.document, inner.name.lower().replace(" ", "_"))
        document = nodes.add_node(
            self.document, name, workflow=plain_of(inner), label=inner.name
        )
        if at is not None:
            document = places.move(document, {name: at})
        self.commit(f"Add the subworkflow {inner.name}", document)
        self.select([name])
        return name
