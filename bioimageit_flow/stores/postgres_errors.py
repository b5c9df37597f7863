"""What PostgreSQL says, in our words.

Source of the codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import re

import psycopg

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.refusals import known_already
from bioimageit_flow.stores.server import Server

_UNIQUE_UUID = re.compile(r"(job|item|run)s_uuid_key")

_LOST = (
    "Nothing that was told to be done is lost. Retry when the server is back; a run "
    "goes on with `bioimageit-flow run --resume RUN`."
)

_PASSWORD = (
    "Write it into ~/.pgpass (HOST:PORT:DATABASE:USER:PASSWORD, readable by you "
    "alone) or PGPASSWORD, or ask who runs the server."
)

_REFUSALS = (
    (r"no password supplied|fe_sendauth", "it asks for a password", _PASSWORD),
    (
        r"password authentication failed|authentication failed",
        "it refused the user or the password",
        _PASSWORD,
    ),
    (
        r"no pg_hba\.conf entry",
        "it lets nobody in from here as this user",
        "Ask who runs the server for an entry in pg_hba.conf.",
    ),
    (
        r'database ".*" does not exist',
        "there is no such database",
        "Correct its name, or have it made: `createdb NAME`.",
    ),
    (
        r'role ".*" does not exist',
        "it knows no such user",
        "Correct the name, or have the user made: `createuser NAME`.",
    ),
    (
        r"could not translate host name|failed to resolve host|Name or service",
        "no machine has this name",
        "Correct the name of the server, or check the network.",
    ),
    (
        r"Connection refused|No such file or directory|timeout expired|timed out|"
        r"starting up|shutting down|Network is unreachable|No route to host|"
        r"in recovery mode",
        "it does not answer",
        "Check that the server runs and can be reached, then retry; a run that was "
        "under way goes on with `bioimageit-flow run --resume RUN`.",
    ),
    (
        r"too many (clients|connections)|remaining connection slots",
        "it has too many connections already",
        "Close other programs that use it, or ask for a higher max_connections.",
    ),
    (
        r"certificate|SSL|GSSAPI",
        "no safe connection could be made",
        "Check sslmode and the certificates, or ask who runs the server.",
    ),
    (
        r'definition of service ".*" not found|service file',
        "its service is not described",
        "Describe it in ~/.pg_service.conf, or name host and database in the address.",
    ),
)
"""What a server says that lets nobody in has no code: patterns, what happened, and
what to do."""


def address_error(server: Server, why: str, remedy: str) -> StoreError:
    """Return the error of a database that cannot be used."""
    return StoreError(
        f"The database {server.url} of the experiment {server.folder} cannot be used: "
        f"{why}.",
        remedy=remedy,
    )


def store_error(
    error: BaseException | None, server: Server, busy_timeout_s: float
) -> StoreError:
    """Return an error of PostgreSQL as one that says what happened and what to do."""
    code = str(getattr(error, "sqlstate", None) or "")
    place = server.folder
    match code:
        case "55P03":
            return StoreError(
                f"The experiment {place} stayed locked by another program for more "
                f"than {busy_timeout_s:g} s.",
                remedy="Wait until the other program has finished writing, then retry.",
            )
        case "53100":
            return StoreError(
                f"No space is left on the disk of the server {server.url}.",
                remedy="Ask who runs the server to free some space, then retry.",
            )
        case "42501":
            return address_error(
                server,
                f"you have not the right to ({_first_line(error)})",
                "Ask who runs the server: `GRANT CREATE ON DATABASE` for a new "
                "experiment, rights on its schema for one that is there.",
            )
        case "42P06":
            return StoreError(
                f"There is a schema {server.namespace} in {server.url} already.",
                remedy="Retry: the next one has another name.",
            )
        case "54000":
            return StoreError(
                f"A value is too long for the database {server.url}: "
                f"{_first_line(error)}.",
                remedy="Shorten the path, name or value; nothing was changed.",
            )
        case "XX001" | "XX002":
            return StoreError(
                f"The database {server.url} is damaged: {_first_line(error)}.",
                remedy="Put back a backup of the database.",
            )
        case "57014":
            return StoreError(
                f"The database {server.url} took too long and was stopped: "
                f"{_first_line(error)}.",
                remedy="Retry, or ask who runs the server for a longer "
                "statement_timeout.",
            )
    if isinstance(error, psycopg.DataError):
        return StoreError(
            f"A value cannot be kept in the database {server.url}: "
            f"{_first_line(error)}.",
            remedy="Rename the file or change the value; nothing was changed.",
        )
    if code.startswith("23"):
        known = _UNIQUE_UUID.search(str(error))
        if known:
            return known_already(known[1])
        return StoreError(
            f"The store of {place} refused what contradicts it: {_first_line(error)}.",
            remedy="Nothing was changed; please report this.",
        )
    if isinstance(error, psycopg.OperationalError):
        return _unreachable(error, server)
    return StoreError(
        f"The database {server.url} has an error: {_first_line(error)}.",
        remedy="Nothing was changed; retry, and report this if it stays.",
    )


def _unreachable(error: psycopg.OperationalError, server: Server) -> StoreError:
    text = str(error)
    for pattern, why, remedy in _REFUSALS:
        if re.search(pattern, text) and "terminating connection" not in text:
            return address_error(server, why, remedy)
    return StoreError(
        f"The connection to the database {server.url} of the experiment "
        f"{server.folder} was lost: {_first_line(error)}.",
        remedy=_LOST,
    )


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".")
