"""Writes a run as a Workflow Run RO-Crate (profile *Provenance Run Crate* 0.5).

The profile extends RO-Crate 1.1. A crate is a folder or a zip file; it appears whole or
not at all.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import Content, Item, Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.provenance.crate import plan
from bioimageit_flow.provenance.crate.actions import add_run
from bioimageit_flow.provenance.crate.files import CrateFiles, DataMode
from bioimageit_flow.provenance.crate.graph import Graph, Ref, ref
from bioimageit_flow.provenance.crate.preview import preview
from bioimageit_flow.provenance.story import RunStory

METADATA = "ro-crate-metadata.json"
README = "README.md"
PREVIEW = "ro-crate-preview.html"
_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_CC0 = "CC0-1.0"

Find = Callable[[Content], tuple[Path, Location]]


@dataclass(frozen=True, slots=True)
class CrateOptions:
    """What goes into a crate, and how.

    Attributes
    ----------
    data : {"copy", "reference"}
        Whether the bytes of the items go into the crate, or are named by the place
        where they lie.
    licence : str
        SPDX name of the licence of the data; that of the workflow by default.
    person, orcid : str
        Who made the run; by default the user of the machine.
    affiliation, affiliation_url : str
        Where that person works; the URL is best that of ROR.
    """

    data: DataMode = "copy"
    licence: str = ""
    person: str = ""
    orcid: str = ""
    affiliation: str = ""
    affiliation_url: str = ""


def write_crate(
    story: RunStory,
    target: Path,
    find: Find,
    options: CrateOptions | None = None,
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

    Raises
    ------
    DataError
        If the target is there already, or a file is missing or cannot be written.
    """
    if target.exists():
        raise DataError(
            f"{target} is there already.", remedy="Choose a name that is free."
        )
    chosen = options or CrateOptions()
    graph, files = describe(story, find, chosen)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"@context": _CONTEXT, "@graph": graph.as_json()},
        indent=1,
        ensure_ascii=False,
    )
    contents = {
        METADATA: text,
        PREVIEW: preview(story, graph),
        README: _readme(story),
        plan.WORKFLOW: story.record.workflow_text,
    }
    payload = (
        {files.paths[item]: find(story.items[item].content)[0] for item in files.paths}
        if chosen.data == "copy"
        else {}
    )
    try:
        if target.suffix == ".zip":
            _write_zip(target, contents, payload)
        else:
            _write_folder(target, contents, payload)
    except OSError as error:
        raise DataError(
            f"The crate {target} cannot be written: {error.strerror or error}.",
            remedy="Free space there or choose another place.",
        ) from error
    return target


def describe(
    story: RunStory, find: Find, options: CrateOptions
) -> tuple[Graph, CrateFiles]:
    """Return the graph of a crate, and the places of its files."""
    graph, files = Graph(), CrateFiles(options.data)
    described: dict[ItemId, Ref] = {}

    def add_file(item: Item) -> Ref:
        if item.id not in described:
            path, location = find(item.content)
            url = "" if options.data == "copy" else path.resolve().as_uri()
            described[item.id] = files.add(graph, item, location, url)
        return described[item.id]

    agent = _add_agent(graph, story, options)
    licence = options.licence or story.document.licence or _CC0
    terms = graph.add(
        f"https://spdx.org/licenses/{licence}",
        "CreativeWork",
        name=licence,
        identifier=f"https://spdx.org/licenses/{licence}",
        description=f"The licence {licence}.",
    )
    _add_root(graph, story, agent, terms)
    plan.add_workflow(graph, story, terms, agent)
    add_run(graph, story, agent, add_file)
    return graph, files


def _add_root(graph: Graph, story: RunStory, agent: Ref, licence: Ref) -> None:
    graph.add(
        METADATA,
        "CreativeWork",
        about=ref("./"),
        conformsTo=[
            ref("https://w3id.org/ro/crate/1.1"),
            ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
    )
    for url, (name, version) in _PROFILES.items():
        graph.add(url, "CreativeWork", name=name, version=version)
    about = story.document.description.strip()
    graph.add(
        "./",
        "Dataset",
        name=f"Run of {story.record.name}",
        description=about or f"A run of the workflow {story.record.name}.",
        datePublished=datetime.now(UTC).date().isoformat(),
        license=licence,
        author=agent,
        publisher=graph.entities[agent["@id"]].get("affiliation"),
        conformsTo=[ref(url) for url in _PROFILES],
        mainEntity=ref(plan.WORKFLOW),
    )
    graph.extend("./", "hasPart", [ref(README), ref(PREVIEW)])
    graph.add(
        README,
        "File",
        name="Read me",
        description="What this crate is and how to read it.",
        encodingFormat="text/markdown",
        about=ref("./"),
    )
    graph.add(
        PREVIEW,
        "File",
        name="Preview",
        description="What this crate holds, for people.",
        encodingFormat="text/html",
        about=ref("./"),
    )


def _add_agent(graph: Graph, story: RunStory, options: CrateOptions) -> Ref:
    name = options.person or story.record.machine.user
    orcid = options.orcid and f"https://orcid.org/{options.orcid.rpartition('/')[2]}"
    affiliation = options.affiliation and graph.add(
        options.affiliation_url or "#affiliation",
        "Organization",
        name=options.affiliation,
        url=options.affiliation_url,
    )
    return graph.add(
        orcid or "#user", "Person", name=name, affiliation=affiliation or None
    )


def _readme(story: RunStory) -> str:
    about = story.document.description.strip()
    return f"""# Run of {story.record.name}

{about or "A run of a bio-image analysis workflow."}

- `{plan.WORKFLOW}`: the workflow as it ran, for BioImageIT Flow.
- `data/`: the raw data it was given; `results/`: what each step made of them.
- `{METADATA}`: all of this for machines, as a Workflow Run RO-Crate: each job with its
  inputs, parameters, outputs, image or environment, and checksums.
- `{PREVIEW}`: the same for people; open it in a browser.
"""


def _write_folder(
    target: Path, contents: dict[str, str], payload: dict[str, Path]
) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for name, path in payload.items():
            place = scratch / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, place)
            else:
                shutil.copyfile(path, place)
        for name, text in contents.items():
            (scratch / name).write_text(text, encoding="utf-8", newline="\n")
        scratch.chmod(0o755)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_zip(
    target: Path, contents: dict[str, str], payload: dict[str, Path]
) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    scratch = Path(name)
    try:
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, text in contents.items():
                archive.writestr(inner, text)
            for inner, path in payload.items():
                if not path.is_dir():
                    archive.write(path, inner)
                    continue
                for file in sorted(path.rglob("*")):
                    if file.is_file():
                        archive.write(
                            file, f"{inner}/{file.relative_to(path).as_posix()}"
                        )
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
