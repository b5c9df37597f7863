"""Choosing items on the command line: by name, by query, by dataset."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.output import hint

if TYPE_CHECKING:
    from bioimageit_flow.model.data import Item
    from bioimageit_flow.session import Experiment

Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        "-w",
        metavar="QUERY",
        help="Only items that a query means, such as "
        "'condition = drug and dose >= 5 and not name ~ test'.",
    ),
]

OfDataset = Annotated[
    str | None,
    typer.Option("--dataset", metavar="NAME", help="Only this dataset."),
]

Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ITEM]...", help="Items by id, the beginning of an id, or name."
    ),
]

Yes = Annotated[
    bool, typer.Option("--yes", help="Do it; otherwise it is only said what it means.")
]


def chosen_items(
    experiment: "Experiment",
    names: Sequence[str] | None,
    where: str | None,
    dataset: str | None,
) -> list["Item"]:
    """Return the items that were named, or that a query or a dataset means."""
    if names and (where or dataset):
        raise typer.BadParameter(
            "Name items, or give --where or --dataset, not both.", param_hint="ITEM"
        )
    if names:
        return [experiment.find_item(name) for name in names]
    if where is None and dataset is None:
        raise typer.BadParameter(
            "Name items, or give --where or --dataset.", param_hint="ITEM"
        )
    say_doubts(experiment, where)
    return list(experiment.select(where, dataset=dataset))


def say_reserved(keys: Iterable[str]) -> None:
    """Say of keys that are words of queries how they are written there."""
    from bioimageit_flow.model.query import RESERVED

    for key in keys:
        if key.strip() in RESERVED:
            hint(
                f"In queries {key.strip()} means something else: write "
                f"'\"{key.strip()}\"' with quotation marks for the key."
            )


def say_doubts(experiment: "Experiment", where: str | None) -> None:
    """Say which keys a query asks for that no item has."""
    for words in experiment.doubts(where) if where else ():
        hint(words)
