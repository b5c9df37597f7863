"""What the user is asked to trust: tools that are not built in, and their rights."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bioimageit_flow.catalogue import Right, rights
from bioimageit_flow.errors import ToolError
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
    missing : tuple of str
        The tools that the workflow names and that are not here.
    """

    name: str
    candidates: tuple[Candidate, ...]
    workflow: Sha256 | None = None
    missing: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Candidate, ...]:
        """The tools that are not trusted yet."""
        return tuple(one for one in self.candidates if not one.is_trusted)

    def refuse_missing(self) -> None:
        """Raise `ToolError`, in one sentence, if tools of the workflow are not here."""
        if not self.missing:
            return
        is_one = len(self.missing) == 1
        raise ToolError(
            f"{self.name} uses {'a tool that is' if is_one else 'tools that are'} not "
            f"here: {', '.join(self.missing)}.",
            remedy="Ask who made the workflow to share it with its tools "
            "(`bioimageit-flow share`), or name their folder with --tools.",
        )

    def as_json(self) -> dict[str, object]:
        """Return the request as plain values."""
        return {
            "name": self.name,
            "workflow_sha256": self.workflow,
            "missing": list(self.missing),
            "tools": [
                {
                    "tool": one.tool.ref,
                    "summary": one.tool.tool.summary,
                    "sha256": one.tool.trust_sha256,
                    "is_trusted": one.is_trusted,
                    "asks": [asdict(right) for right in one.rights],
                }
                for one in self.candidates
            ],
        }


def request_trust(session: Session, what: str) -> TrustRequest:
    """Return what trusting something means. Changes nothing.

    Parameters
    ----------
    what : str
        ``toolbox/name``, the folder of tools, or a workflow file.

    Raises
    ------
    ToolError
        If there is no such tool.
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
    """Trust everything that a request names, as it is now.

    Raises
    ------
    ToolError
        If tools of the workflow are not here: nobody knows what they would do.
    """
    request.refuse_missing()
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
    tools: list[InstalledTool] = []
    missing: list[str] = []
    for ref in refs:
        try:
            tools.append(session.catalogue.get(ref))
        except ToolError:
            missing.append(ref)
    sha256 = canonical_hash(write_document(document))
    candidates = _candidates(session, tools)
    return TrustRequest(document.name, candidates, sha256, tuple(missing))


def _candidates(
    session: Session, tools: Sequence[InstalledTool]
) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(tool, rights(tool), session.trust.is_trusted(tool))
        for tool in tools
        if tool.origin != "built-in"
    )
