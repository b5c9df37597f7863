"""The command that says who uses the program."""

from typing import Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.options import AsJson
from bioimageit_flow.cli.output import hint, say, say_json


def identity(
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="How you want to be named.")
    ] = None,
    orcid: Annotated[
        str | None, typer.Option(metavar="ORCID", help="Such as 0000-0002-1825-0097.")
    ] = None,
    affiliation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where you work.")
    ] = None,
    ror: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The ROR of that place: https://ror.org/..."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who you are; without options, show what is known.

    The ORCID goes into the records of your runs, and all of it into crates and
    submissions. An empty value takes one back.
    """
    from dataclasses import asdict, replace

    from bioimageit_flow.session.studying import read_person, write_person

    given = {"name": name, "orcid": orcid, "affiliation": affiliation, "ror": ror}
    said = {key: value.strip() for key, value in given.items() if value is not None}
    person = read_person()
    if said:
        person = replace(person, **said)
        write_person(person)
    if as_json:
        say_json(asdict(person))
        return
    known = {key: value for key, value in asdict(person).items() if value}
    for key, value in known.items():
        say((f"{key}: ", "dim"), value)
    if not known:
        say("Nothing is known of you but the name of your account.")
        hint("Say `bioimageit-flow identity --name ... --orcid ...`.")


COMMANDS = (
    Spec(
        "identity",
        identity,
        (
            "identity --name 'Josiah Carberry' --orcid 0000-0002-1825-0097 "
            "--affiliation 'Brown University' --ror https://ror.org/05gq02987",
            "identity --json",
        ),
    ),
)
