"""What a reader wants to see first: counts, sentences, and figures before tables."""

from collections.abc import Sequence

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats import read_scalar
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.run import JobState
from bioimageit_flow.provenance.report.pictures import Find
from bioimageit_flow.provenance.story import RunStory

Output = tuple[str, list[Item]]

_FIGURES = ("svg", "png")
_MOST_SENTENCES = 8


def counts_of(story: RunStory) -> dict[str, int]:
    """Return how many jobs ended how, and how many results there are."""
    last = {job.id: job for job in story.jobs}
    for job in story.jobs:
        if job.supersedes is not None:
            last.pop(job.supersedes, None)
    states = [job.state for job in last.values()]
    return {
        "given": len(story.given()),
        "ran": states.count(JobState.DONE),
        "reused": states.count(JobState.REUSED),
        "failed": states.count(JobState.FAILED) + states.count(JobState.CANCELLED),
        "results": sum(len(job.produced) for job in story.jobs),
    }


def in_reading_order(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs as people read them: figures, values, images, then tables.

    A figure that is there in two formats stands once, as the one that scales.
    """
    twice = {
        _figure(items[0])
        for _, items in outputs
        if len(items) == 1 and items[0].info.format == "svg"
    }
    kept = [
        (name, items)
        for name, items in outputs
        if not (
            len(items) == 1
            and items[0].info.format == "png"
            and _figure(items[0]) in twice
        )
    ]
    return sorted(kept, key=lambda output: _rank(output[1][0]))


def _figure(item: Item) -> tuple[str, str]:
    """Return by what two formats of one figure are known: their step and name."""
    node = item.dataset.rpartition("/")[0]
    return node, item.name.rpartition(".")[0]


def _rank(item: Item) -> int:
    kind, form = item.info.kind, item.info.format
    if form in _FIGURES and not kind.is_pixels:
        return 0
    if kind is Kind.SCALAR:
        return 1
    if kind.is_pixels:
        return 2
    return 3


def sentences_of(outputs: Sequence[Output], find: Find) -> list[str]:
    """Return what tools said of their results in a sentence, such as of a test."""
    found: list[str] = []
    for _, items in outputs:
        for item in items[:_MOST_SENTENCES]:
            if item.info.kind is not Kind.SCALAR:
                continue
            try:
                said = read_scalar(find(item.content)).get("sentence")
            except FlowError:  # it is told where the result is shown
                continue
            if isinstance(said, str) and said.strip():
                found.append(said.strip())
    return found[:_MOST_SENTENCES]
