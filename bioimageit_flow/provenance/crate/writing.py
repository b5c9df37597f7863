"""Writes runs as a Workflow Run RO-Crate (profile *Provenance Run Crate* 0.5).

The profile extends RO-Crate 1.1. A crate is a folder or a zip file; it appears whole or
not at all. One run is described after the other.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import Content, Item, Location
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.provenance.crate import plan
from bioimageit_flow.provenance.crate.about import (
    INDEX,
    METADATA,
    PREVIEW,
    README,
    CrateOptions,
    Subject,
    add_agent,
    add_licence,
    add_root,
    add_texts,
    readme,
    subject_of,
)
from bioimageit_flow.provenance.crate.actions import add_earlier, add_run
from bioimageit_flow.provenance.crate.again import recipe_lines
from bioimageit_flow.provenance.crate.decisions import add_decisions
from bioimageit_flow.provenance.crate.files import CrateFiles
from bioimageit_flow.provenance.crate.graph import Graph, Ref, ref
from bioimageit_flow.provenance.crate.images import (
    FOLDER,
    SaveImage,
    add_image_file,
    image_id,
)
from bioimageit_flow.provenance.crate.packing import (
    scratch_beside,
    write_folder,
    write_zip,
)
from bioimageit_flow.provenance.crate.preview import preview, summary_of
from bioimageit_flow.provenance.crate.recipe import RECIPE
from bioimageit_flow.provenance.crate.tool_files import ToolFiles
from bioimageit_flow.provenance.decided import NOTHING_DECIDED, Decisions
from bioimageit_flow.provenance.story import RunStory, document_of
from bioimageit_flow.stores.spooled_entities import Notes

_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_SPOOL = "entities.db"

Find = Callable[[Content], tuple[Path, Location]]


@dataclass(slots=True)
class _Crate:
    """A crate while it is written: texts go to the disk as they come."""

    graph: Graph
    files: CrateFiles
    aside: Path
    _payload: Notes = field(init=False)

    def __post_init__(self) -> None:
        self._payload = self.graph.notes("payload")
        self.files.paths = self.graph.notes("path")
        self.files.taken = self.graph.notes("taken")

    def take(self, name: str, path: Path) -> None:
        """Take a file or a folder along, under a name."""
        self._payload[name] = json.dumps(str(path))  # it may be no UTF-8

    def payload(self) -> Iterator[tuple[str, Path]]:
        """Go through what goes into the crate: names with files or folders."""
        for name, path in self._payload.items():
            yield name, Path(json.loads(path))

    def put(self, name: str, lines: Iterable[str]) -> tuple[str, int]:
        """Write a text of the crate; returns its sha256 and size."""
        return self.put_bytes(name, (line.encode() for line in lines))

    def put_bytes(self, name: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Write a file of the crate; returns its sha256 and size."""
        path = self.aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        self.take(name, path)
        return digest.hexdigest(), size


def write_crate(
    story: RunStory,
    target: Path,
    find: Find,
    options: CrateOptions | None = None,
    *,
    decisions: Decisions = NOTHING_DECIDED,
) -> Path:
    """Write a run as an RO-Crate.

    Parameters
    ----------
    story : RunStory
        The run.
    target : Path
        A folder that is not there yet, or a file that ends in ``.zip``.
    find : callable
        Returns the file of a content, with the record of it.
    decisions : Decisions
        What people decided about its data.

    Raises
    ------
    DataError
        If the target is there already, or a file is missing or cannot be written.
    """
    return write_runs(
        [story], subject_of(story), target, find, options, decisions=decisions
    )


