"""A PostgreSQL server of the tests' own: on a socket in a folder, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

REQUIRED = bool(os.environ.get("BIOIMAGEIT_FLOW_REQUIRE_POSTGRES"))
"""Whether no test may be skipped for want of PostgreSQL."""

PASSWORD = "not to be written down"
GUARDED = "guarded"
"""A user who needs the password."""

_HBA = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda one: int(one.parent.parent.name),
    )
    return debian[-1].parent if debian else None


class PrivateServer:
    """A server that nobody else can reach.

    Parameters
    ----------
    programs : Path
        Where ``initdb`` and ``pg_ctl`` are.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # The path of a socket has 107 characters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="flow-pg-", dir="/tmp"))
        self._data = self.folder / "data"
        self._user = _unprivileged()
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        # Its own order of texts is not ours, so that nothing may depend on it.
        self._run(
            *("initdb", "--pgdata", str(self._data), "--username", "flow"),
            *("--auth", "trust", "--no-sync", "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en"),
        )
        (self._data / "pg_hba.conf").write_text(_HBA)
        self.start()
        self.query(f"CREATE USER {GUARDED} PASSWORD '{PASSWORD}'")

    def url(self, user: str = "flow", database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), '')}"

    def query(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the owner of the server; return what it prints."""
        command = ("psql", "--no-psqlrc", "--host", str(self.folder), "-U", "flow")
        options = ("-v", "ON_ERROR_STOP=1", "-At", "-c", statement, database)
        return self._run(*command, *options)

    def run_script(self, script: str) -> None:
        """Run statements as the owner of the server, all or none."""
        place = self.folder / "script.sql"
        place.write_text(script, encoding="utf-8")
        place.chmod(0o644)
        command = ("psql", "--no-psqlrc", "--host", str(self.folder), "-U", "flow")
        options = ("-v", "ON_ERROR_STOP=1", "-q1", "-f", str(place), "postgres")
        self._run(*command, *options)

    def start(self) -> None:
        """Start the server."""
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' "
            "-c fsync=off -c max_connections=200 -c shared_buffers=64MB "
            "-c log_min_messages=fatal"
        )
        log = str(self.folder / "log")
        place = ("--pgdata", str(self._data), "--log", log, "--options", settings)
        self._run("pg_ctl", "start", "--wait", "--silent", *place)

    def stop(self) -> None:
        """Stop the server as a power cut does."""
        place = ("--pgdata", str(self._data))
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate", *place)

    def remove(self) -> None:
        """Stop the server and remove everything of it."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            user=self._user,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}")
        return done.stdout.strip()


def _unprivileged() -> str | None:
    """Return who the server shall run as: it refuses the superuser."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    return None
