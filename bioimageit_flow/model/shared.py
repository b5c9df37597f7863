"""Results that experiments share through a folder: what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import Content, DataInfo
from bioimageit_flow.model.ids import Sha256

_HEX = frozenset("0123456789abcdef")
_ORIGIN = ("folder", "experiment", "experiment_id", "run", "host", "user")


@dataclass(frozen=True, slots=True)
class SharedOrigin:
    """Where a shared result was made.

    Attributes
    ----------
    folder : str
        The shared folder.
    experiment, experiment_id : str
        Path and uuid of the experiment that made it.
    run : str
        Folder name of its run.
    host, user : str
        On which machine, for whom.
    record : mapping
        The lineage record of the job there, whole: its tool, command, parameters,
        times, and the contents that went in and came out.
    """

    folder: str
    experiment: str
    experiment_id: str
    run: str
    host: str
    user: str
    record: Mapping[str, object]

    @property
    def words(self) -> str:
        """What it is, for people."""
        job = str(self.record.get("job", ""))[:8]
        return (
            f"job {job} of the run {self.run} in {self.experiment}, made by "
            f"{self.user} on {self.host}"
        )

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "folder": self.folder,
            "experiment": self.experiment,
            "experiment_id": self.experiment_id,
            "run": self.run,
            "host": self.host,
            "user": self.user,
            "record": dict(self.record),
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "SharedOrigin":
        """Make it again from what `as_json` returned.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it is no such thing.
        """
        record = facts["record"]
        texts = {name: facts[name] for name in _ORIGIN}
        are_texts = all(isinstance(text, str) for text in texts.values())
        if not are_texts or not isinstance(record, dict):
            raise ValueError("its origin is not as it should be")
        return cls(record=record, **texts)


@dataclass(frozen=True, slots=True)
class SharedOutput:
    """One output of a shared result.

    Attributes
    ----------
    name : str
        What the tool called the file, in the folder of its port.
    content : Content
        Of the bytes as the tool wrote them.
    """

    port: str
    part: str
    name: str
    content: Content
    info: DataInfo


@dataclass(frozen=True, slots=True)
class SharedResult:
    """What a job has come to, known by its fingerprint.

    Attributes
    ----------
    parts : mapping
        Of the fingerprint.
    """

    fingerprint: Sha256
    parts: Mapping[str, object]
    outputs: tuple[SharedOutput, ...]
    origin: SharedOrigin

    def as_json(self) -> dict[str, object]:
        """Return it as plain values, with a hash over all of them."""
        facts: dict[str, object] = {
            "fingerprint": self.fingerprint,
            "parts": dict(self.parts),
            "outputs": [_output_json(one) for one in self.outputs],
            "origin": self.origin.as_json(),
        }
        return facts | {"sha256": canonical_hash(facts)}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], wanted: Sha256) -> "SharedResult":
        """Make it again, where nothing of it was changed or lost.

        Parameters
        ----------
        wanted : Sha256
            The fingerprint that it was looked up by.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it is damaged, or is of another fingerprint.
        """
        whole = {key: value for key, value in facts.items() if key != "sha256"}
        if canonical_hash(whole) != facts["sha256"]:
            raise ValueError("it is not what was written")
        parts = facts["parts"]
        if facts["fingerprint"] != wanted or canonical_hash(parts) != wanted:
            raise ValueError("it belongs to another fingerprint")
        outputs = tuple(_output_of(one) for one in facts["outputs"])
        return cls(wanted, parts, outputs, SharedOrigin.from_json(facts["origin"]))


def _output_json(output: SharedOutput) -> dict[str, object]:
    return {
        "port": output.port,
        "part": output.part,
        "name": output.name,
        "content": output.content.sha256,
        "size": output.content.size,
        "is_folder": output.content.is_folder,
        "info": output.info.as_json(),
    }


def _output_of(facts: Mapping[str, Any]) -> SharedOutput:
    sha, size, name, port = (
        facts["content"],
        facts["size"],
        facts["name"],
        facts["port"],
    )
    texts = (sha, name, port, facts["part"])
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("an output is not as it should be")
    if len(sha) != 64 or not _HEX.issuperset(sha) or type(size) is not int or size < 0:
        raise ValueError("the content of an output is no hash")
    # It becomes a path: nothing that leads out of the folder of its port.
    if any(not is_plain_name(one) for one in (name, port)):
        raise ValueError(f"an output has the name {name!r}")
    return SharedOutput(
        port=port,
        part=facts["part"],
        name=name,
        content=Content(Sha256(sha), size, bool(facts["is_folder"])),
        info=DataInfo.from_json(facts["info"]),
    )


def is_plain_name(name: str) -> bool:
    """Say whether a name is that of something right in a folder."""
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\\0:")
