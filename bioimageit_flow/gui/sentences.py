"""Sentences that are made elsewhere, with names in them, in the language of the window.

Problems, fixes and errors come as whole English sentences. Those that
``translations/sentences-<language>.json`` knows are said anew around the same names;
others stay as they are.
"""

import json
import re
from importlib.resources import files
from typing import Final

_FIELD: Final = re.compile(r"\\\{(\w+)\\\}")
_NAME: Final = re.compile(r"\{\w+\}")

_PATTERNS: list[tuple[re.Pattern[str], str]] = []


def speak(language: str) -> None:
    """Say sentences in a language from now on."""
    known = templates(language)
    # those with most words of their own first: they say most exactly what is meant
    ordered = sorted(known, key=lambda text: -len(_NAME.sub("", text)))
    _PATTERNS[:] = [(re.compile(_pattern(text)), known[text]) for text in ordered]


def _pattern(text: str) -> str:
    """Return what fits a sentence with names; a name holds no end of a sentence."""
    one_name = r"(?P<\1>(?:(?!\. ).)+?)"
    return _FIELD.sub(one_name.replace("\\.", "\\\\."), re.escape(text))


def templates(language: str) -> dict[str, str]:
    """Return the sentences of a language by the English ones; none for English."""
    place = files("bioimageit_flow.gui") / "translations" / f"sentences-{language}.json"
    if not place.is_file():
        return {}
    found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return found


def said(text: str) -> str:
    """Return one sentence or several in the language of the window."""
    if not _PATTERNS or not text:
        return text
    known = _said_whole(text)
    if known is not None:
        return known
    place = text.find(". ")
    while place >= 0:
        first, rest = _said_whole(text[: place + 1]), text[place + 2 :]
        if first is not None:
            return f"{first} {said(rest)}"
        place = text.find(". ", place + 1)
    return text


def _said_whole(text: str) -> str | None:
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            names = found.groupdict()
            if "why" in names:  # a sentence in a sentence
                names["why"] = said(names["why"])
            return words.format(**names)
    return None
