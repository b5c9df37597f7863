"""What the tools of a run ask to be cited, for reference managers.

Tools name DOIs. Of the works that built-in tools name, authors and titles are known
here; of others every reference manager fills them in from the DOI.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bioimageit_flow.provenance.report.works import OTHERS, Work, work_of
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
    def work(self) -> Work | None:
        """What is known of it beyond its DOI."""
        return work_of(self.doi)

    @property
    def words(self) -> str:
        """What people read of it."""
        return str(self.work or self.doi or self.text)

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
        work = one.work
        if work is not None:
            fields = {
                "author": " and ".join(work.authors),
                "title": work.title,
                "journal": work.journal.replace("&", "and"),
                "year": str(work.year),
                "volume": work.volume,
                "pages": work.pages.replace("-", "--"),
            }
        else:
            fields = {"title": f"doi:{one.doi}" if one.doi else one.text}
        if one.doi:
            fields["doi"] = one.doi
        if one.url:
            fields["url"] = one.url
        fields["note"] = f"Cited by {', '.join(one.tools)}"
        lines = [f"  {name} = {{{_braced(value)}}}," for name, value in fields.items()]
        kind = "misc" if work is None else "article"
        entries.append("\n".join([f"@{kind}{{{one.key},", *lines, "}"]))
    return "\n\n".join(entries) + "\n" if entries else ""


def _braced(text: str) -> str:
    """Return a text without what would end or open a field of BibTeX."""
    return text.replace("\\", "/").replace("{", "(").replace("}", ")")


def ris(references: Iterable[Reference]) -> str:
    """Return references as RIS."""
    lines = []
    for one in references:
        work = one.work
        lines += [f"TY  - {'GEN' if work is None else 'JOUR'}", f"ID  - {one.key}"]
        lines.append(f"TI  - {_line(one.text if work is None else work.title)}")
        if work is not None:
            first, _, last = work.pages.partition("-")
            lines += [f"AU  - {name}" for name in work.authors if name != OTHERS]
            lines += [f"T2  - {work.journal}", f"PY  - {work.year}"]
            lines += [f"VL  - {work.volume}", f"SP  - {first}"]
            lines += [f"EP  - {last}"] if last else []
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
        entry: dict[str, object] = {"id": one.key, "type": "document"}
        work = one.work
        if work is None:
            entry["title"] = one.text
        else:
            entry |= {
                "type": "article-journal",
                "title": work.title,
                "author": [_person(name) for name in work.authors],
                "container-title": work.journal,
                "issued": {"date-parts": [[work.year]]},
                "volume": work.volume,
                "page": work.pages,
            }
        if one.doi:
            entry["DOI"] = one.doi
        if one.url:
            entry["URL"] = one.url
        entry["note"] = f"Cited by {', '.join(one.tools)}"
        entries.append(entry)
    return json.dumps(entries, indent=1, ensure_ascii=False)


def _person(name: str) -> dict[str, str]:
    family, _, given = name.partition(", ")
    return {"family": family, "given": given} if given else {"literal": name}
