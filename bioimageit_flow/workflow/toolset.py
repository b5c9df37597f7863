"""What stands behind the nodes of a document.

An editor asks after every edit. So each tool is looked up once per question and not
once per node, and each subworkflow is read once, until `refresh`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.errors import FlowError, WorkflowError
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import InstalledTool, Tool
from bioimageit_flow.workflow.document import Document, Source
from bioimageit_flow.workflow.file import document_of, load_document
from bioimageit_flow.workflow.interface import Interface, Offer, Ported
from bioimageit_flow.workflow.rules import check_with, offered

MAX_DEPTH = 8
MAX_REMEMBERED = 200


def problems_inside(ports: Mapping[str, Ported]) -> list[Problem]:
    """Return the problems of the subworkflows, as those of ``sub/node``."""
    return [
        replace(problem, node=f"{name}/{problem.node}" if problem.node else name)
        for name, behind in ports.items()
        if isinstance(behind, Interface)
        for problem in behind.problems
    ]


class Toolset:
    """The tools of a catalogue, and the ports of subworkflows.

    Parameters
    ----------
    catalogue : Catalogue
        Where tools are found.
    folder : Path, optional
        Beside which the files of subworkflows lie.
    """

    def __init__(self, catalogue: Catalogue, folder: Path | None = None) -> None:
        self.catalogue = catalogue
        self.folder = folder
        self._newest: tuple[InstalledTool, ...] | None = None
        self._inline: dict[int, tuple[object, Interface]] = {}
        self._files: dict[str, Interface | WorkflowError] = {}

    def refresh(self) -> None:
        """Look everything up anew at the next question."""
        self.catalogue.refresh()
        self._newest = None
        self._inline.clear()
        self._files.clear()

    def installed(self, ref: str) -> InstalledTool:
        """Return a tool with its folders; raises `ToolError` if there is none."""
        return self.catalogue.get(ref)

    def newest(self) -> tuple[InstalledTool, ...]:
        """Return the newest version of every tool, as it was at the last `refresh`."""
        if self._newest is None:
            self._newest = self.catalogue.newest()
        return self._newest

    def tool(self, ref: str) -> Tool:
        """Return a tool; raises `ToolError` if there is none."""
        return self.installed(ref).tool

    def ports_of(self, document: Document) -> tuple[dict[str, Ported], list[Problem]]:
        """Return what stands behind each node, and a problem where nothing does."""
        return self._ports_of(document, 0)

    def problems_of(self, document: Document) -> list[Problem]:
        """Return everything that is wrong, as far as can be told without data.

        Problems inside of subworkflows are among them, as those of ``sub/node``.
        """
        ports, problems = self.ports_of(document)
        return [*problems, *check_with(document, ports), *problems_inside(ports)]

    def read_inner(self, workflow: str | Mapping[str, Any], name: str) -> Document:
        """Return the workflow inside a node.

        Raises
        ------
        WorkflowError
            If it cannot be read, or its file lies elsewhere.
        """
        if not isinstance(workflow, str):
            return document_of(workflow, f"the subworkflow {name}")
        path = Path(workflow)
        if self.folder is None or path.is_absolute() or ".." in path.parts:
            raise WorkflowError(
                f"The subworkflow {name} names the file {workflow!r}, which does not "
                "lie beside the workflow.",
                remedy="Put it into the same folder, or make it inline.",
                node=name,
            )
        return load_document(self.folder / path)

    def interface(
        self, workflow: str | Mapping[str, Any], name: str, depth: int = 0
    ) -> Interface:
        """Return the ports of the workflow inside a node; errors of `read_inner`."""
        if depth > MAX_DEPTH:
            raise WorkflowError(
                f"Subworkflows are nested deeper than {MAX_DEPTH} levels.",
                remedy="A workflow cannot contain itself.",
                node=name,
            )
        if isinstance(workflow, str):
            if workflow not in self._files:
                self._files[workflow] = self._read_file(workflow, name, depth)
            found = self._files[workflow]
            if isinstance(found, WorkflowError):
                raise WorkflowError(found.message, remedy=found.remedy, node=name)
            return found
        key = id(workflow)
        if key not in self._inline:  # the value keeps the key's object alive
            if len(self._inline) >= MAX_REMEMBERED:
                self._inline.clear()
            inner = self.read_inner(workflow, name)
            self._inline[key] = (workflow, self._interface_of(inner, depth))
        return self._inline[key][1]

    def _read_file(
        self, workflow: str, name: str, depth: int
    ) -> Interface | WorkflowError:
        try:
            return self._interface_of(self.read_inner(workflow, name), depth)
        except WorkflowError as error:
            return error
        except FlowError as error:
            return WorkflowError(error.message, remedy=error.remedy)

    def _interface_of(self, inner: Document, depth: int) -> Interface:
        ports, missing = self._ports_of(inner, depth + 1)
        outputs, offers = {}, {}
        for name, text in inner.outputs.items():
            offer = offered(inner, ports, Source.parse(text))
            known = offer if isinstance(offer, Offer) else None
            offers[name] = known
            outputs[name] = OutputPort(
                kind=known.kind if known else Kind.FILE,
                format=known.formats[0] if known and known.formats else "file",
                axes=known.axes[0] if known and len(known.axes) == 1 else None,
            )
        inputs = {
            name: InputPort(
                kind=entry.kind,
                axes=entry.axes,
                formats=entry.formats,
                label=entry.label,
                help=entry.help,
            )
            for name, entry in inner.inputs.items()
        }
        wrong = (*missing, *check_with(inner, ports), *problems_inside(ports))
        return Interface(inner.name, inner.description, inputs, outputs, offers, wrong)

    def _ports_of(
        self, document: Document, depth: int
    ) -> tuple[dict[str, Ported], list[Problem]]:
        ports: dict[str, Ported] = {}
        problems: list[Problem] = []
        known: dict[str, Tool] = {}  # each tool is asked for once, not once per node
        for name, node in document.nodes.items():
            try:
                if node.tool is not None:
                    if node.tool not in known:
                        known[node.tool] = self.tool(node.tool)
                    ports[name] = known[node.tool]
                elif node.workflow is not None:
                    ports[name] = self.interface(node.workflow, name, depth)
            except FlowError as error:
                code = "unknown-tool" if node.tool else "broken-subworkflow"
                problems.append(
                    Problem(
                        code,
                        Severity.ERROR,
                        error.message,
                        node=name,
                        fix=error.remedy,
                    )
                )
        return ports, problems
