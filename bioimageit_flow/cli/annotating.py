"""The command that annotates, from many sources, with a preview."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.choosing import (
    OfDataset,
    Where,
    chosen_items,
    say_doubts,
    say_reserved,
)
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    ExperimentFolder,
    read_pairs,
)
from bioimageit_flow.cli.output import (
    count,
    say,
    say_json,
)

if TYPE_CHECKING:
    from bioimageit_flow.model.annotation_rules import Rule
    from bioimageit_flow.session import Experiment, Preview
    from bioimageit_flow.session.previews import Names

_SHOWN = 10


def annotate(
    experiment: ExperimentFolder,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ITEM]... [KEY=VALUE]...",
            help="Items by id, the beginning of an id, or name; then annotations. "
            "KEY= removes one.",
        ),
    ] = None,
    where: Where = None,
    dataset: OfDataset = None,
    from_name: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Read names, or paths of import: each named group (?P<key>...) "
            "becomes an annotation.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="KEYS",
            help="Read the parts of names between separators: a key for each, '-' "
            "passes one over.",
        ),
    ] = None,
    separator: Annotated[
        str, typer.Option(metavar="TEXT", help="The separator of --split.")
    ] = "_",
    from_folders: Annotated[
        str | None,
        typer.Option(
            metavar="KEYS",
            help="Read the folders of import: a key for each, the nearest last.",
        ),
    ] = None,
    from_sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Join the rows of a CSV or XLSX by the names of items."
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The column of names of --from-sheet."),
    ] = None,
    from_metadata: Annotated[
        str | None,
        typer.Option(
            metavar="FACTS",
            help="Read image headers: facts such as size_z,pixel_size_x_um, or "
            "key=fact.",
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what would be set.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace other values that items have.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set annotations of items.

    Every change is recorded, and `undo` takes it back.

    With --preview it is only shown what would be set, what would be replaced, which
    items get nothing, or not every key, and which rows of a sheet have no item.
    """
    pairs = [text for text in what or () if "=" in text]
    names = [text for text in what or () if "=" not in text]
    with opened_experiment(experiment) as opened:
        rule = _rule(
            opened,
            pairs,
            from_name=from_name,
            split=split,
            separator=separator,
            from_folders=from_folders,
            from_sheet=from_sheet,
            column=column,
            from_metadata=from_metadata,
        )
        seen = opened.preview(
            rule, _named(opened, names, where, dataset, bool(pairs)), dataset=dataset
        )
        if preview or as_json:
            _show(seen, as_json=as_json)
        if preview:
            return
        seen.apply(replace=replace or bool(names and pairs))
    say_reserved(rule.keys)
    if not as_json:
        say(f"Annotated {count(seen.set, 'item')}.")
        _say_lacking(seen)
        _say_names("row has no item", "rows have no item", seen.left_over)
    _say_names("row fits several items", "rows fit several items", seen.shared)


def _named(
    experiment: "Experiment",
    names: Sequence[str],
    where: str | None,
    dataset: str | None,
    is_by_hand: bool,
) -> str | None:
    """Return the query that means the items; those that were named by their ids."""
    if names:
        found = chosen_items(experiment, names, where, dataset)
        return f"id in ({', '.join(item.id for item in found)})"
    if is_by_hand and where is None and dataset is None:
        raise typer.BadParameter(
            "Name at least one item and one KEY=VALUE, or give --where or --dataset.",
            param_hint="ITEM... KEY=VALUE...",
        )
    say_doubts(experiment, where)
    return where


