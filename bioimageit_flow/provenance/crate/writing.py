"""Writes runs as a Workflow Run RO-Crate (profile *Provenance Run Crate* 0.5).

The profile extends RO-Crate 1.1. A crate is a folder or a zip file; it appears whole or
not at all. One run is described after the other.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import Content, Item, Location
from bioimageit_flow.model.ids import ItemId
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
from bioimageit_flow.provenance.crate.preview import preview, summary_of
from bioimageit_flow.provenance.crate.recipe import RECIPE
from bioimageit_flow.provenance.crate.tool_files import ToolFiles
from bioimageit_flow.provenance.decided import NOTHING_DECIDED, Decisions
from bioimageit_flow.provenance.story import RunStory

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
    payload: dict[str, Path] = field(default_factory=dict)

    def put(self, name: str, lines: Iterable[str]) -> tuple[str, int]:
        """Write a text of the crate; returns its sha256 and size."""
        path = self.aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for line in lines:
                encoded = line.encode()
                digest.update(encoded)
                size += len(encoded)
                file.write(encoded)
        self.payload[name] = path
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
        The runs, the one that the crate is most about first; each is let go of before
        the next is asked for.
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
        with _aside(target) as aside:
            files = CrateFiles(chosen.data)
            with Graph(aside / _SPOOL) as graph:
                crate = _Crate(graph, files, aside / "texts")
                _fill(crate, stories, subject, find, chosen, items, decisions)
            if target.suffix == ".zip":
                _write_zip(target, aside / "crate.zip", crate.payload)
            else:
                _write_folder(target, aside / "crate", crate)
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
        with _aside(folder / METADATA) as aside:
            files = CrateFiles(chosen.data)
            with Graph(aside / _SPOOL) as graph:
                crate = _Crate(graph, files, aside / "texts")
                _fill(crate, stories, subject, find, chosen, items, decisions)
            for name, path in crate.payload.items():
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
    described: dict[ItemId, tuple[Ref, str, Location]] = {}

    def add_file(item: Item) -> Ref:
        if item.id not in described:
            path, location = find(item.content)
            url = files.url_of(item, path, location)
            entity = files.add(graph, item, location, url)
            described[item.id] = entity, url or files.paths[item.id], location
            if not url:
                crate.payload[files.paths[item.id]] = path
        return described[item.id][0]

    def place(item: Item) -> tuple[str, Location]:
        add_file(item)
        return described[item.id][1:]

    tools = ToolFiles()
    workflows: list[str] = []
    summaries: list[str] = []
    for story in stories:
        files.has_run_folders = bool(story.scope)
        files.units = story.units
        record = story.record
        agent = add_agent(graph, record.machine.user, record.machine.orcid, options)
        licence = add_licence(graph, story.document.licence, options)
        path = plan.workflow_id(story)
        if not workflows:
            add_root(graph, subject, agent, licence, options, workflow=path)
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
            lines = recipe_lines(story, place, tools)
            _put_recipe(crate, story, *crate.put(_recipe_path(story), lines))
        summaries.append(summary_of(story))
    if not workflows:
        agent = add_agent(graph, "", "", options)
        licence = add_licence(graph, "", options)
        add_root(graph, subject, agent, licence, options, workflow="")
    for item in items:
        add_file(item)
    add_decisions(graph, decisions, add_file, options)
    pages = (README, PREVIEW, *(() if files.mode == "in place" else (INDEX,)))
    texts = [*pages, *options.attachments]
    add_texts(graph, texts)
    page = preview(graph, summaries)
    for name in pages:
        if name == README:
            crate.put(name, [readme(subject, workflows, has_tools=bool(tools.files))])
        else:
            crate.put(name, [page])
    for name, text in options.attachments.items():
        crate.put(name, [text])
    crate.put(METADATA, _metadata(graph))


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
    crate.payload |= found.files


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, which is gone at the end."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_folder(target: Path, scratch: Path, crate: _Crate) -> None:
    for name, path in crate.payload.items():
        place = scratch / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, place)
        elif path.is_relative_to(crate.aside):
            path.rename(place)
        else:
            shutil.copyfile(path, place)
    scratch.chmod(0o755)
    scratch.rename(target)


def _write_zip(target: Path, scratch: Path, payload: dict[str, Path]) -> None:
    with zipfile.ZipFile(scratch, "w") as archive:
        for inner, path in payload.items():
            if not path.is_dir():
                _put(archive, path, inner)
                continue
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    _put(archive, file, f"{inner}/{file.relative_to(path).as_posix()}")
    scratch.replace(target)


def _put(archive: zipfile.ZipFile, path: Path, inner: str) -> None:
    """Put a file in; data as they are, so that nobody takes them for a bomb."""
    is_data = inner.startswith(("data/", "results/"))
    archive.write(path, inner, zipfile.ZIP_STORED if is_data else zipfile.ZIP_DEFLATED)
