"""What is loaded at the start: little, and never anything of Qt."""

import subprocess
import sys

import pytest

QT = {"PySide6", "shiboken6", "NodeGraphQt", "qtpy", "PyQt5", "PyQt6"}
SLOW = {"pydantic", "sqlalchemy", "docker", "numpy", "networkx", "yaml", "rich"}


def modules_after(*arguments: str) -> set[str]:
    program = (
        "import sys\n"
        "from bioimageit_flow.cli.main import main\n"
        f"main({list(arguments)!r})\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_start_loads_nothing_slow(arguments: list[str]) -> None:
    assert modules_after(*arguments) & (SLOW | QT) == set()


def test_a_command_does_not_wait_for_the_others() -> None:
    program = (
        "import sys\n"
        "from bioimageit_flow.cli.main import main\n"
        "main(['runs', '--help'])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(ended.stderr.splitlines()[-1].split())

    assert "bioimageit_flow.cli.history" in loaded
    others = ("run", "share", "export", "authoring", "importing", "demo")
    assert loaded & {f"bioimageit_flow.cli.{name}" for name in others} == set()


@pytest.mark.parametrize(
    "arguments", [["run", "--help"], ["edit", "--help"], ["tools"]]
)
def test_help_of_commands_loads_little(arguments: list[str]) -> None:
    by_typer = {"pydantic"}  # it reads the options of a command with it

    assert modules_after(*arguments) & (SLOW | QT) - by_typer == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["tools", "list"],
        ["schema", "workflow"],
        ["items", "nowhere"],
        ["run", "nowhere.flow.yaml", "-e", "nowhere"],
        ["demo", "--list"],
        ["doctor", "--json"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_commands_load_no_window_system(arguments: list[str]) -> None:
    assert modules_after(*arguments) & QT == set()


def test_list_of_tools_does_not_wait_for_databases_and_engines() -> None:
    loaded = modules_after("tools", "list")

    assert loaded & {"sqlalchemy", "docker", "numpy", "networkx"} == set()