def write_runs(
    stories: Iterable[RunStory],
    subject: Subject,
    target: Path,
    find: Find,
    options: CrateOptions | None = None,
    *,
    items: Iterable[Item] = (),
    decisions: Decisions = NOTHING_DECIDED,
) -> Path:
    """Write runs, and further items, as one RO-Crate; see `write_crate`.

    Parameters
    ----------
    stories : iterable of RunStory
        The runs, the oldest first: a file is the datum of the run that is told first.
        Each is let go of before the next is asked for.
    items : iterable of Item
        What goes in although no run took it.
    """
    if target.exists():
        raise DataError(
            f"{target} is there already.", remedy="Choose a name that is free."
        )
    chosen = options or CrateOptions()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_beside(target) as aside:
            files = CrateFiles(chosen.data)
            with Graph(aside / _SPOOL) as graph:
                crate = _Crate(graph, files, aside / "texts")
                _fill(crate, stories, subject, find, chosen, items, decisions)
                if target.suffix == ".zip":
                    write_zip(target, aside / "crate.zip", crate.payload())
                else:
                    texts = crate.aside
                    write_folder(target, aside / "crate", crate.payload(), texts)
    except OSError as error:
        raise DataError(
            f"The crate {target} cannot be written: {error.strerror or error}.",
            remedy="Free space there or choose another place.",
        ) from error
    return target


def write_in_place(
    stories: Iterable[RunStory],
    subject: Subject,
    folder: Path,
    find: Find,
    options: CrateOptions | None = None,
    *,
    items: Iterable[Item] = (),
    decisions: Decisions = NOTHING_DECIDED,
) -> Path:
    """Make the folder of an experiment a crate; see `write_runs`.

    The metadata and the preview are written, and replaced if they are there; a read-me
    of somebody else stays.

    Returns
    -------
    Path
        The metadata.
    """
    chosen = replace(options or CrateOptions(), data="in place")
    try:
        with scratch_beside(folder / METADATA) as aside:
            files = CrateFiles(chosen.data)
            with Graph(aside / _SPOOL) as graph:
                crate = _Crate(graph, files, aside / "texts")
                _fill(crate, stories, subject, find, chosen, items, decisions)
                for name, path in crate.payload():
                    place = folder / name
                    if name in (METADATA, PREVIEW) or not place.exists():
                        place.parent.mkdir(parents=True, exist_ok=True)
                        path.replace(place)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be made a crate: {error.strerror or error}.",
            remedy="Free space there, or export a crate to another place.",
        ) from error
    return folder / METADATA


def _fill(
    crate: _Crate,
    stories: Iterable[RunStory],
    subject: Subject,
    find: Find,
    options: CrateOptions,
    items: Iterable[Item],
    decisions: Decisions,
) -> None:
    """Describe everything, and collect the files."""
    graph, files = crate.graph, crate.files
    described = graph.notes("item")

    def place_of(item: Item) -> tuple[str, str, Sha256]:
        known = described.get(item.id)
        if known is None:
            path, location = find(item.content)
            url = files.url_of(item, path, location)
            entity = files.add(graph, item, location, url)
            inner = url or files.paths.get(item.id) or ""
            known = json.dumps([entity["@id"], inner, location.verify_sha256])
            described[item.id] = known
            if not url:
                crate.take(inner, path)
        id_, inner, sha256 = json.loads(known)
        return id_, inner, Sha256(sha256)

    def add_file(item: Item) -> Ref:
        return ref(place_of(item)[0])

    def place(item: Item) -> tuple[str, Sha256]:
        return place_of(item)[1:]

    tools = ToolFiles()
    workflows: list[str] = []
    summaries: list[str] = []
    ran_in: dict[str, RuntimeUsed] = {}
    lacking: set[str] = set()
    for story in stories:
        files.has_run_folders = bool(story.scope)
        files.units = story.units
        record = story.record
        agent = add_agent(graph, record.machine.user, record.machine.orcid, options)
        licence = add_licence(graph, story.document.licence, options)
        path = plan.workflow_id(story)
        if not workflows:
            _add_root(graph, subject, story, options)
        workflows.append(path)
        plan.add_workflow(graph, story, licence, agent)
        add_run(graph, story, agent, add_file)
        for earlier in story.earlier:
            machine = earlier.record.machine
            by = add_agent(graph, machine.user, machine.orcid, options)
            add_earlier(graph, earlier, by, add_file)
            if files.mode != "in place":
                _put_tools(crate, earlier, tools)
        crate.put(path, [record.workflow_text])
        if files.mode != "in place":
            _put_tools(crate, story, tools)
            roots = graph.notes(f"roots {record.id}")
            lines = recipe_lines(story, place, tools, roots)
            _put_recipe(crate, story, *crate.put(_recipe_path(story), lines))
        summaries.append(summary_of(story))
        for one in (story, *story.earlier):
            used = (tool.runtime for tool in one.tally.tools.values())
            ran_in |= {image_id(runtime): runtime for runtime in used}
            lacking |= one.tally.tools.keys() - one.tools.keys()
    if not workflows:
        agent = add_agent(graph, "", "", options)
        licence = add_licence(graph, "", options)
        add_root(graph, subject, agent, licence, options, workflow="")
    for item in items:
        add_file(item)
    if options.lacks is not None and files.mode != "in place":
        for reference in sorted(lacking):
            options.lacks(reference)
    if options.save_image is not None:
        _put_images(crate, ran_in, options.save_image)
    add_decisions(graph, decisions, add_file, options)
    pages = (README, PREVIEW, *(() if files.mode == "in place" else (INDEX,)))
    texts = [*pages, *options.attachments]
    add_texts(graph, texts)
    page = preview(graph, summaries[::-1])
    for name in pages:
        if name == README:
            crate.put(
                name, [readme(subject, workflows[::-1], has_tools=bool(tools.files))]
            )
        else:
            crate.put(name, [page])
    for name, text in options.attachments.items():
        crate.put(name, [text])
    crate.put(METADATA, _metadata(graph))


