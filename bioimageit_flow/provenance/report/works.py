"""The works that built-in tools ask to be cited: without a network, by their DOI."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OTHERS = "others"
"""Stands in a list of authors for those who are not named."""


@dataclass(frozen=True, slots=True)
class Work:
    """An article in a journal.

    Attributes
    ----------
    authors : tuple of str
        As ``Family, Given``; the last may be `OTHERS`.
    pages : str
        ``55-59``, or the number of the article.
    """

    authors: tuple[str, ...]
    year: int
    title: str
    journal: str
    volume: str
    pages: str

    def __str__(self) -> str:
        names = [one.partition(",")[0] for one in self.authors if one != OTHERS]
        if OTHERS in self.authors:
            people = f"{names[0]} et al."
        else:
            people = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        pages = self.pages.replace("-", "\u2013")
        return (
            f"{people} ({self.year}). {self.title}. {self.journal} {self.volume}, "
            f"{pages}."
        )


def work_of(doi: str) -> Work | None:
    """Return the work of a DOI; None where it is not one of those known here."""
    return _works().get(doi.casefold())


@cache
def _works() -> Mapping[str, Work]:
    text = files(__package__).joinpath("works.json").read_text(encoding="utf-8")
    return {
        doi.casefold(): Work(**{**facts, "authors": tuple(facts["authors"])})
        for doi, facts in json.loads(text).items()
    }
