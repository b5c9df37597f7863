"""Finding: tools for the palette and for ports, nodes on the canvas, the next port."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bioimageit_flow.editor.base import EditorBase
from bioimageit_flow.editor.form import Form, form_of
from bioimageit_flow.editor.outline import Entry, outline_of
from bioimageit_flow.editor.scene import NodeView, PortAddress
from bioimageit_flow.editor.upgrading import ToolChange, changes_between
from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.workflow.document import Source
from bioimageit_flow.workflow.interface import Offer
from bioimageit_flow.workflow.rules import offered
from bioimageit_flow.workflow.suggestions import (
    compatible_sources,
    compatible_targets,
    inputs_for,
    outputs_for,
)

Direction = Literal["left", "right", "up", "down"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tool that fits some words or a port.

    Attributes
    ----------
    ref : str
        ``toolbox/name@version``; what `Editor.add_tool` takes.
    title, summary, category : str
        Its name, what it does, and its toolbox.
    score : float
        How well it fits, 1 for the best.
    port : str
        The port by which it would be wired, if a port was asked for.
    """

    ref: str
    title: str
    summary: str
    category: str
    score: float
    port: str = ""


@dataclass(frozen=True, slots=True)
class MissingTool:
    """A tool that is not on this machine.

    Attributes
    ----------
    ref : str
        What the file names.
    nodes : tuple of str
        Where it stands.
    remedy : str
        What to do.
    """

    ref: str
    nodes: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Match:
    """Something found on the canvas.

    Attributes
    ----------
    id : str
        The node, note or frame.
    parameter : str
        The parameter that was found, if it was one.
    text : str
        What to show.
    """

    id: str
    parameter: str
    text: str


