"""Tools and workflows that the user has said to trust, known by their content.

Whoever changes a file of a trusted tool gets a tool that is not trusted.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs

from bioimageit_flow.errors import DataError, NewerVersionError, ToolError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.tool import InstalledTool

CONFIG_VARIABLE = "BIOIMAGEIT_FLOW_CONFIG"
"""Environment variable with the folder of the user's settings."""

FILE_NAME = "trusted.json"
SCHEMA = "bioimageit-flow/trust/1"

_FACTS = ("kind", "name", "sha256", "since")
_LOCK_TIMEOUT_S = 10

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trusted:
    """One thing that is trusted.

    Attributes
    ----------
    kind : str
        ``tool`` or ``workflow``.
    name : str
        What it was called when it was trusted, such as ``toolbox/name@version``.
    sha256 : Sha256
        Hash of its content.
    since : str
        When that was said: UTC, ISO 8601.
    """

    kind: str
    name: str
    sha256: Sha256
    since: str


class Trust:
    """The file in which trust is kept.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_user(cls) -> "Trust":
        """Return the trust of this user, in the folder of their settings."""
        named = os.environ.get(CONFIG_VARIABLE)
        folder = (
            Path(named).expanduser().absolute()
            if named
            else platformdirs.user_config_path("bioimageit-flow", appauthor=False)
        )
        return cls(folder / FILE_NAME)

    def is_trusted(self, tool: InstalledTool) -> bool:
        """Say whether a tool may run without isolation: built-in, or trusted as it is.

        Raises
        ------
        ToolError, DataError
            If a file of the tool, or the file of trust, cannot be read.
        """
        if tool.origin == "built-in":
            return True
        # In this order, a tool is only hashed where some tool is trusted.
        return any(
            one.kind == "tool" and one.sha256 == tool.trust_sha256
            for one in self.list()
        )

    def trust(self, tool: InstalledTool) -> Trusted:
        """Trust a tool as it is now; returns what was written down."""
        return self.trust_content("tool", tool.ref, tool.trust_sha256)

    def is_trusted_content(self, kind: str, sha256: Sha256) -> bool:
        """Say whether something of a kind, such as a workflow, is trusted as it is."""
        return any(one.kind == kind and one.sha256 == sha256 for one in self.list())

    def trust_content(self, kind: str, name: str, sha256: Sha256) -> Trusted:
        """Trust something by the hash of its content."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        new = Trusted(kind, name, sha256, since)
        with self._guarded():
            kept = [
                one for one in self.list() if (one.kind, one.sha256) != (kind, sha256)
            ]
            self._write([*kept, new])
        return new

    def revoke(self, name: str) -> tuple[Trusted, ...]:
        """Take trust back.

        Parameters
        ----------
        name : str
            ``toolbox/name@version``, ``toolbox/name`` for all its versions, the name of
            a workflow, or a hash.

        Returns
        -------
        tuple of Trusted
            What is trusted no more; empty if there was no such thing.
        """
        with self._guarded():
            known = self.list()
            gone = tuple(
                one
                for one in known
                if name in (one.name, one.sha256, one.name.partition("@")[0])
            )
            if gone:
                self._write([one for one in known if one not in gone])
        return gone

    def list(self) -> tuple[Trusted, ...]:
        """Return all that is trusted, the oldest first.

        Raises
        ------
        DataError
            If the file is there but cannot be read or is damaged: trust is neither
            forgotten nor assumed.
        NewerVersionError
            If it was written by a newer version of the program.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from error
        try:
            content = json.loads(text)
        except ValueError as error:
            raise self._damaged(str(error)) from error
        return tuple(self._entries(content))

    def _entries(self, content: object) -> Iterator[Trusted]:
        if not isinstance(content, dict) or not isinstance(content.get("schema"), str):
            raise self._damaged("it has no schema")
        if content["schema"] != SCHEMA:
            raise NewerVersionError(
                f"{self.path} was written by a newer version of the program "
                f"({content['schema']}).",
                remedy="Install the newest: `pip install --upgrade bioimageit-flow`.",
            )
        entries = content.get("trusted")
        if not isinstance(entries, list) or not all(map(_is_entry, entries)):
            raise self._damaged("its list is not as expected")
        for one in entries:
            yield Trusted(one["kind"], one["name"], Sha256(one["sha256"]), one["since"])

    def _damaged(self, why: str) -> DataError:
        return DataError(
            f"The list of what you trust, {self.path}, cannot be read: {why}.",
            remedy="Mend it, or remove it and trust your tools again.",
        )

    def _guarded(self) -> "_Guard":
        return _Guard(self.path)

    def _write(self, entries: Sequence[Trusted]) -> None:
        content = {"schema": SCHEMA, "trusted": [asdict(one) for one in entries]}
        try:
            # Temporary files are made with mode 0600, which the renamed file keeps.
            with NamedTemporaryFile(
                "w", encoding="utf-8", dir=self.path.parent, delete=False
            ) as file:
                temporary = Path(file.name)
                try:
                    json.dump(content, file, indent=2)
                    file.write("\n")
                    file.flush()
                    os.fsync(file.fileno())
                except BaseException:
                    file.close()
                    temporary.unlink(missing_ok=True)
                    raise
            temporary.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        _LOGGER.info("%s has %d entries now", self.path, len(entries))


class _Guard:
    """Keeps two processes from writing at the same time."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S)

    def __enter__(self) -> None:
        from filelock import Timeout

        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise ToolError(
                f"Another program is writing {self._path}.", remedy="Try again."
            ) from error
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} cannot be written ({error.strerror or error}).",
        remedy=f"Name another folder for settings in {CONFIG_VARIABLE}.",
    )


def _is_entry(entry: object) -> bool:
    return isinstance(entry, Mapping) and all(
        isinstance(entry.get(fact), str) for fact in _FACTS
    )
