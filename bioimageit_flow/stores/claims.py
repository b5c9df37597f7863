"""Claims on fingerprints, so that two runs do not compute the same at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.rows import (
    RowValues,
    carry_out,
    chunks,
    marks,
    named_rows,
    rows_among,
)
from bioimageit_flow.stores.shared_work import Claim
from bioimageit_flow.stores.times import time_text, time_value
from bioimageit_flow.stores.writing import insert_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CLAIMS = "SELECT * FROM claims WHERE fingerprint IN ({})"


def claim(
    connection: Connection,
    fingerprints: Iterable[Sha256],
    holder: Holder,
    run: RunId,
) -> dict[Sha256, Holder | None]:
    """Claim what is free; see `SharedWork.claim`."""
    answer: dict[Sha256, Holder | None] = dict.fromkeys(fingerprints)
    now = datetime.now(UTC)
    stands: dict[tuple[Holder, datetime], bool] = {}
    old: list[Sha256] = []
    for row in rows_among(connection, _CLAIMS, answer):
        old.append(Sha256(row["fingerprint"]))
        found = _claim_of(row)
        if found.run == run and found.holder == holder:
            continue
        source = found.holder, found.renewed  # asked of the system once
        if source not in stands:
            stands[source] = found.stands(now)
        if stands[source]:
            answer[found.fingerprint] = found.holder
    free = [fingerprint for fingerprint, other in answer.items() if other is None]
    for part in chunks(one for one in old if answer[one] is None):
        places = marks(connection, len(part))
        statement = f"DELETE FROM claims WHERE fingerprint IN ({places})"
        carry_out(connection, statement, tuple(part))
    insert_all(
        connection,
        "claims",
        [
            {
                "fingerprint": fingerprint,
                "run": run,
                "host": holder.host,
                "boot_id": holder.boot_id,
                "pid": holder.pid,
                "process_started": holder.started,
                "claimed": time_text(now),
                "renewed": time_text(now),
            }
            for fingerprint in free
        ],
    )
    return answer


def renew(connection: Connection, run: RunId) -> None:
    """Say that a run works; see `SharedWork.renew`."""
    now = time_text(datetime.now(UTC))
    mark = marks(connection, 1)
    statement = f"UPDATE claims SET renewed = {mark} WHERE run = {mark}"
    carry_out(connection, statement, (now, run))


def release(
    connection: Connection, run: RunId, fingerprints: Iterable[Sha256] | None = None
) -> None:
    """Give up claims; see `SharedWork.release`."""
    if fingerprints is None:
        statement = f"DELETE FROM claims WHERE run = {marks(connection, 1)}"
        carry_out(connection, statement, (run,))
        return
    for part in chunks(fingerprints):
        places = marks(connection, len(part))
        own = f"DELETE FROM claims WHERE run = {marks(connection, 1)}"
        statement = f"{own} AND fingerprint IN ({places})"
        carry_out(connection, statement, (run, *part))


def claims(connection: Connection) -> list[Claim]:
    """List the claims; see `SharedWork.claims`."""
    query = "SELECT * FROM claims ORDER BY fingerprint"
    return [_claim_of(row) for row in named_rows(connection, query)]


def _claim_of(row: RowValues) -> Claim:
    return Claim(
        fingerprint=Sha256(row["fingerprint"]),
        run=RunId(row["run"]),
        holder=Holder(row["host"], row["boot_id"], row["pid"], row["process_started"]),
        claimed=time_value(row["claimed"]),
        renewed=time_value(row["renewed"]),
    )
