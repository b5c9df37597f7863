"""What the tools of a run ask to be cited, for reference managers.

Tools name DOIs. Authors and titles are not known without the network; every reference
manager fills them in from the DOI.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bioimageit_flow.provenance.story import RunStory

_DOI = re.compile(
    r"(?:doi:|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/\S+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One work to cite.

    Attributes
    ----------
    number : int
        From 1, in the order of the workflow.
    doi : str
        Empty where the tool names something else.
    text : str
        What the tool says.
    tools : tuple of str
        Who asks for it.
    """

    number: int
    doi: str
    text: str
    tools: tuple[str, ...]

    @property
    def url(self) -> str:
        """Where it is found; empty where nobody says."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return self.text if self.text.startswith(("https://", "http://")) else ""

    @property
    def key(self) -> str:
        """By which it is cited in BibTeX."""
        words = re.sub(r"[^A-Za-z0-9]+", "_", self.doi or self.text).strip("_")
        return f"ref{self.number}_{words[:40]}".rstrip("_")


def references_of(story: RunStory) -> list[Reference]:
    """Return what the tools that a run used ask to be cited."""
    asking: dict[str, list[str]] = {}
    for job_tool in story.tally.tools:
        found = story.tools.get(job_tool)
        if found is None:
            continue
        shared = found.toolbox.citations if found.toolbox else ()
        for text in (*found.tool.citations, *shared):
            tools = asking.setdefault(text.strip(), [])
            if found.tool.name not in tools:
                tools.append(found.tool.name)
    return [
        Reference(number, _doi(text), text, tuple(tools))
        for number, (text, tools) in enumerate(asking.items(), 1)
    ]


def _doi(text: str) -> str:
    found = _DOI.fullmatch(text)
    return found[1] if found else ""


def bibtex(references: Iterable[Reference]) -> str:
    """Return references as BibTeX."""
    entries = []
    for one in references:
        fields = {"note": f"Cited by {', '.join(one.tools)}"}
        if one.doi:
            fields |= {"title": f"doi:{one.doi}", "doi": one.doi}
        else:
            fields["title"] = one.text
        if one.url:
            fields["url"] = one.url
        lines = [f"  {name} = {{{_braced(value)}}}," for name, value in fields.items()]
        entries.append("\n".join([f"@misc{{{one.key},", *lines, "}"]))
    return "\n\n".join(entries) + "\n" if entries else ""


def _braced(text: str) -> str:
    """Return a text without what would end or open a field of BibTeX."""
    return text.replace("\\", "/").replace("{", "(").replace("}", ")")


def ris(references: Iterable[Reference]) -> str:
    """Return references as RIS."""
    lines = []
    for one in references:
        lines += ["TY  - GEN", f"ID  - {one.key}", f"TI  - {_line(one.text)}"]
        if one.doi:
            lines.append(f"DO  - {one.doi}")
        if one.url:
            lines.append(f"UR  - {one.url}")
        lines += [f"N1  - Cited by {_line(', '.join(one.tools))}", "ER  - ", ""]
    return "\r\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())


def csl_json(references: Iterable[Reference]) -> str:
    """Return references as CSL-JSON."""
    entries = []
    for one in references:
        entry = {"id": one.key, "type": "document", "title": one.text}
        if one.doi:
            entry["DOI"] = one.doi
        if one.url:
            entry["URL"] = one.url
        entry["note"] = f"Cited by {', '.join(one.tools)}"
        entries.append(entry)
    return json.dumps(entries, indent=1, ensure_ascii=False)
