"""Makes the recipe by which a run in a crate can be run again."""

from collections.abc import Callable, Iterator

from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.provenance.crate import plan
from bioimageit_flow.provenance.crate.recipe import (
    GivenLine,
    ResultLine,
    RunLine,
    ToolLine,
)
from bioimageit_flow.provenance.crate.tool_files import ToolFiles
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.spooled_entities import Notes

Place = Callable[[Item], tuple[str, Sha256]]
"""Where an item lies in the crate (or its URL), and the hash of its file."""


def recipe_lines(
    story: RunStory, place: Place, tools: ToolFiles, roots: Notes
) -> Iterator[str]:
    """Go through the lines that tell what it takes to run a run again.

    Parameters
    ----------
    roots : Notes
        Where it may be kept what each item descends from; nothing of another run.
    """
    yield _run(story).text()
    for tool in _tools(story, tools):
        yield tool.text()
    for number, item in enumerate(story.given()):
        roots[item.id] = str(number)
        yield _given(story, item, place).text()
    for result in _results(story, place, roots):
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
    found = []
    for reference in plan.tools_of(story):
        used = story.tally.tools.get(reference)
        runtime = used.runtime if used else None
        tool = story.tools.get(reference)
        found.append(
            ToolLine(
                ref=reference,
                folder=files.folders.get(reference, ""),
                toolbox_folder=files.toolboxes.get(reference, ""),
                code_sha256=used.code if used else "",
                runtime=runtime.name if runtime else "",
                identity=runtime.identity if runtime else "",
                detail=runtime.detail if runtime else "",
                deterministic=tool.tool.deterministic if tool else True,
            )
        )
    return found


def _given(story: RunStory, item: Item, place: Place) -> GivenLine:
    path, file_sha256 = place(item)
    seen = story.at_start.view(item.id)
    return GivenLine(
        item=item.id,
        path=path,
        name=item.name,
        dataset=item.dataset,
        inputs=story.at_start.inputs(item.id),
        content=item.content.sha256,
        file_sha256=file_sha256,
        size=item.content.size,
        is_folder=item.content.is_folder,
        selector=item.selector,
        info=item.info.as_json(),
        annotations=dict(item.annotations if seen is None else seen),
        corrected=dict(item.corrected),
    )


def _results(story: RunStory, place: Place, below: Notes) -> Iterator[ResultLine]:
    for job in story.successful():
        told = dict.fromkeys(below[edge.item] for edge in job.consumed)
        roots = sorted({int(one) for text in told for one in text.split()})
        text = " ".join(map(str, roots))
        for made in job.produced:
            below[made.id] = text
            path, file_sha256 = place(story.items[made.id])
            yield ResultLine(
                node=job.node,
                port=made.port,
                part=made.part,
                name=made.name,
                path=path,
                content=made.content.sha256,
                file_sha256=file_sha256,
                is_folder=made.content.is_folder,
                info=made.info.as_json(),
                roots=tuple(roots),
            )
