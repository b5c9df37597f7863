"""The editable workflow.

Every edit replaces the document by a changed copy, checks the rules that guard it, and
tells `changed`. The history keeps the copies (they share what did not change), so that
every edit, whatever it did, can be undone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from psygnal import Signal
from pydantic import ValidationError

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.model.validation import explain
from bioimageit_flow.workflow.document import (
    Document,
    Edge,
    Match,
    MatchBy,
    Node,
    NodeState,
    Source,
)
from bioimageit_flow.workflow.file import (
    load_document,
    read_document,
    save_document,
    write_document,
)
from bioimageit_flow.workflow.history import History
from bioimageit_flow.workflow.rules import (
    check,
    edge_problems,
    parameter_problems,
    tools_of,
)
from bioimageit_flow.workflow.structure import would_close_circle


@dataclass(frozen=True, slots=True)
class PortHandle:
    """One port of a node or a dataset input; ``a >> b`` draws a wire."""

    workflow: "Workflow"
    node: str
    port: str | None

    def __rshift__(self, target: "PortHandle") -> "PortHandle":
        if target.port is None:
            raise WorkflowError(f"{target.node} is a dataset input: it takes no wire.")
        self.workflow.connect(str(self), str(target))
        return target

    def __str__(self) -> str:
        return f"{self.node}.{self.port}" if self.port else self.node


@dataclass(frozen=True, slots=True)
class NodeHandle:
    """One node; ``node["port"]`` is a port of it."""

    workflow: "Workflow"
    id: str

    def __getitem__(self, port: str) -> PortHandle:
        return PortHandle(self.workflow, self.id, port)

    def __str__(self) -> str:
        return self.id


class Workflow:
    """A workflow that can be built, changed, checked and saved.

    Parameters
    ----------
    name : str
        What people call it.
    catalogue : Catalogue, optional
        Where its tools are found; by default the built-in and the user's.

    Attributes
    ----------
    changed : Signal
        Emitted with the words of each edit, after it.

    Examples
    --------
    >>> workflow = Workflow("Smooth")
    >>> images = workflow.add_input("images", "image")
    >>> blur = workflow.add("skimage/gaussian", sigma=1.5)
    >>> images >> blur["image"]
    """

    changed = Signal(str)

    def __init__(self, name: str, *, catalogue: Catalogue | None = None) -> None:
        document = Document(id=str(uuid4()), name=name)
        self._history = History(document)
        self._catalogue = catalogue

    @classmethod
    def load(
        cls, path: Path | str, *, catalogue: Catalogue | None = None
    ) -> "Workflow":
        """Read a workflow file; errors are those of `load_document`."""
        return cls.of(load_document(Path(path)), catalogue=catalogue)

    @classmethod
    def loads(cls, text: str, *, catalogue: Catalogue | None = None) -> "Workflow":
        """Read a workflow from the text of a file."""
        return cls.of(read_document(text), catalogue=catalogue)

    @classmethod
    def of(
        cls, document: Document, *, catalogue: Catalogue | None = None
    ) -> "Workflow":
        """Return a workflow that begins with a document."""
        workflow = cls(document.name, catalogue=catalogue)
        workflow._history = History(document)
        return workflow

    def save(self, path: Path | str) -> None:
        """Write the workflow file, all or nothing; raises `WorkflowError`."""
        save_document(self.document, Path(path))

    def dumps(self) -> str:
        """Return the text of the workflow file."""
        return write_document(self.document)

    @property
    def document(self) -> Document:
        """What the file would say now."""
        return self._history.present

    @property
    def name(self) -> str:
        """What people call it."""
        return self.document.name

    @property
    def catalogue(self) -> Catalogue:
        """Where the tools are found."""
        if self._catalogue is None:
            self._catalogue = Catalogue.default()
        return self._catalogue

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by id, in the order in which they were added."""
        return self.document.nodes

    def problems(self) -> list[Problem]:
        """Return everything that is wrong, as far as can be told without data."""
        return check(self.document, self.catalogue)

    # Edits

    def add_input(
        self,
        name: str,
        kind: Kind | str = Kind.IMAGE,
        *,
        axes: tuple[str, ...] | list[str] = (),
        help: str = "",
    ) -> PortHandle:
        """Add a dataset input, to which a run binds a dataset.

        Raises
        ------
        WorkflowError
            If the name is taken or malformed, or there is no such kind.
        """
        self._require_free(name)
        entry = {"kind": kind, "axes": tuple(axes), "help": help}
        inputs = {**self.document.inputs, name: entry}
        self._replace(f"Add the dataset input {name}", inputs=inputs)
        return PortHandle(self, name, None)

    def add(
        self,
        tool: str,
        *,
        id: str | None = None,
        label: str = "",
        group_by: tuple[str, ...] | list[str] = (),
        **parameters: Any,  # noqa: ANN401 - parameters have any type
    ) -> NodeHandle:
        """Add a node.

        Parameters
        ----------
        tool : str
            ``toolbox/name``, for its newest version, or ``toolbox/name@version``.
        id : str, optional
            Name of the node; by default made from the name of the tool.
        label : str, optional
            What is written on the node.
        group_by : sequence of str, optional
            Keys by which a group tool forms its groups.
        **parameters
            Values that differ from the defaults.

        Raises
        ------
        ToolError
            If there is no such tool.
        WorkflowError
            If the id is taken, or a parameter is unknown or out of bounds.
        """
        found = self.catalogue.get(tool).tool
        name = id or self._free_id(found.id.rpartition("/")[2])
        self._require_free(name)
        given = _without_none(parameters)
        _check_parameters(name, found, given)
        node = {
            "tool": found.ref,
            "label": label,
            "group_by": tuple(group_by),
            "parameters": given,
        }
        self._replace(f"Add {name}", nodes={**self.document.nodes, name: node})
        return NodeHandle(self, name)

    def set(self, node: str | NodeHandle, **parameters: Any) -> None:  # noqa: ANN401
        """Set parameters of a node; None takes a parameter back to its default.

        Raises
        ------
        WorkflowError
            If the node or a parameter is unknown, or a value is out of bounds.
        """
        name = str(node)
        entry = self._node(name)
        tool = self._tool(name)
        if tool is not None:
            _check_parameters(name, tool, parameters)
        kept = _without_none({**entry.parameters, **parameters})
        self._change_node(
            f"Set {', '.join(parameters)} of {name}", name, parameters=kept
        )

    def connect(self, source: str | PortHandle, target: str | PortHandle) -> None:
        """Draw a wire from ``node.port`` or a dataset input to ``node.port``.

        An input that takes items is rewired; one that takes groups gets a further
        wire.

        Raises
        ------
        WorkflowError
            If a port does not exist, kinds do not fit, or a circle would be closed.
        """
        edge = self._edge(str(source), str(target))
        tools, _ = tools_of(self.document, self.catalogue)
        for problem in edge_problems(self.document, tools, edge):
            raise WorkflowError(
                problem.text, remedy=problem.fix, node=edge.node, port=edge.port
            )
        if would_close_circle(self.document, edge):
            raise WorkflowError(
                f"The wire {edge} would close a circle.",
                remedy="A node cannot wait for itself.",
                node=edge.node,
                port=edge.port,
            )
        node = self._node(edge.node)
        tool = tools.get(edge.node)
        is_group = tool is not None and tool.inputs[edge.port].takes == "group"
        present = node.sources(edge.port) if is_group else ()
        texts = tuple(dict.fromkeys(str(one) for one in (*present, edge.source)))
        wire = texts if is_group else texts[0]
        wires = {**node.wires, edge.port: wire}
        self._change_node(f"Wire {edge}", edge.node, wires=wires)

    def disconnect(self, source: str | PortHandle, target: str | PortHandle) -> None:
        """Remove a wire; raises `WorkflowError` if it is not there."""
        edge = self._edge(str(source), str(target))
        node = self._node(edge.node)
        present = node.sources(edge.port)
        if edge.source not in present:
            raise WorkflowError(f"There is no wire {edge}.", node=edge.node)
        left = tuple(str(one) for one in present if one != edge.source)
        wires = {port: wire for port, wire in node.wires.items() if port != edge.port}
        if left:
            wires[edge.port] = left
        self._change_node(f"Remove the wire {edge}", edge.node, wires=wires)

    def match(
        self,
        target: str | PortHandle,
        *,
        by: list[str] | tuple[str, ...] = (),
        use_for_all: bool = False,
    ) -> None:
        """Say how items of one input meet those of the others.

        Parameters
        ----------
        target : str or PortHandle
            ``node.port``.
        by : sequence of str
            Annotation keys on which they must agree.
        use_for_all : bool
            Use the single item of this port for all items of the others.
        """
        edge = self._edge("any", str(target))
        node = self._node(edge.node)
        rules: dict[str, Match] = dict(node.match)
        rules.pop(edge.port, None)
        if use_for_all:
            rules[edge.port] = "use_for_all"
        elif by:
            rules[edge.port] = MatchBy(by=tuple(by))
        self._change_node(f"Match {target}", edge.node, match=rules)

    def set_state(self, node: str | NodeHandle, state: NodeState | str) -> None:
        """Enable, disable or bypass a node."""
        self._change_node(f"{state} {node}", str(node), state=NodeState(state))

    def set_output(self, name: str, source: str | PortHandle) -> None:
        """Name a result of the workflow."""
        outputs = {**self.document.outputs, name: str(source)}
        self._replace(f"Name the output {name}", outputs=outputs)

    def remove(self, node: str | NodeHandle) -> None:
        """Remove a node or a dataset input with its wires."""
        name = str(node)
        if name not in self.document.nodes and name not in self.document.inputs:
            raise WorkflowError(f"There is no node called {name!r}.")
        nodes = {
            other: _without_wires_from(entry, name)
            for other, entry in self.document.nodes.items()
            if other != name
        }
        places = {n: xy for n, xy in self.document.layout.nodes.items() if n != name}
        self._replace(
            f"Remove {name}",
            nodes=nodes,
            inputs={n: e for n, e in self.document.inputs.items() if n != name},
            outputs={
                n: text
                for n, text in self.document.outputs.items()
                if Source.parse(text).node != name
            },
            layout=self.document.layout.model_copy(update={"nodes": places}),
        )

    def move(self, node: str | NodeHandle, x: float, y: float) -> None:
        """Place a node on the canvas."""
        places = {**self.document.layout.nodes, str(node): (float(x), float(y))}
        layout = self.document.layout.model_copy(update={"nodes": places})
        self._replace(f"Move {node}", layout=layout)

    # History

    def undo(self) -> bool:
        """Take the last edit back; False if there is none."""
        words = self._history.undo()
        if words:
            self.changed.emit(f"Undo: {words}")
        return bool(words)

    def redo(self) -> bool:
        """Do the last edit taken back again; False if there is none."""
        words = self._history.redo()
        if words:
            self.changed.emit(words)
        return bool(words)

    # Inside

    def _edge(self, source: str, target: str) -> Edge:
        try:
            start, end = Source.parse(source), Source.parse(target)
        except ValueError as error:
            raise WorkflowError(f"{error}.") from error
        if end.port is None:
            raise WorkflowError(f"{target!r} names no port: write 'node.port'.")
        return Edge(start, end.node, end.port)

    def _node(self, name: str) -> Node:
        try:
            return self.document.nodes[name]
        except KeyError:
            known = ", ".join(self.document.nodes) or "none"
            raise WorkflowError(
                f"There is no node called {name!r} (there are: {known})."
            ) from None

    def _tool(self, name: str) -> Tool | None:
        return tools_of(self.document, self.catalogue)[0].get(name)

    def _require_free(self, name: str) -> None:
        if name in self.document.nodes or name in self.document.inputs:
            raise WorkflowError(
                f"There is a node or dataset input called {name!r} already.",
                remedy="Choose another name.",
            )

    def _free_id(self, base: str) -> str:
        stem = re.sub(r"\W", "_", base)
        taken = {*self.document.nodes, *self.document.inputs}
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        return name

    def _change_node(self, words: str, name: str, **fields: object) -> None:
        plain = {**dict(self._node(name)), **fields}
        self._replace(words, nodes={**self.document.nodes, name: plain})

    def _replace(self, words: str, **fields: object) -> None:
        plain = {**dict(self.document), **fields}
        plain["schema"] = plain.pop("schema_")
        try:
            document = Document.model_validate(plain)
        except ValidationError as error:
            raise WorkflowError(f"{words}: {explain(error)}.") from error
        if document != self.document:
            self._history.push(words, document)
            self.changed.emit(words)


def _without_wires_from(node: Node, name: str) -> Node:
    wires = {}
    for port, wire in node.wires.items():
        left = tuple(str(one) for one in node.sources(port) if one.node != name)
        if left:
            wires[port] = left[0] if isinstance(wire, str) else left
    match = {port: rule for port, rule in node.match.items() if port in wires}
    return node.model_copy(update={"wires": wires, "match": match})


def _without_none(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _check_parameters(node: str, tool: Tool, given: Mapping[str, Any]) -> None:
    for problem in parameter_problems(node, given, tool):
        raise WorkflowError(problem.text, remedy=problem.fix, node=node)
