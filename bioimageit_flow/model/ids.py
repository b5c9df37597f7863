"""Identifiers, each a type of its own so that one cannot be taken for another."""

from typing import NewType
from uuid import UUID, uuid4

ItemId = NewType("ItemId", str)
"""uuid of an item."""

RunId = NewType("RunId", str)
"""uuid of a run."""

JobId = NewType("JobId", str)
"""uuid of a job (one attempt)."""

NodeId = NewType("NodeId", str)
"""Name of a node, unique in its workflow; ``sub/node`` inside a subworkflow."""

PortName = NewType("PortName", str)
"""Name of a port, unique among the inputs or among the outputs of a tool."""

ToolRef = NewType("ToolRef", str)
"""``toolbox/name@version``."""

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""


def new_item_id() -> ItemId:
    """Return a new random item id."""
    return ItemId(str(uuid4()))


def new_run_id() -> RunId:
    """Return a new random run id."""
    return RunId(str(uuid4()))


def new_job_id() -> JobId:
    """Return a new random job id."""
    return JobId(str(uuid4()))


def is_uuid(text: str) -> bool:
    """Say whether a text is a uuid."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
