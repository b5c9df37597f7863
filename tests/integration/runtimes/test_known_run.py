"""A run whose results are all known: what it loads, and what it asks the engine."""

import subprocess
import sys
from pathlib import Path

import pytest

from bioimageit_flow.runtimes.engine import Engine
from tests.faults.contained import new_contained_scene, opened, workflow_of

# What computes, draws, makes containers or writes exports: nothing of it is needed to
# find that everything is known.
NEEDED_BY_NONE = {
    *("docker", "requests", "urllib3", "numpy", "tifffile", "zarr"),
    *("networkx", "sqlalchemy", "regex", "xml"),
    *("imagecodecs", "openpyxl", "prov", "jinja2", "rich", "pyarrow", "PySide6"),
}


@pytest.mark.usefixtures("base_image")
def test_run_with_nothing_to_do_loads_no_heavy_library(tmp_path: Path) -> None:
    new_contained_scene(tmp_path, ["good", "good"])
    with opened(tmp_path) as experiment:
        workflow_of(experiment).save(tmp_path / "two.flow.yaml")
    words = ["run", "two.flow.yaml", "-e", "experiment", "-b", "tables=raw"]
    words += ["--runtime", "container", "--tools", "tools", "--json"]

    first = _run(tmp_path, words)
    again = _run(tmp_path, words)

    assert "docker" in first, "jobs were to run in containers"
    assert "networkx" in first, "jobs were to be put in order"
    assert "sqlalchemy" not in first, "what every run asks is plain SQL"
    assert again & NEEDED_BY_NONE == set()


def _run(folder: Path, words: list[str]) -> set[str]:
    """Run the command line in a process of its own; return what it has loaded."""
    program = (
        "import sys\n"
        "from bioimageit_flow.cli.main import main\n"
        f"code = main({words!r})\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.splitlines()[-1].split())


def test_questions_and_client_tell_the_same(engine: Engine) -> None:
    client, questions = engine.api(), engine.ask()

    assert questions.version()["Version"] == client.version()["Version"]
    assert questions.info()["ID"] == client.info()["ID"]
    mine = {one["Id"] for one in client.images()}
    assert {questions.image(one)["Id"] for one in mine} == mine
    assert questions.containers(["nobody.has.this.label"]) == []