class Seeking(EditorBase):
    """Questions that change nothing."""

    def search(self, text: str = "") -> list[Suggestion]:
        """Return the tools that fit some words, the best first; all without words.

        Names, aliases, keywords and descriptions are searched; a letter or two may be
        wrong.
        """
        found = self._suggestions(self.toolset.catalogue.search(text))
        return [*self._published(text), *found]

    def suggest(
        self, port: PortAddress, text: str = "", *, is_output: bool = True
    ) -> list[Suggestion]:
        """Return the tools that a wire from (or to) a port can be wired with.

        Parameters
        ----------
        port : tuple
            Node and port.
        text : str
            Words that they must fit.
        is_output : bool
            Whether the wire comes from there; else it goes there.
        """
        node, name = port
        found: list[tuple[float, int, InstalledTool, str]] = []
        tools = self.toolset.catalogue.search(text)
        if is_output:
            offer = offered(self.document, self.ports, Source(node=node, port=name))
            if isinstance(offer, str):
                return []
            for rank, tool in enumerate(tools):
                entries = inputs_for(tool.tool, offer)
                if entries:
                    found.append((entries[0][0], rank, tool, entries[0][1]))
        else:
            behind = self.ports.get(node)
            wanted = behind.inputs.get(name or "") if behind else None
            if wanted is None:
                return []
            for rank, tool in enumerate(tools):
                outs = outputs_for(tool.tool, wanted)
                if outs:
                    found.append((outs[0][0], rank, tool, outs[0][1]))
        if text:
            found.sort(key=lambda one: (one[1], -one[0]))
        else:
            found.sort(key=lambda one: (-one[0], one[1]))
        return [
            self._suggestion(tool, score=close, port=entry)
            for close, _, tool, entry in found
        ]

    def compatible(
        self, port: PortAddress, *, is_output: bool = True
    ) -> set[PortAddress]:
        """Return the ports that glow while a wire is dragged from a port.

        Parameters
        ----------
        port : tuple
            Node and port; the port of a dataset input is None or empty.
        is_output : bool
            Whether the drag began at an output.
        """
        node, name = port
        if is_output:
            return {*compatible_targets(self.document, self.ports, node, name or None)}
        return compatible_sources(self.document, self.ports, node, name or "")

    def find(self, text: str) -> list[Match]:
        """Return nodes, parameters, notes and frames of the level that hold a text."""
        wanted = text.casefold().strip()
        if not wanted:
            return []
        found = [
            Match(view.id, "", f"{view.title} ({view.id})")
            for view in self.scene.nodes.values()
            if wanted in f"{view.title}\n{view.id}\n{view.subtitle}".casefold()
        ]
        for name, node in self.document.nodes.items():
            behind = self.ports.get(name)
            known = behind.parameters if behind else {}
            for key in dict.fromkeys([*known, *node.parameters]):
                label = known[key].label if key in known else ""
                value = node.parameters.get(key, "")
                if wanted in f"{key}\n{label}\n{value}".casefold():
                    title = self.scene.nodes[name].title
                    found.append(Match(name, key, f"{title}: {label or key}"))
        found += [
            Match(view.id, "", view.text.strip().split("\n")[0])
            for view in self.scene.notes.values()
            if wanted in view.text.casefold()
        ]
        found += [
            Match(frame.id, "", frame.title)
            for frame in self.scene.frames.values()
            if wanted in frame.title.casefold()
        ]
        return found

    # About nodes

    def form(self, nodes: Sequence[str] | None = None) -> Form:
        """Return the form of some nodes, by default of those selected."""
        chosen = self.selected_nodes if nodes is None else nodes
        return form_of(self.document, self.ports, chosen, self.problems)

    def installed_tool(self, node: str) -> InstalledTool | None:
        """Return the tool behind a node with its folders; None if it is not to be had.

        It says what a panel shows: help, citations, licence, image, resources, rights.
        """
        entry = self.document.nodes.get(node)
        if entry is None or entry.tool is None:
            return None
        try:
            return self.toolset.installed(entry.tool)
        except ToolError:
            return None

    def versions_of(self, node: str) -> tuple[str, ...]:
        """Return the versions of the tool behind a node, the newest first."""
        entry = self.document.nodes.get(node)
        if entry is None or entry.tool is None:
            return ()
        return self.toolset.catalogue.versions(entry.tool.partition("@")[0])

    def version_changes(self, node: str, version: str) -> list[ToolChange]:
        """Return what another version of its tool would change for a node."""
        old = self.installed_tool(node)
        if old is None:
            return []
        new = self.toolset.catalogue.get(f"{old.tool.id}@{version}")
        return changes_between(old, new, self.document, node)

    def missing_tools(self) -> list[MissingTool]:
        """Return the tools that are not to be had, with a way to get them."""
        missing: dict[str, tuple[list[str], str]] = {}
        for name, node in self.document.nodes.items():
            if node.tool is None or name in self.ports:
                continue
            try:
                self.toolset.installed(node.tool)
            except ToolError as error:
                missing.setdefault(node.tool, ([], error.remedy))[0].append(name)
        return [
            MissingTool(ref, tuple(nodes), remedy)
            for ref, (nodes, remedy) in missing.items()
        ]

    def outline(self) -> tuple[Entry, ...]:
        """Return the same as the canvas, as a tree to read."""
        return outline_of(self.scene, self.document, self.toolset.read_inner)

    # Keyboard

    def neighbour(self, id_: str, direction: Direction) -> str | None:
        """Return the node to which an arrow key goes.

        Left and right walk the wires; where there is none, and up and down, the nearest
        node in that direction is taken.
        """
        views = self.scene.nodes
        if id_ not in views:
            return next(iter(views), None)
        here = views[id_]
        wired: list[NodeView] = []
        for wire in self.scene.wires.values():
            source, target = wire.source[0], wire.target[0]
            if direction == "right" and source == id_ and target in views:
                wired.append(views[target])
            if direction == "left" and target == id_ and source in views:
                wired.append(views[source])
        if wired:
            return min(wired, key=lambda view: abs(view.y - here.y)).id
        ahead = [
            (distance, view.id)
            for view in views.values()
            if view.id != id_
            and (distance := _distance_ahead(here, view, direction)) is not None
        ]
        return min(ahead)[1] if ahead else None

    def next_port(
        self, id_: str, port: tuple[str, bool] | None = None, *, backwards: bool = False
    ) -> tuple[str, bool] | None:
        """Return the port after one: name, and whether it is an output.

        Outputs come first, since wires are drawn from them; None for a node without
        ports.
        """
        view = self.scene.nodes.get(id_)
        if view is None:
            return None
        ports = [(one.name, True) for one in view.outputs]
        ports += [(one.name, False) for one in view.inputs]
        if not ports:
            return None
        if port not in ports:
            return ports[-1] if backwards else ports[0]
        step = -1 if backwards else 1
        return ports[(ports.index(port) + step) % len(ports)]

    def offer_at(self, port: PortAddress) -> Offer | None:
        """Return what an output carries, as far as it is known."""
        found = offered(
            self.document, self.ports, Source(node=port[0], port=port[1] or None)
        )
        return found if isinstance(found, Offer) else None

    # Inside

    def _published(self, text: str) -> list[Suggestion]:
        """Return the user's subworkflows whose name or summary holds all words."""
        wanted = text.casefold().split()
        return [
            Suggestion(one.ref, one.title, one.summary, "My subworkflows", 1.0)
            for one in self.published.all()
            if all(word in f"{one.title} {one.summary}".casefold() for word in wanted)
        ]

    def _suggestions(self, tools: list[InstalledTool]) -> list[Suggestion]:
        count = max(len(tools), 1)
        return [
            self._suggestion(tool, score=1.0 - rank / count)
            for rank, tool in enumerate(tools)
        ]

    def _suggestion(
        self, tool: InstalledTool, *, score: float, port: str = ""
    ) -> Suggestion:
        says = tool.tool
        return Suggestion(
            ref=str(says.ref),
            title=says.name,
            summary=says.summary,
            category=self._categories.get(says.toolbox, says.toolbox),
            score=score,
            port=port,
        )


def _distance_ahead(
    here: NodeView, there: NodeView, direction: Direction
) -> float | None:
    dx, dy = there.x - here.x, there.y - here.y
    match direction:
        case "left":
            ahead, aside = -dx, dy
        case "right":
            ahead, aside = dx, dy
        case "up":
            ahead, aside = -dy, dx
        case "down":
            ahead, aside = dy, dx
    return ahead + 2 * abs(aside) if ahead > 1 else None
