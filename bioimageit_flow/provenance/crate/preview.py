"""The page that shows a crate to people, and to search engines."""

import json
from html import escape

from bioimageit_flow.model.run import JobState
from bioimageit_flow.provenance.crate.graph import Graph
from bioimageit_flow.provenance.story import RunStory

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
       padding: 0 1rem; color: #1b1f23; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #d9dde1; }
code { font-size: .85em; word-break: break-all; }
"""


def preview(story: RunStory, graph: Graph) -> str:
    """Return an HTML page about a run, with its schema.org description in it."""
    root = graph.entities["./"]
    about = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": root["name"],
        "description": root["description"],
        "license": root["license"]["@id"],
        "datePublished": root["datePublished"],
        "identifier": f"urn:uuid:{story.record.id}",
        "creator": {"@type": "Person", "name": _agent_name(graph, root)},
        "distribution": {
            "@type": "DataDownload",
            "contentUrl": "ro-crate-metadata.json",
            "encodingFormat": "application/ld+json",
        },
    }
    embedded = json.dumps(about, ensure_ascii=False).replace("</", "<\\/")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(str(root["name"]))}</title>
<script type="application/ld+json">{embedded}</script>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(str(root["name"]))}</h1>
<p>{escape(str(root["description"]))}</p>
<p>Begun {story.record.started:%Y-%m-%d %H:%M} UTC; state: {story.summary.state};
licence: {escape(story.document.licence or "see the metadata")}.
The whole description is in <a href="ro-crate-metadata.json">ro-crate-metadata.json</a>,
the workflow in <a href="workflow.flow.yaml">workflow.flow.yaml</a>.</p>
<h2>Steps</h2>
<table><tr><th>step</th><th>tool</th><th>done</th><th>reused</th><th>failed</th></tr>
{_steps(story)}</table>
<h2>Files</h2>
<table><tr><th>file</th><th>what</th><th>sha256</th></tr>
{_files(graph)}</table>
</body>
</html>
"""


def _agent_name(graph: Graph, root: dict[str, object]) -> str:
    author = root["author"]
    assert isinstance(author, dict)
    return str(graph.entities[author["@id"]]["name"])


def _steps(story: RunStory) -> str:
    lines = []
    for name, node in story.document.nodes.items():
        states = [job.state for job in story.jobs if job.node == name]
        counts = (
            states.count(JobState.DONE),
            states.count(JobState.REUSED),
            states.count(JobState.FAILED),
        )
        cells = "".join(f"<td>{count}</td>" for count in counts)
        lines.append(
            f"<tr><td>{escape(node.label or name)}</td>"
            f"<td>{escape(node.tool or '')}</td>{cells}</tr>\n"
        )
    return "".join(lines)


def _files(graph: Graph) -> str:
    return "".join(
        f'<tr><td><a href="{escape(id_)}">{escape(str(entity["name"]))}</a></td>'
        f"<td>{escape(str(entity.get('description', '')))}</td>"
        f"<td><code>{entity['sha256']}</code></td></tr>\n"
        for id_, entity in graph.entities.items()
        if entity["@type"] in ("File", "Dataset") and "sha256" in entity
    )
