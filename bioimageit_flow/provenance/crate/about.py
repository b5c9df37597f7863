"""What a crate says of itself as a whole: its root, its people, its terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bioimageit_flow.model.run import RunRecord
from bioimageit_flow.model.study import Study, StudyAuthor, is_orcid
from bioimageit_flow.provenance.crate.files import DataMode
from bioimageit_flow.provenance.crate.graph import Graph, Ref, local, ref
from bioimageit_flow.provenance.crate.images import SaveImage
from bioimageit_flow.provenance.story import RunStory

METADATA = "ro-crate-metadata.json"
README = "README.md"
PREVIEW = "ro-crate-preview.html"
INDEX = "index.html"

RUN_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
CRATE_PROFILE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_CC0 = "CC0-1.0"


@dataclass(frozen=True, slots=True)
class CrateOptions:
    """What goes into a crate, and how.

    Attributes
    ----------
    data : {"copy", "reference"}
        Whether the bytes of the items go into the crate, or are named by the place
        where they lie.
    licence : str
        SPDX name of the licence of the data; that of the study or else of the workflow
        by default.
    person, orcid : str
        Who made the run; by default the user of the machine.
    affiliation, affiliation_url : str
        Where that person works; the URL is best that of ROR.
    study : Study
        What is said of the data as a whole.
    attachments : mapping of str to str
        Further text files by name, such as a certificate.
    save_image : callable, optional
        Gives the container images that jobs ran in, which go into the crate then.
    lacks : callable, optional
        Is told of each tool that jobs ran and that is no longer to be had: its files
        are not in the crate.
    """

    data: DataMode = "copy"
    licence: str = ""
    person: str = ""
    orcid: str = ""
    affiliation: str = ""
    affiliation_url: str = ""
    study: Study = field(default_factory=lambda: Study.model_validate({}))
    attachments: dict[str, str] = field(default_factory=dict)
    save_image: SaveImage | None = None
    lacks: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a crate is about: one run, or an experiment.

    Attributes
    ----------
    name, id : str
        What people call it, and a URN.
    main : RunRecord or None
        The run that it is most about; None for the first that is told.
    """

    name: str
    id: str
    description: str
    main: RunRecord | None = None


def subject_of(story: RunStory) -> Subject:
    """Return what a crate of one run is about."""
    name = story.record.name
    about = story.document.description.strip()
    return Subject(
        f"Run of {name}",
        f"urn:uuid:{story.record.id}",
        about or f"A run of the workflow {name}.",
    )


def add_licence(graph: Graph, named: str, options: CrateOptions) -> Ref:
    """Describe the licence of the data."""
    licence = options.licence or options.study.licence or named or _CC0
    return graph.add(
        f"https://spdx.org/licenses/{licence}",
        "CreativeWork",
        name=licence,
        identifier=f"https://spdx.org/licenses/{licence}",
        description=f"The licence {licence}.",
    )


def add_agent(graph: Graph, user: str, orcid: str, options: CrateOptions) -> Ref:
    """Describe who made the run."""
    number = options.orcid or orcid
    url = number and f"https://orcid.org/{number.rpartition('/')[2]}"
    affiliation = options.affiliation and graph.add(
        options.affiliation_url or "#affiliation",
        "Organization",
        name=options.affiliation,
        url=options.affiliation_url,
    )
    return graph.add(
        url or "#user",
        "Person",
        name=options.person or user,
        affiliation=affiliation or None,
    )


