"""The editable workflow.

Every edit asks the rules that guard it, replaces the document by the changed copy that
a function of `edits` makes, and tells `changed`. The history keeps the copies (they
share what did not change), so that every edit, whatever it did, can be undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from psygnal import Signal

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.workflow.document import Document, Edge, Node, NodeState
from bioimageit_flow.workflow.drawing import draw_workflow
from bioimageit_flow.workflow.edits import nodes, places, wires
from bioimageit_flow.workflow.edits.changing import node_of, replaced, with_node
from bioimageit_flow.workflow.file import (
    load_document,
    read_document,
    save_document,
    write_document,
)
from bioimageit_flow.workflow.history import History, Step
from bioimageit_flow.workflow.interface import Ported
from bioimageit_flow.workflow.rules import edge_problems, parameter_problems
from bioimageit_flow.workflow.structure import would_close_circle
from bioimageit_flow.workflow.toolset import Toolset


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
        self._toolset: Toolset | None = None

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

    def _repr_svg_(self) -> str:
        return draw_workflow(self.document)

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
    def toolset(self) -> Toolset:
        """What stands behind the nodes, remembered."""
        if self._toolset is None:
            self._toolset = Toolset(self.catalogue)
        return self._toolset

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by id, in the order in which they were added."""
        return self.document.nodes

    def problems(self) -> list[Problem]:
        """Return everything that is wrong, as far as can be told without data."""
        return self.toolset.problems_of(self.document)

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
        added = nodes.add_dataset(self.document, name, kind, axes=axes, help=help)
        self.apply(f"Add the dataset input {name}", added)
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
        found = self.toolset.tool(tool)
        name = id or nodes.new_node_id(self.document, found.id)
        given = {key: value for key, value in parameters.items() if value is not None}
        _check_parameters(name, found, given)
        added = nodes.add_node(
            self.document,
            name,
            tool=found.ref,
            label=label,
            group_by=tuple(group_by),
            parameters=given,
        )
        self.apply(f"Add {name}", added)
        return NodeHandle(self, name)

    def set(self, node: str | NodeHandle, /, **parameters: Any) -> None:  # noqa: ANN401
        """Set parameters of a node; None takes a parameter back to its default.

        Raises
        ------
        WorkflowError
            If the node or a parameter is unknown, or a value is out of bounds.
        """
        name = str(node)
        node_of(self.document, name)
        tool = self._ports().get(name)
        if tool is not None:
            _check_parameters(name, tool, parameters)
        changed = nodes.set_parameters(self.document, name, parameters)
        self.apply(f"Set {', '.join(parameters)} of {name}", changed)

    def connect(self, source: str | PortHandle, target: str | PortHandle) -> None:
        """Draw a wire from ``node.port`` or a dataset input to ``node.port``.

        An input that takes items is rewired; one that takes groups gets a further
        wire.

        Raises
        ------
        WorkflowError
            If a port does not exist, kinds do not fit, or a circle would be closed.
        """
        edge = wires.edge_between(str(source), str(target))
        tools = self._ports()
        require_possible(self.document, tools, edge)
        tool = tools.get(edge.node)
        is_group = tool is not None and tool.inputs[edge.port].takes == "group"
        drawn = wires.connect(self.document, edge, takes_group=is_group)
        self.apply(f"Wire {edge}", drawn)

    def disconnect(self, source: str | PortHandle, target: str | PortHandle) -> None:
        """Remove a wire; raises `WorkflowError` if it is not there."""
        edge = wires.edge_between(str(source), str(target))
        self.apply(f"Remove the wire {edge}", wires.disconnect(self.document, [edge]))

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
        edge = wires.edge_between("any", str(target))
        rule = wires.match_rule(by, use_for_all=use_for_all)
        matched = wires.set_match(self.document, edge.node, edge.port, rule)
        self.apply(f"Match {target}", matched)

    def set_state(self, node: str | NodeHandle, state: NodeState | str) -> None:
        """Enable, disable or bypass a node."""
        changed = with_node(self.document, str(node), state=NodeState(state))
        self.apply(f"{state} {node}", changed)

    def set_output(self, name: str, source: str | PortHandle) -> None:
        """Name a result of the workflow."""
        outputs = {**self.document.outputs, name: str(source)}
        self.apply(f"Name the output {name}", replaced(self.document, outputs=outputs))

    def remove(self, node: str | NodeHandle) -> None:
        """Remove a node or a dataset input with its wires."""
        name = str(node)
        self.apply(f"Remove {name}", nodes.remove_nodes(self.document, [name]))

    def move(self, node: str | NodeHandle, x: float, y: float) -> None:
        """Place a node on the canvas."""
        moved = places.move(self.document, {str(node): (x, y)})
        self.apply(f"Move {node}", moved)

    def apply(self, words: str, document: Document, *, merge: str = "") -> bool:
        """Make another document the present one, as one step of the history.

        Parameters
        ----------
        words : str
            What was done; a line of the history.
        document : Document
            What an edit made of the present one.
        merge : str
            Edits that follow each other with the same key are one step.

        Returns
        -------
        bool
            False if nothing changed, and so there is no step.
        """
        if document == self.document:
            return False
        self._history.push(words, document, merge=merge)
        self.changed.emit(words)
        return True

    def restart(self, document: Document) -> None:
        """Begin anew with a document, without a history."""
        self._history = History(document)

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

    def history(self) -> list[Step]:
        """Return all steps, also those that were taken back."""
        return self._history.steps()

    def jump(self, step: int) -> None:
        """Go to a line of `history`."""
        self._history.jump(step)
        self.changed.emit("Go through the history")

    def seal(self) -> None:
        """Let the next edit be a step of its own, whatever its merge key."""
        self._history.seal()

    def _ports(self) -> Mapping[str, Ported]:
        return self.toolset.ports_of(self.document)[0]


def require_possible(
    document: Document, tools: Mapping[str, Ported], edge: Edge
) -> None:
    """Refuse a wire that a rule forbids; raises `WorkflowError` with the remedy."""
    for problem in edge_problems(document, tools, edge):
        raise WorkflowError(
            problem.text, remedy=problem.fix, node=edge.node, port=edge.port
        )
    if would_close_circle(document, edge):
        raise WorkflowError(
            f"The wire {edge} would close a circle.",
            remedy="A node cannot wait for itself.",
            node=edge.node,
            port=edge.port,
        )


def _check_parameters(node: str, tool: Ported, given: Mapping[str, Any]) -> None:
    for problem in parameter_problems(node, given, tool):
        raise WorkflowError(problem.text, remedy=problem.fix, node=node)
