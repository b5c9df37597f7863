"""One verdict for each output of a run that was made again."""

from collections.abc import Mapping

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.data import DataInfo, Item
from bioimageit_flow.model.run import JobState
from bioimageit_flow.provenance.certificate import Outcome, ToolUse
from bioimageit_flow.provenance.comparing import Find, ResultKey, results_of
from bioimageit_flow.provenance.crate.reading import RunCrate
from bioimageit_flow.provenance.crate.recipe import Recipe, ResultLine, is_away
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.provenance.verdict import (
    Sameness,
    Side,
    Verdict,
    compare_results,
)
from bioimageit_flow.session.sampling import Choice


def judge(
    crate: RunCrate, chosen: Choice, story: RunStory, find: Find, tolerance: float
) -> list[Outcome]:
    """Compare what came out with what the crate says.

    Parameters
    ----------
    story : RunStory
        The new run.
    find : callable
        Returns where a content of it lies.
    """
    made = results_of(story)
    why = {job.node: job.message for job in story.jobs if job.state is JobState.FAILED}
    found = []
    for line in chosen.results:
        again = made.get(_key(crate.recipe, line))
        if again is None:
            words = why.get(line.node) or "a step before it failed, or left it out"
            found.append(
                Outcome(line.node, line.port, line.name, line.content, "", None, words)
            )
            continue
        verdict = _verdict(crate, line, again, find, tolerance)
        found.append(
            Outcome(
                line.node,
                line.port,
                line.name,
                line.content,
                again.content.sha256,
                verdict,
            )
        )
    return found


def _key(recipe: Recipe, line: ResultLine) -> ResultKey:
    roots = frozenset(recipe.given[number].content for number in line.roots)
    return line.node, line.port, line.part, line.name, roots


def _verdict(
    crate: RunCrate, line: ResultLine, again: Item, find: Find, tolerance: float
) -> Verdict:
    if again.content.sha256 == line.content:
        return Verdict(Sameness.BYTES)
    if is_away(line.path) or not crate.is_whole(line.path):
        words = "its bytes differ, and the crate does not have the original to compare"
        return Verdict(Sameness.DIFFERENT, float("inf"), words)
    try:
        return compare_results(
            Side(crate.path(line.path), line.content, DataInfo.from_json(line.info)),
            Side(find(again.content), again.content.sha256, again.info),
            tolerance,
        )
    except FlowError as error:
        words = f"cannot be compared: {error.message}"
        return Verdict(Sameness.DIFFERENT, float("inf"), words)


def tool_uses(
    recipe: Recipe, story: RunStory, sources: Mapping[str, tuple[str, bool]]
) -> list[ToolUse]:
    """Say of each tool where it came from, and what it ran in then and now."""
    now = {job.tool: job.runtime.identity for job in story.jobs}
    return [
        ToolUse(line.ref, *sources[line.ref], line.identity, now.get(line.ref, ""))
        for line in recipe.tools
    ]
