"""What came out when a run was reproduced: one verdict per output."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bioimageit_flow.provenance.verdict import Sameness, Verdict

SCHEMA = "bioimageit-flow/certificate/1"
CERTIFICATE = "certificate.json"


class Overall(StrEnum):
    """What can be said of all outputs together."""

    REPRODUCED = "reproduced"
    WITHIN = "reproduced within tolerance"
    DIFFERENT = "not reproduced"
    NOTHING = "nothing to compare"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one output.

    Attributes
    ----------
    verdict : Verdict or None
        How it compares; None where it was not made this time.
    words : str
        Why it was not made.
    """

    node: str
    port: str
    name: str
    original: str
    again: str
    verdict: Verdict | None
    words: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is the same, within the tolerance."""
        return self.verdict is not None and (
            self.verdict.sameness is not Sameness.DIFFERENT
        )

    @property
    def said(self) -> str:
        """The verdict in a word or two."""
        return "not made" if self.verdict is None else str(self.verdict.sameness)

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        verdict: dict[str, object] = (
            {"verdict": "not made", "amount": None, "words": self.words}
            if self.verdict is None
            else self.verdict.as_json()
        )
        return {
            "node": self.node,
            "port": self.port,
            "name": self.name,
            "original_sha256": self.original,
            "sha256": self.again,
            **verdict,
        }


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool then and now.

    Attributes
    ----------
    source : str
        Where its files came from: ``crate``, or what the catalogue calls it.
    is_same_code : bool
        Whether its code has the hash that the run recorded.
    then, now : str
        The image or environment it ran in; empty where it did not run.
    """

    ref: str
    source: str
    is_same_code: bool
    then: str
    now: str

    @property
    def difference(self) -> str:
        """What is not as it was, in words; empty where nothing is."""
        words = [] if self.is_same_code else ["its code is another"]
        if self.now and self.then != self.now:
            words.append(
                f"it ran in {_short(self.now)}, the original in {_short(self.then)}"
            )
        return " and ".join(words)

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "ref": self.ref,
            "from": self.source,
            "same_code": self.is_same_code,
            "then": self.then,
            "now": self.now,
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """What came out when a run was reproduced.

    Attributes
    ----------
    crate, run, name : str
        What was reproduced: the crate, and the id and name of the original run.
    at : str
        When; UTC.
    machine : mapping of str to str
        Where, and who.
    taken, given : int
        How many raw items were taken again, of how many.
    notes : tuple of str
        What else a reader should know, such as files of the crate that are damaged.
    """

    crate: str
    run: str
    name: str
    at: str
    machine: Mapping[str, str]
    tolerance: float
    taken: int
    given: int
    tools: Sequence[ToolUse]
    outcomes: Sequence[Outcome]
    notes: Sequence[str] = ()

    @property
    def overall(self) -> Overall:
        """What can be said of all outputs together."""
        if not self.outcomes:
            return Overall.NOTHING
        if not all(one.is_good for one in self.outcomes):
            return Overall.DIFFERENT
        if any(
            one.verdict is not None and one.verdict.sameness is Sameness.WITHIN
            for one in self.outcomes
        ):
            return Overall.WITHIN
        return Overall.REPRODUCED

    def counts(self) -> dict[str, int]:
        """Return how many outputs had which verdict, from best to worst."""
        found = Counter(one.said for one in self.outcomes)
        order = [*map(str, Sameness), "not made"]
        return {said: found[said] for said in order if found[said]}

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "schema": SCHEMA,
            "crate": self.crate,
            "run": self.run,
            "name": self.name,
            "at": self.at,
            "machine": dict(self.machine),
            "tolerance": self.tolerance,
            "overall": str(self.overall),
            "counts": self.counts(),
            "raw_items": {"taken": self.taken, "given": self.given},
            "tools": [one.as_json() for one in self.tools],
            "notes": list(self.notes),
            "outputs": [one.as_json() for one in self.outcomes],
        }


def _short(identity: str) -> str:
    kind, _, digest = identity.partition(" ")
    return f"{kind} {digest.removeprefix('sha256:')[:12]}" if digest else identity
