"""The page that shows a crate to people, and to search engines."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from bioimageit_flow.model.run import JobState
from bioimageit_flow.provenance.crate.graph import Entity, Graph
from bioimageit_flow.provenance.story import RunStory

MAX_FILES = 2000
"""Files that are listed at most: the metadata lists all."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem;
       padding: 0 1rem; color: #1b1f23; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #d9dde1;
         vertical-align: top; overflow-wrap: anywhere; min-width: 2.5rem; }
table.files { table-layout: fixed; width: 100%; }
code { font-size: .8em; word-break: break-all; color: #57606a; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #16191d; } a { color: #7ab7ff; }
  th, td { border-color: #363c44; } code { color: #9aa4af; }
}
"""


def preview(graph: Graph, summaries: Sequence[str]) -> str:
    """Return an HTML page about a crate, with its schema.org description in it.

    Parameters
    ----------
    summaries : sequence of str
        A part of the page for each run, from `summary_of`.
    """
    root = graph.entity("./")
    embedded = json.dumps(about(graph), ensure_ascii=False).replace("</", "<\\/")
    name = escape(str(root["name"]))
    words = escape(str(root["description"]))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<meta name="description" content="{words}">
<link rel="describedby" href="ro-crate-metadata.json" type="application/ld+json">
<script type="application/ld+json">{embedded}</script>
<style>{_STYLE}</style>
</head>
<body>
<h1>{name}</h1>
<p>{words}</p>
<p>{escape(_people(graph, root))}. Licence: {_link(root["license"]["@id"])}.
The whole description is in <a href="ro-crate-metadata.json">ro-crate-metadata.json</a>.
</p>
{"".join(summaries)}
<h2>Files</h2>
<table class="files"><tr><th>file</th><th>what</th><th>sha256</th></tr>
{"".join(_files(graph))}</table>
</body>
</html>
"""


def about(graph: Graph) -> dict[str, Any]:
    """Return what a crate is in the words of schema.org, for search engines."""
    root = graph.entity("./")
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": root["identifier"],
        "identifier": root["identifier"],
        "name": root["name"],
        "description": root["description"],
        "keywords": root["keywords"],
        "license": root["license"]["@id"],
        "datePublished": root["datePublished"],
        "isAccessibleForFree": True,
        "creator": [_plain(graph, one) for one in _list(root["author"])],
        "publisher": _plain(graph, root["publisher"]) if "publisher" in root else None,
        "citation": [one["@id"] for one in _list(root.get("citation"))],
        "measurementTechnique": sorted(_tools(graph)),
        "variableMeasured": sorted(_variables(graph)),
        "size": f"{sum(_sizes(graph))} B",
        "distribution": {
            "@type": "DataDownload",
            "name": "Metadata (RO-Crate)",
            "contentUrl": "ro-crate-metadata.json",
            "encodingFormat": "application/ld+json",
        },
    }
    return {name: value for name, value in described.items() if value}


def summary_of(story: RunStory) -> str:
    """Return the part of the page about one run."""
    record = story.record
    return f"""<h2>Run of {escape(record.name)}</h2>
<p>Begun {record.started:%Y-%m-%d %H:%M} UTC by {escape(record.machine.user)};
state: {story.summary.state}.</p>
<table><tr><th>step</th><th>tool</th><th>done</th><th>reused</th><th>failed</th></tr>
{_steps(story)}</table>
"""


def _steps(story: RunStory) -> str:
    lines = []
    ended = story.tally.ended
    shown = JobState.DONE, JobState.REUSED, JobState.FAILED
    for name, node in story.document.nodes.items():
        counts = [ended[name, state] for state in shown]
        cells = "".join(f"<td>{count}</td>" for count in counts)
        lines.append(
            f"<tr><td>{escape(node.label or name)}</td>"
            f"<td>{escape(node.tool or '')}</td>{cells}</tr>\n"
        )
    return "".join(lines)


def _is_datum(entity: Entity) -> bool:
    return entity["@type"] in ("File", "Dataset") and "sha256" in entity


def _data(graph: Graph) -> Iterator[tuple[str, Entity]]:
    return ((id_, one) for id_, one in graph.entities() if _is_datum(one))


def _files(graph: Graph) -> Iterator[str]:
    more = 0
    for number, (id_, entity) in enumerate(_data(graph)):
        if number >= MAX_FILES:
            more += 1
            continue
        yield (
            f'<tr><td><a href="{escape(id_)}">{escape(str(entity["name"]))}</a></td>'
            f"<td>{escape(str(entity.get('description', '')))}</td>"
            f"<td><code>{entity['sha256']}</code></td></tr>\n"
        )
    if more:
        yield f'<tr><td colspan="3">and {more} more: see the metadata</td></tr>\n'


def _people(graph: Graph, root: Entity) -> str:
    names = [
        str(graph.entity(one["@id"])["name"])
        for one in _list(root["author"])
        if "name" in graph.entity(one["@id"])
    ]
    return "By " + ", ".join(names) if names else "Without a named author"


def _plain(graph: Graph, reference: dict[str, str]) -> dict[str, Any]:
    entity = graph.entity(reference["@id"])
    plain: dict[str, Any] = {
        "@type": entity["@type"],
        "name": entity.get("name", ""),
    }
    if reference["@id"].startswith("http"):
        plain["@id"] = reference["@id"]
    if "affiliation" in entity:
        plain["affiliation"] = _plain(graph, entity["affiliation"])
    return plain


def _tools(graph: Graph) -> set[str]:
    return {
        str(one["name"])
        for _, one in graph.entities("#tool/")
        if one["@type"] == "SoftwareApplication"
    }


def _variables(graph: Graph) -> set[str]:
    return {str(one["name"]) for _, one in graph.entities("#annotation/")}


def _sizes(graph: Graph) -> Iterator[int]:
    return (int(one["contentSize"]) for _, one in _data(graph))


def _link(url: str) -> str:
    return f'<a href="{escape(url)}">{escape(url.rpartition("/")[2])}</a>'


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
