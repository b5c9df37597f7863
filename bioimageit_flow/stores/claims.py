"""Claims on fingerprints, so that two runs do not compute the same at the same time."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, delete, select, update

from bioimageit_flow.model.ids import RunId, Sha256
from bioimageit_flow.stores import schema
from bioimageit_flow.stores.holders import Holder
from bioimageit_flow.stores.rows import carry_out, chunks, marks, where_among
from bioimageit_flow.stores.shared_work import Claim
from bioimageit_flow.stores.times import time_text, time_value
from bioimageit_flow.stores.writing import insert_all

_CLAIMS = select(schema.claims)


def claim(
    connection: Connection,
    fingerprints: Iterable[Sha256],
    holder: Holder,
    run: RunId,
) -> dict[Sha256, Holder | None]:
    """Claim what is free; see `SharedWork.claim`."""
    table = schema.claims
    answer: dict[Sha256, Holder | None] = dict.fromkeys(fingerprints)
    now = datetime.now(UTC)
    stands: dict[tuple[Holder, datetime], bool] = {}
    old: list[Sha256] = []
    for row in where_among(connection, _CLAIMS, table.c.fingerprint, answer):
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
        table,
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
    table = schema.claims
    now = time_text(datetime.now(UTC))
    connection.execute(update(table).where(table.c.run == run).values(renewed=now))


def release(
    connection: Connection, run: RunId, fingerprints: Iterable[Sha256] | None = None
) -> None:
    """Give up claims; see `SharedWork.release`."""
    table = schema.claims
    if fingerprints is None:
        connection.execute(delete(table).where(table.c.run == run))
        return
    for part in chunks(fingerprints):
        places = marks(connection, len(part))
        own = f"DELETE FROM claims WHERE run = {marks(connection, 1)}"
        statement = f"{own} AND fingerprint IN ({places})"
        carry_out(connection, statement, (run, *part))


def claims(connection: Connection) -> list[Claim]:
    """List the claims; see `SharedWork.claims`."""
    query = select(schema.claims).order_by(schema.claims.c.fingerprint)
    return [_claim_of(row) for row in connection.execute(query).mappings()]


def _claim_of(row: RowMapping) -> Claim:
    return Claim(
        fingerprint=Sha256(row["fingerprint"]),
        run=RunId(row["run"]),
        holder=Holder(row["host"], row["boot_id"], row["pid"], row["process_started"]),
        claimed=time_value(row["claimed"]),
        renewed=time_value(row["renewed"]),
    )
