"""Commands for data: new, items, datasets."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.choosing import Where
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    ExperimentHere,
)
from bioimageit_flow.cli.output import (
    Column,
    Part,
    hint,
    say,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from bioimageit_flow.model.annotation import View
    from bioimageit_flow.model.data import DataInfo, Item


def new(
    experiment: Annotated[
        Path,
        typer.Argument(
            metavar="EXPERIMENT", help="A folder that is empty or not there yet."
        ),
    ],
    name: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="What people call it; by default the folder's name."
        ),
    ] = "",
    store: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Keep what is known of it in a PostgreSQL database, "
            "postgresql://USER@HOST/DATABASE; the password comes from ~/.pgpass or "
            "PGPASSWORD. By default a file in the folder.",
        ),
    ] = "",
) -> None:
    """Make a new experiment."""
    from bioimageit_flow.session import Experiment
    from bioimageit_flow.session.known_experiments import remember_experiment

    with Experiment.create(experiment, name=name, store=store) as made:
        remember_experiment(made.path)
        say("Made the experiment ", (str(made.path), "bold"))
    hint(f"Next: bioimageit-flow import {experiment} FILES...")


def items(
    experiment: ExperimentHere = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this dataset; see 'datasets'."),
    ] = None,
    where: Where = None,
    excluded: Annotated[
        bool | None,
        typer.Option(
            "--excluded/--not-excluded",
            help="Only items that are excluded, or are not; by default both.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="The first N of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List items with their annotations.

    Annotations of the items that an item was made from are listed too.
    """
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        wanted = opened.select(where, dataset=dataset, excluded=excluded)
        found = list(islice(wanted, limit))
        views = opened.annotations(found)
        doubts = opened.doubts(where) if where else ()
    for words in doubts:
        hint(words)
    if as_json:
        say_json([_item_as_json(one, views[one.id]) for one in found])
        return
    if not found and (where or excluded is not None):
        hint("No item is meant by this query.")
        return
    if not found:
        hint(f"No items yet. Next: bioimageit-flow import {place} FILES...")
        return
    keys = list(dict.fromkeys(key for view in views.values() for key in view))
    is_any_out = any(one.excluded for one in found)
    columns = [
        Column("item", style="bold"),
        *([] if dataset else [Column("dataset")]),
        Column("kind", is_whole=True),
        Column("size"),
        *(Column(key, style="cyan") for key in keys),
        *([Column("excluded", style="yellow")] if is_any_out else []),
        Column("id", style="dim", is_whole=True),
    ]
    rows: list[list[Part]] = [
        [
            one.name + (f" [{one.selector}]" if one.selector else ""),
            *([] if dataset else [one.dataset]),
            str(one.info.kind),
            _size(one.info),
            *(_value(views[one.id], key) for key in keys),
            *([one.excluded] if is_any_out else []),
            one.id[:8],
        ]
        for one in found
    ]
    say_table(columns, rows)


def datasets(experiment: ExperimentHere = None, as_json: AsJson = False) -> None:
    """List the datasets: imported ones, then results of runs."""
    place = experiment_or_here(experiment, "EXPERIMENT")
    with opened_experiment(place) as opened:
        found = opened.datasets()
    if as_json:
        say_json(
            [
                {"name": one.name, "kind": str(one.kind), "items": one.count}
                for one in found
            ]
        )
        return
    if not found:
        hint(f"No datasets yet. Next: bioimageit-flow import {place} FILES...")
        return
    columns = [
        Column("dataset", style="bold"),
        Column("kind", is_whole=True),
        Column("items", is_number=True, is_whole=True),
    ]
    say_table(columns, [(one.name, str(one.kind), str(one.count)) for one in found])


def _size(info: "DataInfo") -> str:
    if info.axes is None:
        return ""
    shape = "x".join(map(str, info.shape))
    return f"{info.axes} {shape} {info.dtype or ''}".strip()


def _value(view: "View", key: str) -> Part:
    from bioimageit_flow.model.annotation import Conflict

    if key not in view:
        return ""
    value = view[key]
    if isinstance(value, Conflict):
        return " | ".join(map(_plain, value.values)), "yellow"
    return _plain(value)


def _plain(value: bool | int | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _item_as_json(item: "Item", view: "View") -> dict[str, object]:
    from bioimageit_flow.model.annotation import Conflict
    from bioimageit_flow.model.data import Imported

    origin = item.origin
    return {
        "id": item.id,
        "name": item.name,
        "dataset": item.dataset,
        "sha256": item.content.sha256,
        "bytes": item.content.size,
        "selector": item.selector,
        "part": item.part,
        **item.info.as_json(),
        "corrected": dict(item.corrected),
        "excluded": item.excluded,
        "origin": (
            {"imported_from": origin.source}
            if isinstance(origin, Imported)
            else {"run": origin.run, "node": origin.node, "port": origin.port}
        ),
        "annotations": {
            key: {"conflict": list(value.values)}
            if isinstance(value, Conflict)
            else value
            for key, value in view.items()
        },
    }


COMMANDS = (
    Spec("new", new, ("new spots", 'new /data/spots --name "Spots, two populations"')),
    Spec(
        "items", items, ("items spots", "items spots --where 'condition = drug' --json")
    ),
    Spec("datasets", datasets, ("datasets spots",)),
)
