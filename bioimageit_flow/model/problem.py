"""A problem: the one way in which anything that is wrong is reported."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a problem is: an error stops the run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, or worth knowing, before or during a run.

    Attributes
    ----------
    code : str
        A stable word for programs, such as ``kind-mismatch``.
    severity : Severity
        Whether it stops the run.
    text : str
        One sentence that names the thing.
    node, port, item : str
        Where it is; empty where it does not apply.
    fix : str
        What to do, as a sentence; empty where nothing is known.
    """

    code: str
    severity: Severity
    text: str
    node: str = ""
    port: str = ""
    item: str = ""
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.fix}".strip()

    def as_json(self) -> dict[str, str]:
        """Return the problem as a plain dictionary."""
        return {key: str(value) for key, value in asdict(self).items()}


def errors_among(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stop a run."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
