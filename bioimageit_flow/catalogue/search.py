"""Finding tools by words, also misspelt ones.

Every word of a query is looked for in what a tool says of itself. What counts is where
a word is found (a name counts more than a help text) and how well it fits: the whole
word, its beginning, a part of it, or with one or two letters wrong.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from bioimageit_flow.catalogue.versions import precedence
from bioimageit_flow.model.tool import InstalledTool

_WEIGHTS = {
    "id": 10.0,
    "name": 10.0,
    "aliases": 8.0,
    "keywords": 6.0,
    "summary": 4.0,
    "toolbox": 3.0,
    "choices": 2.0,
    "help": 1.0,
}

# Shares of a weight.
_WHOLE, _BEGINNING, _PART, _MISSPELT, _MISSPELT_BEGINNING = 1.0, 0.8, 0.5, 0.4, 0.3

_WORD = re.compile(r"[a-z0-9]+")
_MIN_BEGINNING = 2
_MIN_PART = 3
_MIN_MISSPELT = 4
_TWO_MISTAKES = 7


def rank(query: str, tools: Iterable[InstalledTool]) -> list[InstalledTool]:
    """Return the tools that fit a query, the best first.

    Parameters
    ----------
    query : str
        Some words in any order; without words every tool fits.
    tools : iterable of InstalledTool
        Among which to look.

    Returns
    -------
    list of InstalledTool
        Those in which every word was found; where no tool has them all, those in which
        some were found. Tools that fit equally well are in the order of their names.
    """
    wanted = tuple(dict.fromkeys(words(query)))
    scored: list[tuple[int, float, InstalledTool]] = []
    for tool in tools:
        fields = list(_fields(tool))
        scores = [_score(word, fields) for word in wanted]
        found = sum(score > 0 for score in scores)
        if found or not wanted:
            scored.append((found, sum(scores), tool))
    most = max((found for found, _, _ in scored), default=0)
    best = [entry for entry in scored if entry[0] == most]
    best.sort(key=lambda entry: precedence(entry[2].tool.version), reverse=True)
    best.sort(key=lambda entry: (-entry[1], entry[2].tool.name.lower()))
    return [tool for _, _, tool in best]


def words(text: str) -> list[str]:
    """Return the words of a text in lower-case letters without accents, and digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _WORD.findall(plain.lower())


@lru_cache(maxsize=10_000)
def _sayings(text: str, field: str) -> frozenset[str]:
    """Return the words of a text, and neighbours as one: `boxplot` for `box plot`."""
    found = words(text)
    joined = (one + other for one, other in pairwise(found))
    return frozenset(found if field == "help" else (*found, *joined))


def _fields(tool: InstalledTool) -> Iterator[tuple[float, frozenset[str]]]:
    for field, text in _texts(tool):
        yield _WEIGHTS[field], _sayings(text, field)


def _score(word: str, fields: Iterable[tuple[float, frozenset[str]]]) -> float:
    """Return how well one word fits: the best field counts, the others a little."""
    fits = [
        weight * max((fit(word, one) for one in sayings), default=0)
        for weight, sayings in fields
    ]
    best = max(fits, default=0.0)
    return best + 0.1 * (sum(fits) - best)


def _texts(tool: InstalledTool) -> Iterator[tuple[str, str]]:
    says, box = tool.tool, tool.toolbox
    yield "id", says.id.partition("/")[2]
    yield "name", says.name
    yield "aliases", " ".join(says.aliases)
    yield "keywords", " ".join(says.keywords)
    yield "summary", says.summary
    toolbox = f"{box.name} {box.summary} {' '.join(box.keywords)}" if box else ""
    yield "toolbox", f"{says.toolbox} {toolbox}"
    yield (
        "choices",
        " ".join(
            f"{name} {parameter.label} "
            + " ".join(f"{choice.value} {choice.label}" for choice in parameter.choices)
            for name, parameter in says.parameters.items()
        ),
    )
    yield "help", says.help


@lru_cache(maxsize=20_000)
def fit(wanted: str, word: str) -> float:
    """Return how well a word fits a wanted one, from 0 (not at all) to 1 (the same)."""
    if word == wanted:
        return _WHOLE
    if len(wanted) >= _MIN_BEGINNING and word.startswith(wanted):
        return _BEGINNING
    if len(wanted) >= _MIN_PART and wanted in word:
        return _PART
    if len(wanted) < _MIN_MISSPELT or len(word) < _MIN_MISSPELT:
        return 0.0
    allowed = 2 if len(wanted) >= _TWO_MISTAKES else 1
    if sum(letter not in word for letter in wanted) > allowed:
        return 0.0  # most words end here
    if abs(len(word) - len(wanted)) <= allowed and mistakes(wanted, word) <= allowed:
        return _MISSPELT
    # `segmnt` is a misspelt beginning of `segmentation`; the first letter counts.
    if wanted[0] == word[0] and any(
        mistakes(wanted, word[:length]) <= allowed
        for length in range(len(wanted) - allowed, len(wanted) + allowed + 1)
        if _MIN_MISSPELT <= length < len(word)
    ):
        return _MISSPELT_BEGINNING
    return 0.0


def mistakes(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many letters must be added, dropped, changed or swapped with the next.

    The optimal string alignment distance.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        row = [i]
        for j, right in enumerate(other, start=1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
