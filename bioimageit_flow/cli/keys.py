"""Commands for keys and for what people changed: keys, changes, undo."""

from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.choosing import say_reserved
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import experiment_or_here, opened_experiment
from bioimageit_flow.cli.options import (
    AsJson,
    ExperimentFolder,
    ExperimentHere,
    read_pairs,
)
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    hint,
    say,
    say_json,
    say_table,
    tell,
)
from bioimageit_flow.model.keys import KeyType

if TYPE_CHECKING:
    from bioimageit_flow.model.keys import KeyUse


def keys(
    experiment: ExperimentHere = None,
    declare: Annotated[
        str | None, typer.Option(metavar="KEY", help="Declare this key.")
    ] = None,
    type: Annotated[
        KeyType, typer.Option(metavar="TYPE", help=f"One of {', '.join(KeyType)}.")
    ] = KeyType.TEXT,
    unit: Annotated[
        str, typer.Option(metavar="TEXT", help="The unit of a number, such as µM.")
    ] = "",
    description: Annotated[
        str, typer.Option(metavar="TEXT", help="What it means, for people.")
    ] = "",
    choices: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="The values of a choice."),
    ] = None,
    rename: Annotated[
        str | None,
        typer.Option(metavar="OLD=NEW", help="Give a key another name."),
    ] = None,
    clear: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Take its values away from every item."),
    ] = None,
    delete: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Take the key away altogether."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List, declare, rename, clear or delete keys.

    The values of a declared key are checked: a wrong type or unit is refused by name.
    """
    place = experiment_or_here(experiment, "EXPERIMENT")
    asked = [one for one in (declare, rename, clear, delete) if one is not None]
    if len(asked) > 1:
        raise typer.BadParameter(
            "Give one of --declare, --rename, --clear and --delete.",
            param_hint="--declare",
        )
    with opened_experiment(place) as opened:
        if declare is not None:
            known = opened.keys()
            opened.declare_key(
                declare,
                type,
                unit=unit,
                description=description,
                choices=[one.strip() for one in choices.split(",")] if choices else (),
            )
            before = next((one for one in known if one.name == declare.strip()), None)
            _say_unit(before, unit)
            say_reserved([declare])
        if rename is not None:
            for old, new in read_pairs([rename], "--rename").items():
                opened.rename_key(old, new.strip())
        if clear is not None:
            opened.clear_key(clear)
        if delete is not None:
            opened.delete_key(delete)
        found = opened.keys()
    if as_json:
        say_json(
            [
                {
                    "name": one.name,
                    "type": one.type,
                    "is_declared": one.key is not None,
                    "unit": one.key.unit if one.key else "",
                    "description": one.key.description if one.key else "",
                    "choices": list(one.key.choices) if one.key else [],
                    "items": one.items,
                }
                for one in found
            ]
        )
        return
    if not found:
        hint(f"No keys yet. Next: bioimageit-flow annotate {place} ITEM KEY=VALUE")
        return
    rows: list[list[Part]] = [
        [
            one.name,
            one.type if one.key else (f"{one.type}, not declared", "dim"),
            (one.key.unit or ", ".join(one.key.choices)) if one.key else "",
            str(one.items),
            one.key.description if one.key else "",
        ]
        for one in found
    ]
    columns = [
        Column("key", style="bold"),
        Column("type"),
        Column("unit or choices"),
        Column("items", is_number=True, is_whole=True),
        Column("description"),
    ]
    say_table(columns, rows)


def _say_unit(before: "KeyUse | None", unit: str) -> None:
    """Say that values were kept as they are where a key got another unit."""
    if before is None or before.key is None or not before.items:
        return
    old = before.key.unit
    if old and old != unit:
        kept = count(before.items, "item keeps its value", "items keep their values")
        now = f"in {unit}" if unit else "without a unit"
        tell((f"{kept} as a number: what was in {old} is now {now}.", "yellow"))


def changes(
    experiment: ExperimentFolder,
    item: Annotated[
        str | None,
        typer.Argument(metavar="[ITEM]", help="Only what was changed of this item."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many changes are listed.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """List who changed what, and when."""
    with opened_experiment(experiment) as opened:
        acts = {one.n: one for one in opened.changes(None if item else limit)}
        rows = opened.changes_of(opened.find_item(item)) if item else []
    if as_json:
        listed = {row.change for row in rows}
        say_json(
            [
                {
                    "n": one.n,
                    "kind": str(one.kind),
                    "user": one.user,
                    "at": one.at.isoformat(),
                    "note": one.note,
                    "rows": one.rows,
                    "undone_by": one.undone_by,
                    "changed": [
                        {"key": row.key or row.aspect, "old": row.old, "new": row.new}
                        for row in rows
                        if row.change == one.n
                    ],
                }
                for one in acts.values()
                if not item or one.n in listed
            ]
        )
        return
    if item:
        columns = [Column("when"), Column("who"), Column("key", style="cyan")]
        columns += [Column("old"), Column("new")]
        say_table(
            columns,
            [
                [
                    f"{acts[row.change].at.astimezone():%Y-%m-%d %H:%M}",
                    acts[row.change].user,
                    row.key or str(row.aspect),
                    _plain(row.old),
                    _plain(row.new),
                ]
                for row in rows
            ],
        )
        return
    columns = [Column("n", is_number=True), Column("when"), Column("who")]
    columns += [Column("what", style="bold"), Column("values", is_number=True)]
    columns += [Column("note")]
    say_table(
        columns,
        [
            [
                str(one.n),
                f"{one.at.astimezone():%Y-%m-%d %H:%M}",
                one.user,
                f"{one.kind}, undone" if one.undone_by else str(one.kind),
                str(one.rows),
                one.note,
            ]
            for one in acts.values()
        ],
    )


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def undo(experiment: ExperimentFolder) -> None:
    """Take back the last change of annotations or items."""
    with opened_experiment(experiment) as opened:
        made = opened.undo()
    say(f"Took back change {made.undoes} ({count(made.rows, 'value')}).")


COMMANDS = (
    Spec(
        "keys",
        keys,
        (
            "keys spots",
            "keys spots --declare dose --type number --unit µM",
            "keys spots --declare condition --type choice --choices drug,control",
            "keys spots --rename cond=condition",
        ),
    ),
    Spec("changes", changes, ("changes spots", "changes spots a01.tif --json")),
    Spec("undo", undo, ("undo spots",)),
)
