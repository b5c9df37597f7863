"""Options that several commands share, and how their texts are read."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ExperimentFolder = Annotated[
    Path,
    typer.Argument(metavar="EXPERIMENT", help="Folder of the experiment."),
]

ExperimentHere = Annotated[
    Path | None,
    typer.Argument(
        metavar="EXPERIMENT",
        help="Folder of the experiment; by default the one around the current folder.",
    ),
]

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON, for other programs to read.")
]

ToolFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--tools",
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="A further folder with tools; may be given several times.",
    ),
]

RuntimeName = Annotated[
    str,
    typer.Option(
        "--runtime",
        metavar="NAME",
        help="Where tools run: 'container', 'environment', or 'auto', which takes "
        "containers where an engine answers and locked environments otherwise.",
    ),
]

WorkflowFile = Annotated[
    Path, typer.Argument(metavar="WORKFLOW", help="A workflow file, *.flow.yaml.")
]

UpTo = Annotated[
    list[str] | None,
    typer.Option(
        "--upto",
        metavar="NODE",
        help="Only this node and what it needs; may be given several times.",
    ),
]

Force = Annotated[
    list[str] | None,
    typer.Option(
        "--force",
        metavar="NODE",
        help="Run this node again although its results are known; may be given several "
        "times.",
    ),
]

Share = Annotated[
    str | None,
    typer.Option(
        "--share",
        metavar="FOLDER",
        help="Take results that other experiments know from this folder, and give it "
        "new ones; '' for none. By default what BIOIMAGEIT_FLOW_SHARED names.",
        show_default=False,
    ),
]

OfExperiment = Annotated[
    Path | None,
    typer.Option(
        "--experiment",
        "-e",
        metavar="FOLDER",
        help="The experiment; by default the one that the current folder lies in.",
    ),
]

Bindings = Annotated[
    list[str] | None,
    typer.Option(
        "--bind",
        "-b",
        metavar="INPUT=DATASET",
        help="What an input of the workflow takes, once per input: a dataset (raw), "
        "several (day1, day2), or a query (raw where dose > 5).",
    ),
]

Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", help="Take the first N items only."),
]

Where = Annotated[
    str,
    typer.Option(
        "--where",
        metavar="QUERY",
        help="Take only the items that meet a query: 'condition = drug and dose > 5'.",
    ),
]

Pilot = Annotated[
    int | None,
    typer.Option(
        "--pilot", metavar="N", help="Take N items of each value of the keys in --by."
    ),
]

PilotBy = Annotated[
    list[str] | None,
    typer.Option(
        "--by", metavar="KEY", help="A key of --pilot; may be given several times."
    ),
]


class UnpairedRule(StrEnum):
    """What becomes of items that meet no partner."""

    STOP = "stop"
    LEAVE_OUT = "leave-out"


Unpaired = Annotated[
    UnpairedRule,
    typer.Option(
        "--unpaired",
        metavar="stop|leave-out",
        help="Whether items that meet no partner stop the run before it begins, or are "
        "left out by name.",
    ),
]

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NODE.PARAM=VALUE",
        help="A parameter in place of what the workflow says; the value is written as "
        "in YAML: 3.5, true, [1, 2], text; {annotation: dose} takes it from the item.",
    ),
]


def read_pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return ``key=value`` texts as a dictionary; a usage error if one is not."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        key, sign, value = text.partition("=")
        key = key.strip()
        if not sign or not key:
            raise typer.BadParameter(f"{text!r} is not key=value.", param_hint=option)
        if key in pairs:
            raise typer.BadParameter(f"{key!r} is given twice.", param_hint=option)
        pairs[key] = value
    return pairs


def read_settings(texts: Sequence[str] | None) -> dict[str, object]:
    """Return ``node.param=value`` texts with their values read as YAML."""
    pairs = read_pairs(texts, "--set")
    return {key: read_setting(value) for key, value in pairs.items()}


def read_setting(text: str) -> object:
    """Return what a typed value means.

    It is a YAML scalar or list; a mapping only where a parameter may be one
    (``{annotation: key}``). Everything else that people type is text, also where YAML
    would see a comment (``#ff0000``) or a mistake (``*``).
    """
    from bioimageit_flow.model.yaml_text import YamlTextError, read_yaml

    text = text.strip()
    is_marked = text.startswith(("[", "{", '"', "'"))
    try:
        value = read_yaml(text)
    except YamlTextError as error:
        if is_marked:
            raise typer.BadParameter(
                f"{text!r} is not a value: {error}.", param_hint="--set"
            ) from error
        return text
    if isinstance(value, dict):
        return value if is_marked else text
    if isinstance(value, str) or (value is None and text.startswith("#")):
        return value if is_marked else text
    return value


def read_annotations(
    texts: Sequence[str] | None, option: str = "--annotate"
) -> dict[str, bool | int | float | str]:
    """Return ``key=value`` texts as annotations; a usage error if a key is none."""
    from bioimageit_flow.model.annotation import check_key, read_value

    pairs = read_pairs(texts, option)
    try:
        return {check_key(key): read_value(value) for key, value in pairs.items()}
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint=option) from error
