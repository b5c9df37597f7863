"""What was asked for when a run was started, as it is kept in the run's folder.

With the frozen workflow beside it this is all that another process needs to carry the
run out, or to go on with it.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.ids import RunId
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.stores.publishing import write_text
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import load_document, write_document

REQUEST, WORKFLOW = "request.json", "workflow.flow.yaml"
SCHEMA = "bioimageit-flow/request/1"


class RunRequest(BaseModel):
    """What was asked for.

    Attributes
    ----------
    bindings : mapping of str to str
        What each dataset input takes.
    folder : Path or None
        Folder of the workflow file, beside which subworkflows and files lie.
    upto : tuple of str
        Only these nodes and what they need; all for none.
    force : tuple of str
        Nodes whose known results are not taken.
    tool_folders : tuple of Path
        Further folders with tools.
    queue : bool
        Whether it waits for the other runs of its experiment.
    share : Path or None
        The folder of results that experiments share.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: RunId
    user: str = ""
    asked: AwareDatetime
    bindings: dict[str, str] = Field(default_factory=dict)
    runtime: str = "auto"
    where: str = ""
    limit: int | None = None
    pilot: int | None = None
    by: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    incomplete_groups: Literal["stop", "run"] = "stop"
    unpaired: Literal["stop", "leave out"] = "stop"
    isolation: Literal["worker", "job"] = "worker"
    reuse: bool = True
    jobs: int | None = None
    folder: Path | None = None
    upto: tuple[str, ...] = ()
    force: tuple[str, ...] = ()
    tool_folders: tuple[Path, ...] = ()
    queue: bool = False
    share: Path | None = None

    @property
    def subset(self) -> Subset:
        """Which part of the bound items it takes."""
        return Subset(self.where, self.limit, self.pilot, self.by, self.items)


def subset_fields(subset: Subset) -> dict[str, Any]:
    """Return the fields of a request that say which part of the items is taken."""
    return {
        "where": subset.where,
        "limit": subset.limit,
        "pilot": subset.pilot,
        "by": subset.by,
        "items": subset.items,
    }


def write_request(folder: Path, request: RunRequest, document: Document) -> None:
    """Write a request and its workflow into the folder of a run.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    write_text(folder / WORKFLOW, [write_document(document)])
    text = request.model_dump_json(indent=1, exclude_defaults=True)
    # The schema first, so that a person sees what it is.
    write_text(folder / REQUEST, [f'{{\n "schema": "{SCHEMA}",{text[1:]}'])


def read_request(folder: Path) -> tuple[RunRequest, Document]:
    """Read what was asked for when the run of a folder was started.

    Raises
    ------
    StoreError
        If it is not there or damaged: the run cannot go on then.
    WorkflowError
        If the frozen workflow is damaged.
    """
    try:
        text = (folder / REQUEST).read_text(encoding="utf-8")
        return RunRequest.model_validate_json(text), load_document(folder / WORKFLOW)
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The run {folder.name[:8]} has no readable {REQUEST}, so it cannot go on.",
            remedy="Run the workflow again: results that are known are reused.",
        ) from error


def read_workflow(folder: Path) -> Document:
    """Read the frozen workflow of the run of a folder.

    Raises
    ------
    WorkflowError
        If it is not there or damaged.
    """
    return load_document(folder / WORKFLOW)
