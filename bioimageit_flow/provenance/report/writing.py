"""From what a run did to its report.

A template is a text of Jinja, which runs in a sandbox: it can only say what it is
given, every value is escaped, and a name that is not there is an error.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice

from jinja2 import DictLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.units import format_bytes, format_seconds
from bioimageit_flow.provenance.decided import (
    decisions_about,
    words_of,
    words_of_value,
)
from bioimageit_flow.provenance.report.conditions import by_condition, condition_keys
from bioimageit_flow.provenance.report.footprint import Assumptions, footprint_of
from bioimageit_flow.provenance.report.methods import methods_of
from bioimageit_flow.provenance.report.outputs import Output, outputs_of
from bioimageit_flow.provenance.report.overview import (
    counts_of,
    in_reading_order,
    sentences_of,
)
from bioimageit_flow.provenance.report.pictures import Find, caption_of, show
from bioimageit_flow.provenance.report.references import (
    bibtex,
    csl_json,
    references_of,
    ris,
)
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.drawing import draw_workflow

TEMPLATE_NAME = "report.html.j2"
"""What a template of the user may extend."""

_BAD = (JobState.FAILED, JobState.CANCELLED)
_LISTED = 200
_PAGE = 1_000
_VALUES = 10
_TABLES = 2
"""Tables of each output at most: two show what is in them."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report shows.

    Attributes
    ----------
    template : str or None
        The text of a template in place of the built-in one.
    thumbnails : int
        Pictures of each output at most.
    pixels : int
        Of the longer side of a picture.
    rows : int
        Rows of each table at most.
    assumptions : Assumptions
        For the estimate of energy.
    """

    template: str | None = None
    thumbnails: int = 24
    pixels: int = 160
    rows: int = 12
    assumptions: Assumptions = field(default_factory=Assumptions)


def built_in_template() -> str:
    """Return the text of the built-in template, to be changed and given back."""
    return files(__package__).joinpath(TEMPLATE_NAME).read_text(encoding="utf-8")


def report_html(
    story: RunStory, store: Store, find: Find, options: ReportOptions | None = None
) -> str:
    """Return the report of a run as one HTML text.

    Parameters
    ----------
    find : callable
        Where a content lies.

    Raises
    ------
    DataError
        If the template is none, or asks for what is not there.
    """
    chosen = options or ReportOptions()
    facts = _facts(story, store, find, chosen)
    source = built_in_template() if chosen.template is None else chosen.template
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader({TEMPLATE_NAME: built_in_template()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": format_seconds,
        "bytes": format_bytes,
        "clock": _clock,
    }
    try:
        return environment.from_string(source).render(facts)
    except TemplateSyntaxError as error:
        raise DataError(
            f"The template cannot be read: {error.message} (line {error.lineno}).",
            remedy="Mend that line; `report --print-template` prints a working one.",
        ) from error
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise DataError(
            f"The template cannot be filled in: {str(error).rstrip('.')}.",
            remedy="`report --print-template` prints one that names all there is.",
        ) from error


def _clock(time: datetime | None) -> str:
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _facts(
    story: RunStory, store: Store, find: Find, options: ReportOptions
) -> dict[str, object]:
    """Return everything that a template may name."""
    references = references_of(story)
    outputs = in_reading_order(outputs_of(story))
    listed = list(islice(story.given(), _LISTED))
    shown = [*listed, *(item for output in outputs for item in output.items)]
    views = store.views([item.id for item in shown])
    keys = condition_keys(_all_views(store, story.given()))
    counts = counts_of(story)
    failures = _failures(story)
    return {
        "run": story.record,
        "summary": story.summary,
        "ended": story.ended,
        "workflow": story.document,
        "graph": Markup(draw_workflow(story.document)),  # escaped there
        "given": [_given(item, views) for item in listed],
        "given_count": counts["given"],
        "in_short": sentences_of(outputs, find),
        "counts": counts,
        "outputs": [
            _output(output, _in_order(output.items, views, keys), views, find, options)
            for output in outputs
        ],
        "conditions": [
            one for output in outputs for one in by_condition(output, views, keys, find)
        ],
        "failures": failures,
        "more_failures": max(0, counts["failed"] - len(failures)),
        "excluded": _excluded(store, story.given()),
        "decided": _decided(store, story),
        "footprint": footprint_of(story, options.assumptions),
        "software": _software(story),
        "methods": methods_of(story, references),
        "references": references,
        "bibtex": bibtex(references),
        "ris": ris(references),
        "csl_json": csl_json(references),
    }


def _all_views(store: Store, items: Iterable[Item]) -> Iterator[View]:
    """Go through what items see, page by page."""
    rest = iter(items)
    while page := [item.id for item in islice(rest, _PAGE)]:
        yield from store.views(page).values()


def _output(
    output: Output,
    items: Sequence[Item],
    views: Mapping[ItemId, View],
    find: Find,
    options: ReportOptions,
) -> dict[str, object]:
    """Return what a template may name of one output."""
    most = options.thumbnails
    if items[0].info.kind.is_tabular:
        most = min(most, _TABLES)
    shown = show(
        items, views, find, most=most, pixels=options.pixels, rows=options.rows
    )
    return {
        "name": output.name,
        "count": output.count,
        "shown": shown,
        "drawn": len(shown),
    }


def _given(item: Item, views: Mapping[ItemId, View]) -> dict[str, str]:
    shape = " x ".join(map(str, item.info.shape))
    return {
        "name": item.name,
        "dataset": item.dataset,
        "kind": str(item.info.kind),
        "size": f"{item.info.axes} {shape}" if item.info.axes else "",
        "annotations": caption_of(views.get(item.id, {})),
        "sha256": item.content.sha256,
    }


def _in_order(
    items: Iterable[Item], views: Mapping[ItemId, View], keys: Sequence[str]
) -> list[Item]:
    """Return items by condition, then by name."""

    def place(item: Item) -> tuple[list[str], str]:
        view = views.get(item.id, {})
        return [str(view.get(key, "")) for key in keys], item.name

    return sorted(items, key=place)


def _failures(story: RunStory) -> list[dict[str, str]]:
    if not any(state in _BAD for _, state in story.tally.ended):
        return []
    failed = (job for job in story.jobs if job.state in _BAD)
    return [
        {
            "node": job.node,
            "state": str(job.state),
            "items": ", ".join(
                dict.fromkeys(story.items[edge.item].name for edge in job.consumed[:10])
            ),
            "cause": "" if job.cause is None else str(job.cause),
            "message": job.message,
            "log": job.log,
        }
        for job in islice(failed, _LISTED)
    ]


def _excluded(store: Store, given: Iterable[Item]) -> list[dict[str, str]]:
    """Return what is excluded; what this run was given took part nevertheless."""
    datasets: dict[str, None] = {}
    took_part: set[str] = set()
    for item in given:
        datasets[item.dataset] = None
        if item.excluded:
            took_part.add(item.id)
    return [
        {
            "name": item.name,
            "dataset": item.dataset,
            "reason": item.excluded,
            "took_part": "yes" if item.id in took_part else "",
        }
        for dataset in datasets
        for item in store.items(dataset)
        if item.excluded
    ]


def _decided(store: Store, story: RunStory) -> list[dict[str, str]]:
    decisions = decisions_about(store, story)
    values: dict[int, list[str]] = {}
    for item, row in (*decisions.rows, *decisions.left_out):
        values.setdefault(row.change, []).append(f"{item.name}: {words_of_value(row)}")
    return [
        {
            "at": _clock(one.at),
            "user": one.user,
            "orcid": one.orcid,
            "what": words_of(one),
            "note": one.note,
            "values": "; ".join(values.get(one.n, ())[:_VALUES]),
            "more": str(max(0, len(values.get(one.n, ())) - _VALUES) or ""),
        }
        for one in decisions.changes
    ]


def _software(story: RunStory) -> list[dict[str, str]]:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for job in story.jobs:
        tool = story.tools.get(job.tool)
        id_, _, version = job.tool.partition("@")
        rows[job.tool, job.runtime.identity] = {
            "id": id_,
            "name": tool.tool.name if tool else id_,
            "version": version,
            "licence": _licence(story, job.tool),
            "runtime": job.runtime.name,
            "identity": job.runtime.identity,
            "detail": job.runtime.detail,
        }
    return list(rows.values())


def _licence(story: RunStory, reference: str) -> str:
    tool = story.tools.get(reference)
    if tool is None:
        return ""
    return tool.tool.licence or (tool.toolbox.licence if tool.toolbox else "")
