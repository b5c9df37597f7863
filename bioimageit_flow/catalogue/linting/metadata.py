"""A tool says what it is, who made it, under which licence, and how to cite it."""

import re
from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.command import names_in
from bioimageit_flow.model.problem import Problem

_MAX_SUMMARY = 120

# https://www.doi.org/the-identifier/resources/handbook/2_numbering
_DOI = re.compile(r"doi:10\.[0-9]{4,9}/\S+")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
_EDAM = re.compile(r"(operation|data|format|topic)_[0-9]{4}")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what is missing or malformed in the words about a tool."""
    yield from _summary(subject)
    yield from _licence(subject)
    yield from _authors(subject)
    yield from _citations(subject)
    yield from _methods(subject)
    tool = subject.tool
    if not tool.help.strip():
        yield subject.warning(
            "metadata-help",
            "The tool has no help.",
            fix="Say in 'help' what it does, when to use it, and what to set.",
        )
    if not tool.keywords:
        yield subject.warning(
            "metadata-keywords",
            "The tool has no keywords.",
            fix="Add words that people search for.",
        )
    for field, terms in tool.edam.items():
        for term in terms:
            if not _EDAM.fullmatch(term) or not term.startswith(f"{field}_"):
                yield subject.warning(
                    "metadata-edam",
                    f"{term!r} under {field!r} is no EDAM term.",
                    fix="EDAM terms are written like 'operation: [operation_3443]'.",
                )


def _summary(subject: Subject) -> Iterator[Problem]:
    summary = subject.tool.summary.strip()
    if not summary:
        yield subject.error(
            "metadata-summary",
            "The tool has no summary.",
            fix="Say in one sentence what it does.",
        )
        return
    if len(summary) > _MAX_SUMMARY or "\n" in summary:
        yield subject.warning(
            "metadata-summary",
            f"The summary has {len(summary)} characters; lists have room for "
            f"{_MAX_SUMMARY} on one line.",
            fix="Keep the rest for 'help'.",
        )
    if not summary.endswith((".", "!", "?")):
        yield subject.warning(
            "metadata-summary",
            "The summary is no sentence.",
            fix="End it with a full stop.",
        )


def _licence(subject: Subject) -> Iterator[Problem]:
    box = subject.installed.toolbox
    licence = subject.tool.licence or (box.licence if box else "")
    if not licence:
        yield subject.error(
            "metadata-licence",
            "The tool has no licence: nobody may use it.",
            fix="Name one by its SPDX name, such as 'BSD-3-Clause'.",
        )
    elif not _SPDX.fullmatch(licence):
        yield subject.warning(
            "metadata-licence",
            f"{licence!r} is not the SPDX name of a licence.",
            fix="See https://spdx.org/licenses, for example 'BSD-3-Clause'.",
        )


def _authors(subject: Subject) -> Iterator[Problem]:
    box = subject.installed.toolbox
    if not (subject.tool.authors or (box and box.authors)):
        yield subject.warning(
            "metadata-authors",
            "The tool has no authors.",
            fix="Add 'authors: [{name: ..., orcid: ...}]'.",
        )
    for author in subject.tool.authors:
        if author.orcid and not is_orcid(author.orcid):
            yield subject.error(
                "metadata-orcid",
                f"{author.orcid!r} of {author.name} is no ORCID.",
                fix="Copy it again; it looks like 0000-0002-1825-0097.",
            )


def is_orcid(text: str) -> bool:
    """Say whether a text is an ORCID with the right check digit (ISO 7064 MOD 11-2)."""
    if not _ORCID.fullmatch(text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check_digit = (12 - total % 11) % 11
    return text[-1] == ("X" if check_digit == 10 else str(check_digit))


def _citations(subject: Subject) -> Iterator[Problem]:
    for citation in subject.tool.citations:
        if not _DOI.fullmatch(citation):
            yield subject.warning(
                "metadata-citations",
                f"The citation {citation!r} is no DOI.",
                fix="Write it like 'doi:10.1038/nmeth.2089'.",
            )


def _methods(subject: Subject) -> Iterator[Problem]:
    sentence = subject.tool.methods
    if not sentence.strip():
        yield subject.warning(
            "metadata-methods",
            "The tool has no sentence for the methods section of a paper.",
            fix="Add 'methods: Images were ... ({parameter} px).'.",
        )
        return
    try:
        names = names_in(sentence)
    except ValueError as error:
        yield subject.error("metadata-methods", f"In 'methods', {error}.")
        return
    for name in sorted(names - set(subject.tool.parameters)):
        yield subject.error(
            "metadata-methods",
            f"The methods sentence uses {{{name}}}, which is no parameter.",
            fix=f"There are: {', '.join(subject.tool.parameters) or 'none'}.",
        )
