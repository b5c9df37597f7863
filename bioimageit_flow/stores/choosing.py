"""Choices: settings that somebody decided for, after having looked at several.

A choice changes no item. It is a record among the changes: who, when, why, and as
details what was chosen, among what, and by which scores.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.stores.changing import Act
from bioimageit_flow.stores.refusals import no_reason_for_choice


def choose(
    connection: Connection, choice: Mapping[str, object], reason: str, user: str
) -> int | None:
    """Record a choice; see `Store.choose`."""
    if not reason.strip():
        raise no_reason_for_choice()
    return Act(
        connection, ChangeKind.CHOOSE, user, reason, details={"choice": dict(choice)}
    ).end()
