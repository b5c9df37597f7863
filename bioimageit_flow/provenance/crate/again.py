"""Makes the recipe by which a run in a crate can be run again."""

from collections.abc import Callable, Iterator, Mapping

from bioimageit_flow.model.data import Item, Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.provenance.crate import plan
from bioimageit_flow.provenance.crate.recipe import (
    GivenLine,
    ResultLine,
    RunLine,
    ToolLine,
)
from bioimageit_flow.provenance.crate.tool_files import ToolFiles
from bioimageit_flow.provenance.story import RunStory

Place = Callable[[Item], tuple[str, Location]]
"""Where an item lies in the crate (or its URL), and the record of its file."""


def recipe_lines(story: RunStory, place: Place, tools: ToolFiles) -> Iterator[str]:
    """Go through the lines that tell what it takes to run a run again."""
    given = story.given()
    numbers = {item.id: number for number, item in enumerate(given)}
    yield _run(story).text()
    for tool in _tools(story, tools):
        yield tool.text()
    for item in given:
        yield _given(story, item, place).text()
    for result in _results(story, place, numbers):
        yield result.text()


def _run(story: RunStory) -> RunLine:
    record, asked = story.record, story.asked
    words = {
        name: asked[name]
        for name in ("incomplete_groups", "unpaired")
        if asked.get(name) in ("run", "leave out")
    }
    return RunLine.model_validate(
        {
            "schema": "bioimageit-flow/recipe/1",
            "run": record.id,
            "name": record.name,
            "workflow": plan.workflow_id(story),
            "workflow_sha256": record.workflow_sha256,
            "started": record.started.isoformat(),
            "user": record.machine.user,
            "program": record.machine.program_version,
            "os": record.machine.os,
            **words,
        }
    )


def _tools(story: RunStory, files: ToolFiles) -> list[ToolLine]:
    used: dict[str, RuntimeUsed] = {job.tool: job.runtime for job in story.jobs}
    codes = {job.tool: str(job.parts.get("code", "")) for job in story.jobs}
    found = []
    for reference in plan.tools_of(story):
        runtime = used.get(reference)
        tool = story.tools.get(reference)
        found.append(
            ToolLine(
                ref=reference,
                folder=files.folders.get(reference, ""),
                toolbox_folder=files.toolboxes.get(reference, ""),
                code_sha256=codes.get(reference, ""),
                runtime=runtime.name if runtime else "",
                identity=runtime.identity if runtime else "",
                detail=runtime.detail if runtime else "",
                deterministic=tool.tool.deterministic if tool else True,
            )
        )
    return found


def _given(story: RunStory, item: Item, place: Place) -> GivenLine:
    path, location = place(item)
    return GivenLine(
        item=item.id,
        path=path,
        name=item.name,
        dataset=item.dataset,
        inputs=story.inputs.get(item.id, ()),
        content=item.content.sha256,
        file_sha256=location.verify_sha256,
        size=item.content.size,
        is_folder=item.content.is_folder,
        selector=item.selector,
        info=item.info.as_json(),
        annotations=dict(story.views.get(item.id, item.annotations)),
        corrected=dict(item.corrected),
    )


def _results(
    story: RunStory, place: Place, numbers: Mapping[ItemId, int]
) -> Iterator[ResultLine]:
    below: dict[ItemId, frozenset[int]] = {
        item: frozenset((number,)) for item, number in numbers.items()
    }
    for job in story.successful():
        sets = list(dict.fromkeys(below[edge.item] for edge in job.consumed))
        # Jobs in a chain share one set.
        roots = sets[0] if len(sets) == 1 else frozenset[int]().union(*sets)
        for made in job.produced:
            below[made.id] = roots
            path, location = place(story.items[made.id])
            yield ResultLine(
                node=job.node,
                port=made.port,
                part=made.part,
                name=made.name,
                path=path,
                content=made.content.sha256,
                file_sha256=location.verify_sha256,
                is_folder=made.content.is_folder,
                info=made.info.as_json(),
                roots=tuple(sorted(roots)),
            )