def add_root(
    graph: Graph,
    subject: Subject,
    agent: Ref,
    licence: Ref,
    options: CrateOptions,
    *,
    workflow: str,
) -> None:
    """Describe the crate as a whole; `workflow` is the path of its main one."""
    study = options.study
    is_run = bool(workflow)
    graph.add(
        METADATA,
        "CreativeWork",
        about=ref("./"),
        conformsTo=[ref(CRATE_PROFILE), *([ref(_WORKFLOW_CRATE)] if is_run else [])],
    )
    if is_run:
        for url, (name, version) in RUN_PROFILES.items():
            graph.add(url, "CreativeWork", name=name, version=version)
    named = [one for one in study.authors if one.name]  # a template names none
    authors = [_add_author(graph, one) for one in named] or [agent]
    graph.add(
        "./",
        "Dataset",
        name=study.title or subject.name,
        description=study.description or subject.description,
        identifier=subject.id,
        keywords=", ".join(("bioimage analysis", *study.keywords)),
        datePublished=study.release_date or datetime.now(UTC).date().isoformat(),
        license=licence,
        author=authors[0] if len(authors) == 1 else authors,
        publisher=graph.entity(authors[0]["@id"]).get("affiliation"),
        citation=[_add_publication(graph, one) for one in study.publications],
        funding=study.funding,
        about=[
            graph.add(
                _term_url(one.term) or local("term", one.name),
                "DefinedTerm",
                name=one.name,
                termCode=one.term,
            )
            for one in (*study.biosample.organism, *study.acquisition.method)
        ],
        conformsTo=[ref(url) for url in RUN_PROFILES] if is_run else None,
        mainEntity=ref(workflow) if is_run else None,
    )


def _add_author(graph: Graph, author: StudyAuthor) -> Ref:
    place = author.affiliation and graph.add(
        author.ror or local("affiliation", author.affiliation),
        "Organization",
        name=author.affiliation,
        url=author.ror,
    )
    orcid = f"https://orcid.org/{author.orcid}" if is_orcid(author.orcid) else ""
    return graph.add(
        orcid or local("person", author.name),
        "Person",
        name=author.name,
        email=author.email,
        affiliation=place or None,
    )


def _add_publication(graph: Graph, text: str) -> Ref:
    doi = text.removeprefix("doi:")
    url = f"https://doi.org/{doi}" if text.startswith("doi:") else text
    return graph.add(url, "ScholarlyArticle", name=text, identifier=url)


def _term_url(term: str) -> str:
    prefix, _, number = term.replace("_", ":").partition(":")
    return f"http://purl.obolibrary.org/obo/{prefix}_{number}" if number else ""


_KNOWN_FILES = {
    README: ("Read me", "What this crate is and how to read it.", "text/markdown"),
    PREVIEW: ("Preview", "What this crate holds, for people.", "text/html"),
    INDEX: ("Web page", "The same, where it is put on a web server.", "text/html"),
}


def add_texts(graph: Graph, names: Sequence[str]) -> None:
    """Describe the texts for people, and what is attached."""
    for name in names:
        title, words, form = _KNOWN_FILES.get(
            name, (name, "Attached to the crate.", _form(name))
        )
        graph.add(
            name,
            "File",
            name=title,
            description=words,
            encodingFormat=form,
            about=ref("./"),
        )
        graph.extend("./", "hasPart", [ref(name)])


def _form(name: str) -> str:
    return "application/json" if name.endswith(".json") else "text/plain"


def readme(subject: Subject, stories: Sequence[str], *, has_tools: bool) -> str:
    """Return the text for people who open a crate with nothing."""
    flows = "\n".join(f"- `{path}`: a workflow as it ran." for path in stories)
    tools = (
        "- `tools/`: the tools that were used, with their scripts and locks; "
        "`recipe.jsonl`: what it takes to run it again.\n"
        if has_tools
        else ""
    )
    return f"""# {subject.name}

{subject.description}

{flows}
- `data/`: the raw data; `results/`: what each step made of them.
{tools}- `{METADATA}`: all of this for machines, as a Workflow Run RO-Crate: each job
  with its inputs, parameters, outputs, image or environment, and checksums.
- `{PREVIEW}`: the same for people; open it in a browser.

To check that the same comes out again: `bioimageit-flow reproduce` with this crate.
"""
