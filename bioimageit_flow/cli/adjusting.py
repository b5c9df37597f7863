"""Options that change a workflow for one plan or run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.options import read_pairs

if TYPE_CHECKING:
    from bioimageit_flow.session.wishes import PlanWords
    from bioimageit_flow.workflow.adjusting import Keys

Match = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        metavar="NODE.PORT=KEYS",
        help="How items meet on an input: by keys (well,field), 'use_for_all' for one "
        "item for all, or 'ancestor' for the raw item they descend from.",
    ),
]

GroupBy = Annotated[
    list[str] | None,
    typer.Option(
        "--group-by",
        metavar="NODE=KEYS",
        help="The keys by which a node forms its groups (plate,well); none (NODE=) for "
        "one group of all.",
    ),
]

SweepOver = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="NODE.PARAM=VALUES",
        help="Values that a parameter takes in turn: '5, 10, 20', '1 to 10 step 0.5', "
        "'lin(0, 1, 5)' or 'log(1, 100, 3)'. 'as KEY' names the annotation, 'zip NAME' "
        "lets sweeps go together; the others make a grid.",
    ),
]

FilterBy = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="'NODE.PORT: QUERY'",
        help="Only items that meet a query go on from a port or a dataset input, "
        "beside the filters of the workflow; without a query these are removed.",
    ),
]

SplitBy = Annotated[
    list[str] | None,
    typer.Option(
        "--split",
        metavar="'NODE: QUERY'",
        help="The query of a split. 'NAME=SOURCE: QUERY' adds one, which gives "
        "NAME.accepted and NAME.rejected.",
    ),
]

Wires = Annotated[
    list[str] | None,
    typer.Option(
        "--wire",
        metavar="'SOURCE -> NODE.PORT'",
        help="A wire in place of those that the input has; several for one input that "
        "takes groups.",
    ),
]

Disabled = Annotated[
    list[str] | None,
    typer.Option(
        "--disable",
        metavar="NODE",
        help="Leave a node out, with everything below it.",
    ),
]

Bypassed = Annotated[
    list[str] | None,
    typer.Option(
        "--bypass",
        metavar="NODE",
        help="Hand the input of a node on in place of its result.",
    ),
]

Enabled = Annotated[
    list[str] | None,
    typer.Option(
        "--enable",
        metavar="NODE",
        help="Let a node run that the workflow disables or bypasses.",
    ),
]


def read_adjustments(
    *,
    match: Sequence[str] | None,
    group_by: Sequence[str] | None,
    sweep: Sequence[str] | None,
    filters: Sequence[str] | None,
    split: Sequence[str] | None,
    wire: Sequence[str] | None,
    disable: Sequence[str] | None,
    bypass: Sequence[str] | None,
    enable: Sequence[str] | None,
) -> "PlanWords":
    """Return what the options say; a usage error if one is malformed."""
    return {
        "match": _keys(match, "--match"),
        "group_by": _keys(group_by, "--group-by"),
        "sweep": read_pairs(sweep, "--sweep"),
        "filter": _queries(filters, "--filter"),
        "split": _queries(split, "--split"),
        "wire": tuple(wire or ()),
        "disable": tuple(disable or ()),
        "bypass": tuple(bypass or ()),
        "enable": tuple(enable or ()),
    }


def _keys(texts: Sequence[str] | None, option: str) -> "dict[str, Keys]":
    """Return keys by target; a list as in YAML where a key holds a comma."""
    return {
        target: _listed(text.strip(), option)
        for target, text in read_pairs(texts, option).items()
    }


def _listed(text: str, option: str) -> "Keys":
    from bioimageit_flow.model.yaml_text import YamlTextError, read_yaml

    if not text.startswith("["):
        return text
    try:
        keys = read_yaml(text)
    except YamlTextError as error:
        raise typer.BadParameter(
            f"{text!r} is no list of keys: {error}.", param_hint=option
        ) from error
    return [str(key) for key in keys] if isinstance(keys, list) else text


def _queries(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return queries by where they stand."""
    queries: dict[str, str] = {}
    for text in texts or ():
        place, colon, query = (part.strip() for part in text.partition(":"))
        if not colon or not place:
            raise typer.BadParameter(
                f"{text!r} has no colon between where it is and the query.",
                param_hint=option,
            )
        # Several queries of one place hold together.
        known = queries.get(place)
        queries[place] = f"({known}) and ({query})" if known else query
    return queries
