"""The stamp of an output file: what made it, in the file itself.

It follows from the fingerprint of the job and from the branch of the workflow that led
to the file, and from nothing else: no run, time, user or path. So the same work gives
the same file, byte for byte, and the store says in which runs it was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.converted import conversions_among
from bioimageit_flow.model.ids import Sha256

STAMP_SCHEMA = "bioimageit-flow/stamp/1"
STAMP_NAMESPACE = "https://github.com/bioimageit/bioimageit-flow/stamp/1"
"""By which a stamp is known among other annotations of a file."""

MAX_LISTED_INPUTS = 1000
"""A port that took more items than this is told by their number only."""

_TEXTS = ("fingerprint", "content", "node", "port", "part", "tool", "environment")


@dataclass(frozen=True, slots=True)
class StampedPort:
    """What one input port of a job took.

    Attributes
    ----------
    count : int
        Number of items.
    contents : tuple of Sha256
        Their contents in group order; empty where they are too many to be listed.
    converted : tuple of str
        What was made of them before the tool got them, in words.
    """

    count: int
    contents: tuple[Sha256, ...]
    converted: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        facts: dict[str, object] = {
            "count": self.count,
            "contents": list(self.contents),
        }
        return facts | ({"converted": list(self.converted)} if self.converted else {})


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file says of how it was made.

    Attributes
    ----------
    fingerprint : Sha256
        Of the job.
    content : Sha256
        Of the file as the tool wrote it, before it was stamped.
    node, port, part : str
        The output of the workflow that it is.
    tool : str
        ``toolbox/name@version``.
    environment : str
        ``image sha256:...`` or ``lock sha256:...``.
    parameters : mapping
        As they were used.
    inputs : mapping of str to StampedPort
        By port.
    branch : mapping
        The part of the workflow that leads to the file: ``inputs``, ``nodes`` and
        ``filters`` as in a workflow file.
    """

    fingerprint: Sha256
    content: Sha256
    node: str
    port: str
    part: str
    tool: str
    environment: str
    parameters: Mapping[str, object]
    inputs: Mapping[str, StampedPort]
    branch: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """Return the stamp as plain values."""
        return {
            "schema": STAMP_SCHEMA,
            "fingerprint": self.fingerprint,
            "content": self.content,
            "node": self.node,
            "port": self.port,
            "part": self.part,
            "tool": self.tool,
            "environment": self.environment,
            "parameters": dict(self.parameters),
            "inputs": {name: port.as_json() for name, port in self.inputs.items()},
            "workflow": dict(self.branch),
        }

    def text(self) -> str:
        """Return the one text of the stamp, in ASCII."""
        return _ascii(canonical_json(self.as_json()))

    @classmethod
    def from_json(cls, value: object) -> "Stamp":
        """Make it again from what `as_json` returned.

        Raises
        ------
        ValueError
            If the value is no stamp, or one of a newer version.
        """
        if not isinstance(value, dict) or value.get("schema") != STAMP_SCHEMA:
            said = value.get("schema") if isinstance(value, dict) else None
            raise ValueError(f"its schema is {said!r}, not {STAMP_SCHEMA!r}")
        texts = {name: value.get(name) for name in _TEXTS}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise ValueError(f"{name!r} is missing")
        parts = {
            name: value.get(name, {}) for name in ("parameters", "inputs", "workflow")
        }
        for name, part in parts.items():
            if not isinstance(part, dict):
                raise ValueError(f"{name!r} is no mapping")
        return cls(
            fingerprint=Sha256(str(texts["fingerprint"])),
            content=Sha256(str(texts["content"])),
            node=str(texts["node"]),
            port=str(texts["port"]),
            part=str(texts["part"]),
            tool=str(texts["tool"]),
            environment=str(texts["environment"]),
            parameters=parts["parameters"],
            inputs={name: _port(name, one) for name, one in parts["inputs"].items()},
            branch=parts["workflow"],
        )


def stamp_of(
    parts: Mapping[str, object],
    fingerprint: Sha256,
    content: Sha256,
    place: tuple[str, str, str],
    branch: Mapping[str, object],
) -> Stamp:
    """Return the stamp of one output.

    Parameters
    ----------
    parts : mapping
        The parts of the fingerprint, as `Fingerprint.parts` returns them.
    content : Sha256
        Of the bytes that the tool wrote.
    place : tuple of str
        Node, port and part.
    branch : mapping
        See `Stamp.branch`.
    """
    inputs = parts.get("inputs")
    parameters = parts.get("parameters")
    node, port, part = place
    return Stamp(
        fingerprint=fingerprint,
        content=content,
        node=node,
        port=port,
        part=part,
        tool=str(parts.get("tool", "")),
        environment=str(parts.get("environment", "")),
        parameters=dict(parameters) if isinstance(parameters, Mapping) else {},
        inputs={
            name: _taken(items)
            for name, items in (inputs if isinstance(inputs, Mapping) else {}).items()
        },
        branch=branch,
    )


def _taken(items: list[Mapping[str, object]]) -> StampedPort:
    is_listed = len(items) <= MAX_LISTED_INPUTS
    listed = (Sha256(str(one["content"])) for one in items if is_listed)
    return StampedPort(len(items), tuple(listed), tuple(conversions_among(items)))


def _port(name: str, value: object) -> StampedPort:
    if not isinstance(value, dict) or not isinstance(value.get("count"), int):
        raise ValueError(f"the input {name!r} has no count")
    contents, converted = value.get("contents", []), value.get("converted", [])
    if not isinstance(contents, list) or not isinstance(converted, list):
        raise ValueError(f"the contents of the input {name!r} are no list")
    return StampedPort(
        value["count"],
        tuple(Sha256(str(one)) for one in contents),
        tuple(str(one) for one in converted),
    )


def _ascii(text: str) -> str:
    """Return JSON in ASCII: readers of files differ in what else they can take."""
    return "".join(one if ord(one) < 128 else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    code = character.encode("utf-16-be")
    return "".join(f"\\u{code[n]:02x}{code[n + 1]:02x}" for n in range(0, len(code), 2))
