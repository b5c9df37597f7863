"""Drawing a lineage as a tree."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import (
    Column,
    clean_line,
    count,
    say,
    say_table,
    text_of,
)
from bioimageit_flow.model.data import Imported, Produced
from bioimageit_flow.model.run import JobState

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from bioimageit_flow.model.lineage import JobFact, Kin
    from bioimageit_flow.session import LineageTree

SHOWN_SIBLINGS = 3
"""So many of many alike branches are shown, unless all are asked for."""

MANY = 6

_LONG_VALUE = 40


def drawn(tree: "LineageTree", *, forward: bool, every: bool) -> "RenderableType":
    """Return a tree to be shown; branches beyond `MANY` are summed up.

    What is the same for many jobs (tool, parameters) is written at the first.
    """
    from rich.tree import Tree

    root = Tree("", guide_style="dim", highlight=False)
    told: set[str] = set()
    pending: list[tuple[LineageTree, Tree]] = [(tree, root)]
    while pending:
        lineage, node = pending.pop()
        node.label = _label(lineage, told, forward=forward)
        shown = lineage.branches
        if not every and len(shown) > MANY:
            shown = shown[:SHOWN_SIBLINGS]
        below = [(branch, node.add("")) for branch in shown]
        pending.extend(reversed(below))
        left_out = len(lineage.branches) - len(shown) + lineage.left_out
        if left_out:
            node.add(text_of((f"… and {left_out} more", "dim")))
    return root


def _label(lineage: "LineageTree", told: set[str], *, forward: bool) -> "Text":
    item = lineage.item
    port = lineage.edge.rpartition(".")[2]
    text = text_of(
        (f"{clean_line(port)}: " if port else "", "dim"),
        (clean_line(item.name), "bold"),
        (f"  {item.info.kind}", "cyan"),
        (f"  {item.id[:8]}", "dim"),
    )
    if lineage.is_repeated:
        text.append_text(text_of(("  (shown above)", "dim")))
        return text
    match item.origin:
        case Imported(source):
            origin = "" if forward else f", imported from {clean_line(source)}"
            dataset = (f"  {clean_line(item.dataset)}", "green")
            text.append_text(text_of(dataset, (origin, "dim")))
        case Produced():
            if lineage.job is not None:
                text.append_text(_job(lineage.job, told))
    return text


def _job(job: "JobFact", told: set[str]) -> "Text":
    said = clean_line(f"by {job.node}: {job.tool}")
    chosen = clean_line(settings_of(job.parameters, job.units))
    settings = f" ({chosen})" if chosen else ""
    reused = "reused, " if job.state is JobState.REUSED else ""
    place = clean_line(f"{reused}run {job.run_name} {job.run[:8]}, {job.runtime}")
    text = text_of(f"\n{said}")
    if settings:
        is_new = _is_new(f"{said}{settings}", told)
        text.append_text(text_of(settings if is_new else (" (as above)", "dim")))
    if _is_new(f"{said} {place}", told):
        text.append_text(text_of((f"\n{place}", "dim")))
    for words in job.converted:
        text.append_text(text_of((f"\n{clean_line(words)}", "dim")))
    if job.declared is not None:
        word = job.declared
        by = f"declared still valid by {word.user} on {word.at:%Y-%m-%d}: {word.reason}"
        text.append_text(text_of((f"\n{clean_line(by)}", "yellow")))
    if job.shared is not None:
        by = f"taken from {job.shared.folder}: {job.shared.words}"
        text.append_text(text_of((f"\n{clean_line(by)}", "blue")))
    return text


def _is_new(words: str, told: set[str]) -> bool:
    if words in told:
        return False
    told.add(words)
    return True


def settings_of(
    parameters: Mapping[str, object], units: Mapping[str, str] | None = None
) -> str:
    """Return parameters in a line, with units; those that are empty are left out."""
    in_units = units or {}
    return ", ".join(
        f"{name}={_value(value)} {in_units.get(name, '')}".rstrip()
        for name, value in parameters.items()
        if value not in ("", [])
    )


def _value(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONG_VALUE else f"{text[:_LONG_VALUE]}…"


def say_summary(kin: "Kin", *, forward: bool, is_cut: bool) -> None:
    """Say in a line where it all comes from, or how much was made.

    Of a tree that was cut short the jobs are counted as well.
    """
    say()
    if forward:
        made = sum(kin.items.values())
        said = f"{count(made, 'item')} made" if made else "Nothing has been made"
        say(f"{said} from it.")
    else:
        said = ", ".join(
            f"{count(number, 'raw item')} of {clean_line(name)}"
            for name, number in kin.items.items()
        )
        say(f"Goes back to {said}.")
    if not is_cut:
        return
    say("In all:")
    rows = [
        (
            f"  {clean_line(one.node)}",
            clean_line(one.tool),
            count(one.jobs, "job"),
            clean_line(f"{one.run_name} {one.run[:8]}"),
        )
        for one in kin.families
    ]
    say_table([Column(""), Column(""), Column(""), Column("")], rows)
