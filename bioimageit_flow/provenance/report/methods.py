"""The methods paragraph: what was done, in sentences that can go into a paper.

Each tool gives a sentence with places for its parameters; they are filled with the
values that were really used, by jobs that gave a result.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.provenance.report.references import Reference
from bioimageit_flow.provenance.story import RunStory

_PLACE = re.compile(r"\{\{|\}\}|\{(\w+)\}")
_UNITS = {"um": "µm", "px": "pixels", "nm": "nm"}
_FEW = 6


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the paragraph.

    Attributes
    ----------
    text : str
        Ends in a full stop.
    references : tuple of int
        Numbers of what it cites.
    """

    text: str
    references: tuple[int, ...] = ()


def methods_of(story: RunStory, references: Sequence[Reference]) -> list[Sentence]:
    """Return the methods paragraph of a run, sentence by sentence."""
    sentences = [_opening(story)]
    used: dict[str, dict[str, _Used]] = {}
    runtimes: set[str] = set()
    ended = Counter[JobState]()
    for job in story.jobs:
        ended[job.state] += 1
        if job.state in (JobState.DONE, JobState.REUSED):
            runtimes.add(job.runtime.name)
            by_tool = used.setdefault(job.node, {})
            by_tool.setdefault(job.tool, _Used()).add(job.parameters)
    told: set[str] = set()
    order = [name for name in story.document.nodes if name in used]
    for node in [*order, *(one for one in used if one not in order)]:
        for reference, settings in used[node].items():
            one = _sentence(story, reference, settings.values(), references)
            if one.text not in told:
                told.add(one.text)
                sentences.append(one)
    sentences += _places(runtimes)
    failed = ended[JobState.FAILED]
    if failed:
        of = ended.total() - ended[JobState.CANCELLED]
        them = "it" if failed == 1 else "them"
        sentences.append(
            Sentence(
                f"{failed} of {of} processing steps failed, and what depended on "
                f"{them} was left out."
            )
        )
    return sentences


def _opening(story: RunStory) -> Sentence:
    counts = Counter(str(item.info.kind) for item in story.given())
    raw = _counted(counts)
    version = story.record.machine.program_version
    was = "was" if counts.total() == 1 else "were"
    return Sentence(
        f"{raw} {was} analysed with BioImageIT Flow "
        f"(version {version}) by the workflow “{story.document.name}”."
    )


def _counted(counts: Mapping[str, int]) -> str:
    words = [f"{n} {_noun(kind, n)}" for kind, n in counts.items()]
    return _listed(words) if words else "No data"


def _noun(kind: str, number: int) -> str:
    singular = {"labels": "label image", "points": "point set", "tracks": "track set"}
    word = singular.get(kind, kind)
    return word if number == 1 else f"{word}s"


def _sentence(
    story: RunStory,
    reference: str,
    values: Mapping[str, list[object]],
    references: Sequence[Reference],
) -> Sentence:
    found = story.tools.get(reference)
    if found is None:
        settings = ", ".join(f"{name} {_told(value)}" for name, value in values.items())
        said = f" ({settings})" if settings else ""
        return Sentence(f"Data were processed with {reference}{said}.")
    tool = found.tool
    text = _filled(tool, values) if tool.methods else _plain(tool, values)
    cited = tuple(one.number for one in references if tool.name in one.tools)
    return Sentence(text, cited)


class _Used:
    """The different values of each parameter, in the order of the jobs."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, object]] = {}

    def add(self, parameters: Mapping[str, object]) -> None:
        """Take the parameters of a job."""
        for name, value in parameters.items():
            self._known.setdefault(name, {}).setdefault(canonical_json(value), value)

    def values(self) -> dict[str, list[object]]:
        """Return the values by parameter."""
        return {name: list(known.values()) for name, known in self._known.items()}


def _filled(tool: Tool, values: Mapping[str, list[object]]) -> str:
    def place(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0][0]
        if found[1] not in values:
            return found[0]
        used = _labelled(tool, found[1], values[found[1]])
        return _told(used, unit=_has_unit(tool, found[1]))

    text = " ".join(_PLACE.sub(place, tool.methods).split())
    return _ended(text.replace(" test test", " test"))


def _plain(tool: Tool, values: Mapping[str, list[object]]) -> str:
    shown = {
        name: used
        for name, used in values.items()
        if name in tool.parameters
        and used != [""]
        and not tool.parameters[name].advanced
    }
    settings = ", ".join(
        f"{tool.parameters[name].label or name} {_told(used)}"
        f"{_unit(tool.parameters[name].unit)}"
        for name, used in shown.items()
    )
    said = f" ({settings})" if settings else ""
    return f"{tool.name} was done with {tool.id} version {tool.version}{said}."


def _labelled(tool: Tool, name: str, values: list[object]) -> list[object]:
    """Return the names of methods as people write them: Otsu, not otsu."""
    if name != "method" or name not in tool.parameters:
        return values
    labels = {one.value: one.label for one in tool.parameters[name].choices}
    return [labels.get(str(value)) or value for value in values]


def _has_unit(tool: Tool, name: str) -> bool:
    return name.endswith("unit") and name in tool.parameters


def _unit(unit: str) -> str:
    return f" {_UNITS.get(unit, unit)}" if unit else ""


def _told(values: Sequence[object], *, unit: bool = False) -> str:
    words = [_word(value, unit=unit) for value in values]
    if len(words) > _FEW and all(_is_number(value) for value in values):
        numbers = sorted(float(str(value)) for value in values)
        return f"{numbers[0]:g} to {numbers[-1]:g} ({len(words)} values)"
    if len(words) > _FEW:
        return f"{', '.join(words[:_FEW])} and {len(words) - _FEW} more"
    return _listed(words)


def _word(value: object, *, unit: bool) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return _listed([_word(one, unit=unit) for one in value])
        case str() if unit:
            return _UNITS.get(value, value)
    return str(value)  # an empty text says nothing


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _places(names: Iterable[str]) -> list[Sentence]:
    """Say what the tools ran in."""
    words = {
        "container": "containers, each identified by the digest of its image",
        "environment": "environments whose packages are locked by version and hash",
    }
    known = [words[name] for name in sorted(names) if name in words]
    if not known:
        return []
    return [
        Sentence(
            f"Tools ran in {_listed(known)}; the version of every tool, its parameters "
            "and the checksums of its inputs and outputs were recorded for each step."
        )
    ]