def _rule(
    experiment: "Experiment",
    pairs: Sequence[str],
    *,
    from_name: str | None,
    split: str | None,
    separator: str,
    from_folders: str | None,
    from_sheet: Path | None,
    column: str | None,
    from_metadata: str | None,
) -> "Rule":
    rules: list[Rule] = []
    if pairs:
        given = read_pairs(pairs, "KEY=VALUE")
        rules.append(
            experiment.by_hand({key: value or None for key, value in given.items()})
        )
    if from_name is not None:
        rules.append(experiment.from_name(from_name))
    if split is not None:
        rules.append(experiment.by_separator(separator, split.split(",")))
    if from_folders is not None:
        rules.append(experiment.from_folders(from_folders.split(",")))
    if from_sheet is not None:
        rules.append(experiment.from_sheet(from_sheet, column))
    if from_metadata is not None:
        rules.append(experiment.from_metadata(_facts(from_metadata)))
    if len(rules) != 1:
        raise typer.BadParameter(
            "Say in one way what to set: KEY=VALUE, --from-name, --split, "
            "--from-folders, --from-sheet or --from-metadata.",
            param_hint="KEY=VALUE...",
        )
    return rules[0]


def _facts(text: str) -> dict[str, str]:
    facts = {}
    for part in text.split(","):
        key, sign, fact = part.strip().partition("=")
        facts[fact if sign else key] = key
    return facts


def _show(seen: "Preview", *, as_json: bool) -> None:
    if as_json:
        say_json(_as_json(seen))
        return
    say(f"{count(seen.items, 'item')} looked at, {seen.words}:")
    say(f"  {count(seen.set, 'item')} would change, {seen.same} have it already")
    for one in seen.settings[:_SHOWN]:
        new = {
            key: f"{one.old[key]} -> {value}" if key in one.old else str(value)
            for key, value in one.new.items()
        }
        new |= {key: "removed" for key in one.old if key not in one.new}
        text = ", ".join(f"{key} = {value}" for key, value in new.items())
        say("  ", (one.item.name, "bold"), f": {text}")
    if seen.set > _SHOWN:
        say(f"  … and {seen.set - _SHOWN} more")
    lost = "would lose another value (say --replace)"
    _say_names(f"item {lost}", f"items {lost}", seen.replaced)
    _say_lacking(seen)
    _say_names("row has no item", "rows have no item", seen.left_over)
    _say_names("row fits several items", "rows fit several items", seen.shared)
    _say_names("value is refused", "values are refused", seen.refused)


def _say_lacking(seen: "Preview") -> None:
    _say_names(*seen.misfit, seen.unmatched)
    matched = seen.items - seen.unmatched.count
    for key, names in seen.lacking.items():
        if names.count == matched > 1:
            say((f"No item gets {key!r}.", "yellow"))
            continue
        _say_names(f"item gets no {key!r}", f"items get no {key!r}", names)


def _say_names(one: str, several: str, names: "Names") -> None:
    if not names.count:
        return
    say((f"{count(names.count, one, several)}:", "yellow"))
    for name in names.listed[:_SHOWN]:
        say(f"  {name}")
    if names.count > _SHOWN:
        say(f"  … and {names.count - _SHOWN} more")


def _as_json(seen: "Preview") -> dict[str, object]:
    lists = {
        "replaced": seen.replaced,
        "unmatched": seen.unmatched,
        "left_over": seen.left_over,
        "shared": seen.shared,
        "refused": seen.refused,
    }
    return {
        "rule": seen.words,
        "items": seen.items,
        "set": seen.set,
        "same": seen.same,
        "settings": [
            {
                "item": one.item.id,
                "name": one.item.name,
                "old": dict(one.old),
                "new": dict(one.new),
            }
            for one in seen.settings
        ],
        **{word: _counted(names) for word, names in lists.items()},
        "lacking": {key: _counted(names) for key, names in seen.lacking.items()},
    }


def _counted(names: "Names") -> dict[str, object]:
    return {"count": names.count, "listed": names.listed}


COMMANDS = (
    Spec(
        "annotate",
        annotate,
        (
            "annotate spots a01.tif a02.tif condition=control",
            "annotate spots 3fa29c1e x=",
            "annotate spots --where 'name ~ \"^drug\"' dose=5",
            "annotate spots --from-name '(?P<condition>[a-z]+)_(?P<n>\\d+)' --preview",
            "annotate spots --split condition,-,n",
            "annotate spots --from-folders patient,condition",
            "annotate spots --from-sheet samples.csv --replace",
            "annotate spots --from-metadata depth=size_z,pixel_size_x_um",
        ),
    ),
)
