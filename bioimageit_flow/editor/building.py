"""Intents that add nodes and dataset inputs."""

from collections.abc import Iterable

from bioimageit_flow.editor.published import PREFIX
from bioimageit_flow.editor.scene import Point, PortAddress
from bioimageit_flow.editor.wiring import Wiring
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.edits import nodes, places, wires
from bioimageit_flow.workflow.edits.changing import free_id
from bioimageit_flow.workflow.file import plain_of
from bioimageit_flow.workflow.interface import Ported


class Building(Wiring):
    """Intents that add something to the graph."""

    def add_tool(
        self,
        ref: str,
        at: Point | None = None,
        *,
        connect_from: PortAddress | None = None,
        connect_to: tuple[str, str] | None = None,
        insert_on: str | None = None,
    ) -> str:
        """Add a node of a tool, wired at once if asked; returns its id.

        Parameters
        ----------
        ref : str
            ``toolbox/name`` or ``toolbox/name@version``.
        at : tuple of float, optional
            Where; by default beside what it is wired with or what is selected.
            On a wire it goes between the ends, which make room for it.
        connect_from : tuple, optional
            A source that the best of its inputs is wired from.
        connect_to : tuple, optional
            An input port that the best of its outputs is wired to.
        insert_on : str, optional
            Key of a wire to put it on.

        Raises
        ------
        ToolError
            If there is no such tool.
        WorkflowError
            If it does not fit where it should be wired.
        """
        document, name, title, entry = self._with_node(ref)
        behind = {**self.ports, name: entry}
        if insert_on is not None:
            edge = wires.edge_of_key(document, insert_on)
            document = self._inserted(document, behind, edge, name)
        if connect_from is not None:
            source = Source(node=connect_from[0], port=connect_from[1])
            document = self._wired_from(document, behind, source, name)
        if connect_to is not None:
            document = self._wired_to(document, behind, name, connect_to)
        if insert_on is not None:
            edge = wires.edge_of_key(self.document, insert_on)
            document = self._placed_between(document, name, edge.source.node, edge.node)
        else:
            place = at or self._beside(connect_from, connect_to)
            document = places.move(document, {name: place})
        self.commit(f"Add {title}", document)
        self.select([name])
        return name

    def _with_node(self, ref: str) -> tuple[Document, str, str, Ported]:
        """Add the node of a tool, or of a subworkflow of the palette."""
        if ref.startswith(PREFIX):
            inner = self.published.read(ref)
            name = nodes.new_node_id(self.document, inner.name.lower())
            plain = plain_of(inner)
            document = nodes.add_node(
                self.document, name, workflow=plain, label=inner.name
            )
            return document, name, inner.name, self.toolset.interface(plain, name)
        tool = self.toolset.tool(ref)
        name = nodes.new_node_id(self.document, tool.id)
        document = nodes.add_node(self.document, name, tool=str(tool.ref))
        return document, name, tool.name, tool

    def add_dataset(
        self,
        name: str = "images",
        kind: Kind | str = Kind.IMAGE,
        at: Point | None = None,
        *,
        axes: Iterable[str] = (),
        label: str = "",
        help: str = "",
        connect_to: tuple[str, str] | None = None,
    ) -> str:
        """Add a dataset input; a name that is taken gets a number. Returns its id."""
        free = free_id(self.document, name)
        document = nodes.add_dataset(
            self.document, free, kind, axes=axes, label=label, help=help
        )
        if connect_to is not None:
            edge = Edge(Source(node=free), *connect_to)
            document = self._drawn(document, self.ports, edge)
        place = at or self._beside(None, connect_to)
        document = places.move(document, {free: place})
        self.commit(f"Add the dataset input {free}", document)
        self.select([free])
        return free

    def wires_for(self, node: str) -> list[str]:
        """Return the keys of the wires that a node can be put onto."""
        found = []
        for key, wire in self.scene.wires.items():
            if node in (wire.source[0], wire.target[0]):
                continue
            edge = wires.edge_of_key(self.document, key)
            try:
                self._inserted(self.document, self.ports, edge, node)
            except WorkflowError:
                continue
            found.append(key)
        return found

    def insert_on_wire(self, key: str, node: str, at: Point | None = None) -> None:
        """Put a node that is there already onto a wire.

        It stays at the place that is given where there is room for it between the ends;
        else they make room.
        """
        edge = wires.edge_of_key(self.document, key)
        if node in (edge.node, edge.source.node):
            raise WorkflowError(f"{self.title_of(node)} is at an end of that wire.")
        document = self._inserted(self.document, self.ports, edge, node)
        document = self._placed_between(document, node, edge.source.node, edge.node, at)
        self.commit(f"Insert {self.title_of(node)}", document)
