import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Say

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "nuclei" / "nuclei.flow.yaml"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Return a workflow, and one with another parameter and other places."""
    old, new = tmp_path / "old.flow.yaml", tmp_path / "new.flow.yaml"
    text = EXAMPLE.read_text()
    old.write_text(text)
    new.write_text(text.replace("sigma: 0.3, ", "sigma: 0.5, ").replace("260", "999"))
    return old, new


def test_changed_parameter_is_told_and_places_are_not(
    flow: Say, pair: tuple[Path, Path]
) -> None:
    said = flow("diff", *pair)

    assert said.code == 0
    assert "smooth.sigma" in said.out
    assert "0.3 -> 0.5" in said.out
    assert said.out.rstrip().endswith("1 difference: 1 changed.")


def test_exit_code_is_that_of_git(flow: Say, pair: tuple[Path, Path]) -> None:
    assert flow("diff", *pair, "--exit-code").code == 1
    assert flow("diff", pair[0], pair[0], "--exit-code").code == 0
    assert "No difference" in flow("diff", pair[0], pair[0]).out


def test_json_is_for_programs(flow: Say, pair: tuple[Path, Path]) -> None:
    assert json.loads(flow("diff", *pair, "--json").out) == [
        {
            "manner": "changed",
            "what": "parameter",
            "name": "smooth.sigma",
            "before": 0.3,
            "after": 0.5,
        }
    ]


def test_arguments_of_git_are_taken(flow: Say, pair: tuple[Path, Path]) -> None:
    old, new = pair
    said = flow("diff", "w.flow.yaml", old, "abc", "100644", new, "def", "100644")
    assert said.code == 0
    assert said.out.startswith("w.flow.yaml")

    added = flow("diff", "w.flow.yaml", os.devnull, ".", ".", new, "def", "100644")
    assert added.code == 0
    assert "smooth.result -> mask.image" in added.out


@pytest.mark.parametrize("arguments", [["one"], ["one", "two", "three"]])
def test_another_number_of_files_is_wrong_usage(
    flow: Say, arguments: list[str]
) -> None:
    assert flow("diff", *arguments).code == 2


def test_file_that_is_no_workflow_is_refused(flow: Say, tmp_path: Path) -> None:
    said = flow("diff", tmp_path, tmp_path / "gone.flow.yaml")

    assert said.code == 5
    assert "no workflow file" in said.err


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_calls_it(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    script = tmp_path / "flow.py"
    script.write_text(
        "import sys\nfrom bioimageit_flow.cli.main import main\nsys.exit(main())\n"
    )
    program = f'"{Path(sys.executable).as_posix()}" "{script.as_posix()}" diff'
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PYTHONPATH": str(ROOT),
    }

    def git(*arguments: str) -> str:
        command = ["git", "-c", f"diff.flow.command={program}", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout

    (tmp_path / ".gitattributes").write_text("*.flow.yaml diff=flow\n")
    git("init", "--quiet")
    git("add", old.name)
    old.write_bytes(new.read_bytes())

    told = git("diff", "--ext-diff", "--", old.name)

    assert "smooth.sigma" in told
    assert "0.3 -> 0.5" in told
