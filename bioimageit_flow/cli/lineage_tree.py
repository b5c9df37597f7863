"""Drawing a lineage as a tree."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bioimageit_flow.cli.output import clean_line, count, say, text_of
from bioimageit_flow.model.data import Imported, Produced
from bioimageit_flow.model.run import JobState

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from bioimageit_flow.model.lineage import JobFact
    from bioimageit_flow.session import LineageTree

SHOWN_SIBLINGS = 3
"""So many of many alike branches are shown, unless all are asked for."""

MANY = 6

_LONG_VALUE = 40


def drawn(tree: "LineageTree", *, forward: bool, every: bool) -> "RenderableType":
    """Return a tree to be shown; branches beyond `MANY` are summed up."""
    from rich.tree import Tree

    root = Tree(_label(tree, forward=forward), guide_style="dim", highlight=False)
    pending: list[tuple[LineageTree, Tree]] = [(tree, root)]
    while pending:
        lineage, node = pending.pop()
        shown = lineage.branches
        if not every and len(shown) > MANY:
            shown = shown[:SHOWN_SIBLINGS]
        for branch in shown:
            child = node.add(_label(branch, forward=forward))
            pending.append((branch, child))
        left_out = len(lineage.branches) - len(shown)
        if left_out:
            node.add(text_of((f"… and {left_out} more", "dim")))
    return root


def _label(lineage: "LineageTree", *, forward: bool) -> "Text":
    item = lineage.item
    text = text_of(
        (clean_line(item.name), "bold"),
        (f"  {item.info.kind}", "cyan"),
        (f"  {item.id[:8]}", "dim"),
    )
    if lineage.is_repeated:
        text.append_text(text_of(("  (shown above)", "dim")))
        return text
    match item.origin:
        case Imported(source):
            text.append_text(text_of((f"  {clean_line(item.dataset)}", "green")))
            if not forward:
                text.append_text(
                    text_of((f"\nimported from {clean_line(source)}", "dim"))
                )
        case Produced():
            if lineage.job is not None:
                text.append_text(_job(lineage.job))
    return text


def _job(job: "JobFact") -> "Text":
    words = f"\nby {job.node}: {job.tool}"
    if job.parameters:
        words += f" ({_settings(job.parameters)})"
    reused = ", reused" if job.state is JobState.REUSED else ""
    return text_of(
        (clean_line(words).replace("\\n", "\n", 1), ""),
        (
            f"\nin {job.runtime}{reused}, run {clean_line(job.run_name)} {job.run[:8]}",
            "dim",
        ),
    )


def _settings(parameters: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in parameters.items())


def _value(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONG_VALUE else f"{text[:_LONG_VALUE]}…"


def say_summary(tree: "LineageTree", *, forward: bool) -> None:
    """Say in a line where it all comes from, or how much was made."""
    say()
    if forward:
        made = _made(tree)
        say(
            f"{count(made, 'item')} made from it"
            if made
            else "Nothing was made from it."
        )
        return
    raw = tree.raw_items()
    by_dataset: dict[str, int] = {}
    for item in raw:
        by_dataset[item.dataset] = by_dataset.get(item.dataset, 0) + 1
    places = ", ".join(f"{number} of {name}" for name, number in by_dataset.items())
    say(f"Goes back to {count(len(raw), 'raw item')}: {clean_line(places)}")


def _made(tree: "LineageTree") -> int:
    seen: set[str] = set()
    pending = list(tree.branches)
    while pending:
        branch = pending.pop()
        seen.add(branch.item.id)
        pending.extend(branch.branches)
    return len(seen)
