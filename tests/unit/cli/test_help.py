"""Every command explains itself, and what it shows as an example is true."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bioimageit_flow.cli import PROGRAM
from bioimageit_flow.cli.application import application
from tests.unit.cli.conftest import Say

ROOT = Path(__file__).parents[3]
WIDTH = 80
PROGRAM_COMMAND: Any = get_command(application())
"""Any, since typer has no public name for the type of a group."""


def commands(*above: str) -> Iterator[tuple[str, ...]]:
    for name, command in command_at(above).commands.items():
        if hasattr(command, "commands"):
            yield from commands(*above, name)
        else:
            yield (*above, name)


def command_at(path: tuple[str, ...]) -> Any:  # noqa: ANN401
    command = PROGRAM_COMMAND
    for name in path:
        command = command.commands[name]
    return command


COMMANDS = sorted(commands())
IDS = [" ".join(path) for path in COMMANDS]


def check_line(line: str) -> None:
    """Parse a command line as the program does, without running anything."""
    program, *words = shlex.split(line)
    assert program == PROGRAM
    if ">" in words:
        words = words[: words.index(">")]
    command = PROGRAM_COMMAND
    while hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, f"{name!r} of {line!r} is no command"
        command = command.commands[name]
    with command.make_context(name, words):
        pass


@pytest.mark.parametrize("path", COMMANDS, ids=IDS)
def test_command_has_help_with_an_example(path: tuple[str, ...], flow: Say) -> None:
    said = flow(*path, "--help")

    assert said.code == 0
    assert command_at(path).help
    _, heading, examples = said.out.partition("Examples:\n")
    assert heading
    assert examples.startswith(f"  {PROGRAM} {' '.join(path)}")


@pytest.mark.parametrize("path", COMMANDS, ids=IDS)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    silent = [
        parameter.name
        for parameter in command_at(path).params
        if not getattr(parameter, "help", None)
    ]

    assert silent == []


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that has the folders which examples name."""
    (tmp_path / "my-tools").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("somewhere")
@pytest.mark.parametrize("path", COMMANDS, ids=IDS)
def test_examples_are_accepted(path: tuple[str, ...]) -> None:
    for line in command_at(path).epilog.splitlines()[1:]:
        check_line(line)


@pytest.mark.usefixtures("somewhere")
def test_lines_of_the_readme_are_accepted() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(rf"^{PROGRAM} .*$", text, re.MULTILINE)

    assert lines
    for line in lines:
        check_line(line)


@pytest.mark.parametrize("path", [(), ("tools",)], ids=["program", "tools"])
def test_summaries_are_shown_whole(
    path: tuple[str, ...], flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    said = flow(*path, "--help")

    listed = [line for line in said.out.splitlines() if re.match(r"  \w+  +\w", line)]
    assert len(listed) >= len(command_at(path).commands)
    assert [line for line in listed if line.endswith("...")] == []


def test_every_command_stands_in_a_section(flow: Say) -> None:
    listed = {name for names in PROGRAM_COMMAND.sections.values() for name in names}

    assert listed == set(PROGRAM_COMMAND.commands)


def test_program_explains_exit_codes(flow: Say) -> None:
    said = flow("--help")

    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130):
        assert re.search(rf"^  {code} +\w", said.out, re.MULTILINE)


def test_version(flow: Say) -> None:
    said = flow("--version")

    assert said.code == 0
    assert re.fullmatch(rf"{PROGRAM} \d+\.\d+\.\d+\n", said.out)


def test_unknown_command_is_a_usage_error_with_a_suggestion(flow: Say) -> None:
    said = flow("rum")

    assert said.code == 2
    assert "run" in said.err


def test_help_has_no_colour_where_it_is_not_wanted(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b" not in flow("run", "--help").out
