"""Commands about this machine and this program: doctor, schema."""

from enum import StrEnum
from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, ToolFolders
from bioimageit_flow.cli.output import (
    Column,
    Part,
    count,
    say,
    say_json,
    say_table,
    working,
)


def doctor(tools: ToolFolders = None, as_json: AsJson = False) -> None:
    """Say what this machine can do, and how to mend what is missing."""
    with opened_session(tools) as session, working("Looking at this machine"):
        findings = session.doctor()
    if as_json:
        say_json(
            [
                {
                    "topic": one.topic,
                    "good": one.is_good,
                    "text": one.text,
                    "remedy": one.remedy,
                }
                for one in findings
            ]
        )
        return
    rows: list[list[Part]] = []
    for one, before in zip(findings, [None, *findings], strict=False):
        is_same = before is not None and one.topic == before.topic
        mark = ("ok", "green") if one.is_good else ("look", "bold yellow")
        rows.append([mark, "" if is_same else one.topic, one.text])
        if one.remedy:
            rows.append(["", "", (one.remedy, "cyan")])
    say_table([Column("", is_whole=True), Column("", "bold"), Column("")], rows)
    missing = sum(not one.is_good for one in findings)
    say()
    if missing:
        say(f"{count(missing, 'thing')} to look at.")
    else:
        say(("All is well.", "green"))


class SchemaName(StrEnum):
    """Files whose schema can be had."""

    TOOL = "tool"
    TOOLBOX = "toolbox"
    WORKFLOW = "workflow"


def schema(
    name: Annotated[
        SchemaName,
        typer.Argument(
            metavar="tool|toolbox|workflow",
            help="tool.yaml, toolbox.yaml, or a workflow file.",
        ),
    ],
) -> None:
    """Print the JSON Schema of a file format.

    Editors take it to complete and check what you write.
    """
    from bioimageit_flow.session.schemas import json_schema

    say_json(json_schema(name.value))


COMMANDS = (
    Spec("doctor", doctor, ("doctor", "doctor --json")),
    Spec("schema", schema, ("schema tool > tool.schema.json", "schema workflow")),
)
