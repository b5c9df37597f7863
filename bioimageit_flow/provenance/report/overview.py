"""What a reader wants to see first: counts, sentences, and figures before tables."""

from collections import Counter
from collections.abc import Sequence

from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats import read_scalar
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.run import JobState
from bioimageit_flow.provenance.report.outputs import Output
from bioimageit_flow.provenance.report.pictures import Find
from bioimageit_flow.provenance.story import RunStory

_FIGURES = ("svg", "png")
_MOST_SENTENCES = 8


def counts_of(story: RunStory) -> dict[str, int]:
    """Return how many jobs ended how, and how many results there are."""
    states = Counter(story.summary.counts)
    return {
        "given": sum(1 for _ in story.given()),
        "ran": states[JobState.DONE],
        "reused": states[JobState.REUSED],
        "failed": states[JobState.FAILED] + states[JobState.CANCELLED],
        "results": story.tally.results,
    }


def in_reading_order(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs as people read them: figures, values, images, then tables.

    A figure that is there in two formats stands once, as the one that scales.
    """
    figures = [one.items[0] for one in outputs if one.count == 1]
    twice = {_figure(item) for item in figures if item.info.format == "svg"}
    hidden = {
        item.id
        for item in figures
        if item.info.format == "png" and _figure(item) in twice
    }
    kept = [one for one in outputs if one.items[0].id not in hidden]
    return sorted(kept, key=lambda output: _rank(output.items[0]))


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
    for output in outputs:
        for item in output.items[:_MOST_SENTENCES]:
            if item.info.kind is not Kind.SCALAR:
                continue
            try:
                said = read_scalar(find(item.content)).get("sentence")
            except FlowError:  # it is told where the result is shown
                continue
            if isinstance(said, str) and said.strip():
                found.append(said.strip())
    return found[:_MOST_SENTENCES]
