"""Known results whose bytes were cleaned, and which of them are needed again.

A cleaned result is made again when something below it has to run, or when people look
at it: when no node takes it, or the workflow names it. Every other one stays known by
its content, and so does what is known below it.
"""

from dataclasses import dataclass, field

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.resolve import ResolvedJob
from bioimageit_flow.engine.reuse import cleaned_outputs
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.run import KnownResult, ProducedItem
from bioimageit_flow.workflow.document import Document

NEEDED = "its bytes were cleaned and are needed"


@dataclass(slots=True)
class Sleeper:
    """A job whose known results were cleaned.

    Attributes
    ----------
    place : int
        Of the job in the plan.
    inputs : tuple of str
        Contents that it would take.
    """

    node: str
    digest: Sha256
    place: int
    inputs: tuple[Sha256, ...]
    is_needed: bool = False


@dataclass(slots=True)
class Dormant:
    """Follows a workflow downwards and finds out what has to be made again."""

    document: Document
    finder: ContentFinder
    _all: list[Sleeper] = field(default_factory=list)
    _by_content: dict[Sha256, list[Sleeper]] = field(default_factory=dict)
    _taken: frozenset[str] | None = None

    def sleeps(self, resolved: ResolvedJob, result: KnownResult, place: int) -> bool:
        """Say whether a known result is all there but for bytes that were cleaned.

        Parameters
        ----------
        place : int
            Of the job in the plan, for `needed`.
        """
        cleaned = cleaned_outputs(result, self.finder)
        if not cleaned or resolved.digest is None:
            return False
        node = resolved.job.node
        one = Sleeper(node, resolved.digest, place, _inputs(resolved))
        self._all.append(one)
        for item in cleaned:
            self._by_content.setdefault(item.content.sha256, []).append(one)
        if any(self._is_end(node, item) for item in cleaned):
            self._wake([one])
        return True

    def need(self, resolved: ResolvedJob) -> None:
        """Note that a job has to run, and so needs the bytes of what it takes."""
        if self._all:
            self._wake(self._makers(_inputs(resolved)))

    def needed(self) -> list[Sleeper]:
        """Return each job whose bytes have to be made or got after all."""
        return [one for one in self._all if one.is_needed]

    def asleep(self) -> frozenset[Sha256]:
        """Return the fingerprints whose results need not be made again."""
        needed = {one.digest for one in self._all if one.is_needed}
        return frozenset(one.digest for one in self._all) - needed

    def _makers(self, contents: tuple[Sha256, ...]) -> list[Sleeper]:
        return [one for sha in contents for one in self._by_content.get(sha, ())]

    def _wake(self, some: list[Sleeper]) -> None:
        todo = list(some)
        while todo:
            one = todo.pop()
            if not one.is_needed:
                one.is_needed = True
                todo += self._makers(one.inputs)

    def _is_end(self, node: str, item: ProducedItem) -> bool:
        if self._taken is None:
            taken = {str(edge.source) for edge in self.document.edges()}
            self._taken = frozenset(taken.difference(self.document.outputs.values()))
        return f"{node}.{item.port}" not in self._taken


def _inputs(resolved: ResolvedJob) -> tuple[Sha256, ...]:
    tokens = resolved.job.tokens
    return tuple([one.datum.content.sha256 for one in tokens if one.datum is not None])
