"""What the user is asked to trust: tools that are not built in, and their rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.catalogue import Right, rights
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.session.authoring import tools_in
from bioimageit_flow.session.machine import Session
from bioimageit_flow.workflow import SUFFIX, load_document
from bioimageit_flow.workflow.expand import expand_subworkflows
from bioimageit_flow.workflow.file import write_document


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tool that may be trusted.

    Attributes
    ----------
    rights : tuple of Right
        What it asks for, in the order in which people should read it.
    is_trusted : bool
        Whether it is built in, or trusted as it is now.
    """

    tool: InstalledTool
    rights: tuple[Right, ...]
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class TrustRequest:
    """What trusting something means.

    Attributes
    ----------
    name : str
        Of the tool, the folder, or the workflow.
    candidates : tuple of Candidate
        The tools, built-in ones left out.
    workflow : Sha256 or None
        Hash of the workflow, where one was named.
    """

    name: str
    candidates: tuple[Candidate, ...]
    workflow: Sha256 | None = None

    @property
    def open(self) -> tuple[Candidate, ...]:
        """The tools that are not trusted yet."""
        return tuple(one for one in self.candidates if not one.is_trusted)


def request_trust(session: Session, what: str) -> TrustRequest:
    """Return what trusting something means. Changes nothing.

    Parameters
    ----------
    what : str
        ``toolbox/name``, the folder of tools, or a workflow file.

    Raises
    ------
    ToolError
        If there is no such tool, or a workflow uses one that is unknown.
    WorkflowError
        If the workflow cannot be read.
    """
    path = Path(what)
    if path.is_dir():
        return TrustRequest(what, _candidates(session, tools_in(path)))
    if path.is_file() or what.endswith(SUFFIX):
        return _of_workflow(session, path)
    return TrustRequest(what, _candidates(session, [session.catalogue.get(what)]))


def grant(session: Session, request: TrustRequest) -> None:
    """Trust everything that a request names, as it is now."""
    for candidate in request.open:
        session.trust.trust(candidate.tool)
    if request.workflow is not None:
        session.trust.trust_content("workflow", request.name, request.workflow)


def _of_workflow(session: Session, path: Path) -> TrustRequest:
    document = load_document(path)
    expanded = expand_subworkflows(document, path.absolute().parent)
    refs = dict.fromkeys(
        node.tool for node in expanded.nodes.values() if node.tool is not None
    )
    tools = [session.catalogue.get(ref) for ref in refs]
    sha256 = canonical_hash(write_document(document))
    return TrustRequest(document.name, _candidates(session, tools), sha256)


def _candidates(
    session: Session, tools: Sequence[InstalledTool]
) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(tool, rights(tool), session.trust.is_trusted(tool))
        for tool in tools
        if tool.origin != "built-in"
    )
