"""Intents that change or remove what is there."""

from collections.abc import Collection, Iterable
from typing import Any, Literal

from bioimageit_flow.editor.base import EditorBase, named
from bioimageit_flow.editor.scene import PortAddress
from bioimageit_flow.workflow.document import NodeState, Source
from bioimageit_flow.workflow.edits import nodes, places, swapping, wires
from bioimageit_flow.workflow.edits.changing import replaced, with_node


class Tuning(EditorBase):
    """Intents of parameters, states, names, and of removing."""

    def remove(
        self, ids: Iterable[str] | None = None, *, reconnect: bool = False
    ) -> None:
        """Remove nodes, notes, frames and wires, by default the selected ones.

        Parameters
        ----------
        ids : iterable of str, optional
            Ids, and keys of wires.
        reconnect : bool
            Whether what came into a node goes on to what came after it.
        """
        wanted = list(self.selection if ids is None else ids)
        if not wanted:
            return
        document = self.document
        keys = [key for key in wanted if key in self.scene.wires]
        edges = [wires.edge_of_key(document, key) for key in keys]
        boxes = [one for one in wanted if one in self.scene.nodes]
        document = wires.disconnect(document, edges)
        if reconnect and boxes:
            document = swapping.remove_and_reconnect(document, boxes, self.ports)
        else:
            document = nodes.remove_nodes(document, boxes)
        document = places.remove_notes(
            document, [one for one in wanted if one in self.scene.notes]
        )
        document = places.remove_frames(
            document, [one for one in wanted if one in self.scene.frames]
        )
        drawn = [self.title_of(one) for one in wanted if one not in keys]
        what = named(drawn or ["a wire" if len(keys) == 1 else f"{len(keys)} wires"])
        self.commit(f"Remove {what}", document)

    def extract(self, ids: Iterable[str]) -> None:
        """Take nodes out of their wires, which go on without them; the nodes stay."""
        chosen = [one for one in ids if one in self.document.nodes]
        if not chosen:
            return
        before = self.document
        document = swapping.remove_and_reconnect(before, chosen, self.ports)
        free = {
            name: before.nodes[name].model_copy(update={"wires": {}, "match": {}})
            for name in chosen
        }
        nodes_now = {
            name: free.get(name) or document.nodes[name] for name in before.nodes
        }
        document = document.model_copy(update={"nodes": nodes_now})
        kept = before.layout.model_copy(update={"waypoints": document.layout.waypoints})
        document = document.model_copy(update={"layout": kept})
        titles = named([self.title_of(name) for name in chosen])
        self.commit(f"Take out {titles}", document)

    def swap_tool(self, node: str, ref: str) -> None:
        """Put another tool in the place of a node's; what has no place is said."""
        tool = self.toolset.tool(ref)
        swap = swapping.swap_tool(self.document, node, tool, self.ports)
        self.commit(f"Replace {self.title_of(node)} by {tool.name}", swap.document)
        lost = []
        if swap.lost_wires:
            lost.append(f"no port for {', '.join(swap.lost_wires)}")
        if swap.lost_parameters:
            lost.append(f"no parameter {', '.join(swap.lost_parameters)}")
        if lost:
            self.message.emit(f"{tool.name} has {' and '.join(lost)}.", "")

    def rename(self, node: str, title: str) -> None:
        """Change what is written on a node, a dataset input or a frame."""
        if node in self.scene.frames:
            changed = places.change_frame(self.document, node, title=title.strip())
        else:
            self._require_node(node)
            changed = nodes.set_label(self.document, node, title.strip())
        self.commit(f"Rename {self.title_of(node)}", changed)

    def rename_id(self, node: str, name: str) -> None:
        """Change the name in the file; wires follow."""
        selected = node in self.selection
        self.commit(f"Rename {node}", nodes.rename(self.document, node, name))
        if selected:
            self.select([name], "add")

    def set_dataset(self, name: str, **fields: object) -> None:
        """Change the kind, axes, formats, label or help of a dataset input."""
        changed = nodes.change_dataset(self.document, name, **fields)
        self.commit(f"Change {name}", changed, merge=f"dataset {name} {sorted(fields)}")

    def set_parameter(
        self,
        ids: str | Collection[str],
        name: str,
        value: Any,  # noqa: ANN401 - parameters have any type
    ) -> None:
        """Set a parameter of one or several nodes; None for the default.

        A value that the tool does not take is kept and becomes a problem, so that
        nothing typed is lost.
        """
        chosen = [ids] if isinstance(ids, str) else list(ids)
        document = self.document
        for node in chosen:
            document = nodes.set_parameters(document, node, {name: value})
        titles = named([self.title_of(node) for node in chosen])
        merge = f"set {name} {sorted(chosen)}"
        self.commit(f"Set {name} of {titles}", document, merge=merge)

    def set_state(self, ids: str | Collection[str], state: NodeState | str) -> None:
        """Enable, disable or bypass nodes; dataset inputs have no state."""
        chosen = [ids] if isinstance(ids, str) else list(ids)
        chosen = [node for node in chosen if node in self.document.nodes]
        document = nodes.set_state(self.document, chosen, state)
        words = {"enabled": "Enable", "disabled": "Disable", "bypass": "Bypass"}
        titles = named([self.title_of(node) for node in chosen])
        self.commit(f"{words[NodeState(state)]} {titles}", document)

    def set_isolation(
        self, ids: str | Collection[str] | None, isolation: Literal["worker", "job"]
    ) -> None:
        """Say whether each job of some nodes has a container of its own.

        Parameters
        ----------
        ids : str, collection of str or None
            The nodes; None for the whole workflow.
        """
        if ids is None:
            changed = replaced(self.document, isolation=isolation)
            self.commit("Isolate jobs", changed)
            return
        chosen = [ids] if isinstance(ids, str) else list(ids)
        document = self.document
        for node in chosen:
            document = with_node(document, node, isolation=isolation)
        titles = named([self.title_of(node) for node in chosen])
        self.commit(f"Isolate jobs of {titles}", document)

    def set_group_by(self, node: str, keys: Iterable[str]) -> None:
        """Say by which annotation keys a node forms its groups."""
        changed = with_node(self.document, node, group_by=tuple(keys))
        self.commit(f"Group {self.title_of(node)}", changed, merge=f"group {node}")

    def set_about(self, **fields: object) -> None:
        """Change the name, description, authors or licence of the workflow."""
        changed = replaced(self.document, **fields)
        self.commit("Describe the workflow", changed, merge=f"about {sorted(fields)}")

    def set_output(self, name: str, source: PortAddress | None) -> None:
        """Name a result of the workflow; None forgets the name."""
        outputs = dict(self.document.outputs)
        outputs.pop(name, None)
        if source is not None:
            outputs[name] = str(Source(node=source[0], port=source[1]))
        self.commit(f"Name the output {name}", replaced(self.document, outputs=outputs))