def _add_root(
    graph: Graph, subject: Subject, first: RunStory, options: CrateOptions
) -> None:
    """Describe the crate as a whole, by the run that it is most about."""
    record, document = first.record, first.document
    if subject.main is not None:
        record, document = subject.main, document_of(subject.main)
    agent = add_agent(graph, record.machine.user, record.machine.orcid, options)
    licence = add_licence(graph, document.licence, options)
    scope = first.scope and record.id
    path = plan.workflow_path(scope)
    add_root(graph, subject, agent, licence, options, workflow=path)


def _metadata(graph: Graph) -> Iterator[str]:
    """Go through the metadata as text, entity by entity."""
    context = json.dumps(_CONTEXT)
    yield f'{{"@context": {context},\n "@graph": [\n'
    before = ""
    for pieces in graph.texts():
        yield before
        yield from pieces
        before = ",\n"
    yield "\n]}\n"


def _recipe_path(story: RunStory) -> str:
    folder = plan.workflow_id(story).rpartition("/")[0]
    return f"{folder}/{RECIPE}" if folder else RECIPE


def _put_recipe(crate: _Crate, story: RunStory, digest: str, size: int) -> None:
    entity = crate.graph.add(
        _recipe_path(story),
        "File",
        name=f"Recipe of {story.record.name}",
        description="What it takes to run it again, for BioImageIT Flow.",
        encodingFormat="application/jsonl",
        sha256=digest,
        contentSize=str(size),
    )
    crate.graph.extend("./", "hasPart", [entity])


def _put_tools(crate: _Crate, story: RunStory, found: ToolFiles) -> None:
    """Take along the files of tools that no earlier run has used."""
    for reference in found.add(story.tools.values()):
        entity = crate.graph.add(
            f"{found.folders[reference]}/",
            "Dataset",
            name=f"Files of {reference}",
            description="Descriptor, scripts and tests of the tool.",
            about=ref(plan.tool_id(reference)),
        )
        crate.graph.extend("./", "hasPart", [entity])
    for name, path in found.files.items():
        crate.take(name, path)


def _put_images(
    crate: _Crate, ran_in: Mapping[str, RuntimeUsed], save: SaveImage
) -> None:
    """Take the images along that jobs ran in."""
    for id_, used in ran_in.items():
        saved = save(used) if id_ else None
        if saved is not None:
            path = f"{FOLDER}/{saved.file_name}"
            digest, size = crate.put_bytes(path, saved.pieces)
            add_image_file(crate.graph, path, used, digest, size)
