"""Fingerprint of a job: everything that decides its result, and nothing else.

Each part is kept, so that a miss can be explained in words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bioimageit_flow.model.canonical import canonical_hash, canonical_json
from bioimageit_flow.model.data import NO_CORRECTIONS
from bioimageit_flow.model.ids import Sha256

FINGERPRINT_VERSION = 1


@dataclass(frozen=True, slots=True)
class InputPart:
    """What a fingerprint knows of one input item.

    Attributes
    ----------
    content : Sha256
        Of its bytes as the tool that made it wrote them.
    selector : str
        Which image of the file.
    annotations : mapping
        The values that the tool reads.
    format : str
        Decides the extension that the tool sees.
    converter : str
        What made it OME-TIFF, with its version; empty where the tool gets the content
        as it is.
    corrected : mapping
        What its header should have said, as plain values.
    """

    content: Sha256
    selector: str
    format: str
    annotations: Mapping[str, object]
    converter: str = ""
    corrected: Mapping[str, object] = field(default_factory=lambda: NO_CORRECTIONS)

    def parts(self) -> dict[str, object]:
        """Return the parts as plain values."""
        parts: dict[str, object] = {
            "content": self.content,
            "selector": self.selector,
            "format": self.format,
            "annotations": dict(self.annotations),
        }
        if self.converter:
            parts["converter"] = self.converter
        if self.corrected:
            parts["corrected"] = dict(self.corrected)
        return parts


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The parts of a fingerprint.

    Attributes
    ----------
    tool : str
        ``toolbox/name@version``.
    code : Sha256
        Hash of the tool's own files.
    environment : str
        ``image sha256:...`` or ``lock sha256:...``: what the tool ran in.
    command : tuple
        The command template.
    parameters : mapping
        Resolved parameters.
    inputs : mapping of str to tuple of InputPart
        By port, in group order.
    seed : int
        Given to tools that draw random numbers.
    """

    tool: str
    code: Sha256
    environment: str
    command: tuple[object, ...]
    parameters: Mapping[str, object]
    inputs: Mapping[str, tuple[InputPart, ...]]
    seed: int

    def parts(self) -> dict[str, object]:
        """Return the parts as plain values."""
        return {
            "version": FINGERPRINT_VERSION,
            "tool": self.tool,
            "code": self.code,
            "environment": self.environment,
            "command": list(self.command),
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "inputs": {
                port: [item.parts() for item in items]
                for port, items in self.inputs.items()
            },
        }

    def digest(self) -> Sha256:
        """Return the fingerprint itself: the sha256 of the canonical parts."""
        return canonical_hash(self.parts())


@dataclass(frozen=True, slots=True)
class Frame:
    """What the fingerprints of many jobs share, as canonical JSON.

    Attributes
    ----------
    before, after : str
        What stands before the inputs, and after them.
    """

    before: str
    after: str

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> "Frame":
        """Return what a fingerprint shares with those of other inputs."""
        parts = fingerprint.parts()
        first = {key: part for key, part in parts.items() if key < "inputs"}
        last = {key: part for key, part in parts.items() if key > "inputs"}
        return cls(canonical_json(first)[:-1], canonical_json(last)[1:])

    def digest(self, fingerprint: Fingerprint) -> Sha256:
        """Return the digest of a fingerprint that differs by its inputs at most."""
        inputs = {
            port: [item.parts() for item in items]
            for port, items in fingerprint.inputs.items()
        }
        text = f'{self.before},"inputs":{canonical_json(inputs)},{self.after}'
        return Sha256(sha256(text.encode()).hexdigest())


def explain_difference(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """Say in words why two fingerprints differ.

    Parameters
    ----------
    old, new : mapping
        Parts, as `Fingerprint.parts` returns them.

    Returns
    -------
    str
        Such as ``sigma 1.5 -> 2``; empty when nothing differs.
    """
    reasons: list[str] = []
    words = {
        "version": "the way fingerprints are made",
        "tool": "tool version",
        "code": "the tool's code",
        "environment": "image or environment",
        "command": "command",
        "seed": "seed",
    }
    for key, word in words.items():
        if old.get(key) != new.get(key):
            detail = (
                f" {old.get(key)} -> {new.get(key)}" if key == "tool" else " changed"
            )
            reasons.append(word + detail)
    reasons.extend(_changed_parameters(old.get("parameters"), new.get("parameters")))
    reasons.extend(_changed_inputs(old.get("inputs"), new.get("inputs")))
    return ", ".join(reasons)


def _changed_parameters(old: object, new: object) -> list[str]:
    before = old if isinstance(old, Mapping) else {}
    after = new if isinstance(new, Mapping) else {}
    return [
        f"{name} {before.get(name, '(none)')} -> {after.get(name, '(none)')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _changed_inputs(old: object, new: object) -> list[str]:
    before = old if isinstance(old, Mapping) else {}
    after = new if isinstance(new, Mapping) else {}
    reasons = []
    for port in sorted({*before, *after}):
        known, items = before.get(port, ()), after.get(port, ())
        if canonical_json(list(known)) != canonical_json(list(items)):
            reasons.append(f"{port}: {_how_changed(known, items)}")
    return reasons


_Parts = Mapping[str, object]

_CHANGES = {
    "corrected": "with corrected metadata",
    "converter": "converted in another way",
    "annotations": "with other annotations",
    "format": "of another format",
}
"""What is said of an input that is the same datum, by the part that differs."""


def _how_changed(known: Sequence[_Parts], items: Sequence[_Parts]) -> str:
    fresh, gone = _beyond(items, known), _beyond(known, items)
    if not fresh and gone:
        return f"{len(gone)} of {len(known)} inputs gone"
    if not fresh:
        return "inputs in other order"
    before: dict[tuple[object, object], list[_Parts]] = {}
    for one in gone:
        before.setdefault(_datum(one), []).append(one)
    words: Counter[str] = Counter()
    for item in fresh:
        same = before.get(_datum(item))
        words[_difference(same.pop(), item) if same else "new"] += 1
    told = (f"{count} of {len(items)} inputs {said}" for said, count in words.items())
    return ", ".join(told)


def _beyond(some: Sequence[_Parts], others: Sequence[_Parts]) -> list[_Parts]:
    """Return what is more often among some parts than among others."""
    left = Counter(canonical_json(one) for one in others)
    found = []
    for one in some:
        text = canonical_json(one)
        if left[text]:
            left[text] -= 1
        else:
            found.append(one)
    return found


def _datum(item: _Parts) -> tuple[object, object]:
    return item.get("content"), item.get("selector")


def _difference(was: _Parts, item: _Parts) -> str:
    # A correction brings a converter with it: the first that differs is told.
    differing = (
        words for key, words in _CHANGES.items() if was.get(key) != item.get(key)
    )
    return next(differing, "new")
