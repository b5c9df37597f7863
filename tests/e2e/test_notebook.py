"""The notebook among the examples runs from the first cell to the last."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
EXECUTE = "from nbclient.cli import main; main()"


@pytest.mark.environment
def test_notebook_of_the_examples_runs(tmp_path: Path) -> None:
    place = tmp_path / "examples"
    shutil.copytree(EXAMPLES, place, ignore=shutil.ignore_patterns("__pycache__"))
    path = place / "notebook" / "count_spots.ipynb"
    own = {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }

    # In a process of its own, as people run notebooks.
    ended = subprocess.run(
        [sys.executable, "-c", EXECUTE, path.name, "--inplace", "--timeout=400"],
        cwd=path.parent,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr[-4000:]
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [
        output.get("data", {}) for cell in cells for output in cell.get("outputs", [])
    ]
    html = "".join(_html(shown))
    assert any("image/svg+xml" in data for data in shown)
    dataset = next(one for one in _html(shown) if "<b>raw</b> raw, 6 items" in one)
    assert dataset.count("data:image/png;base64,") == 6
    assert "condition" in dataset
    item = next(one for one in _html(shown) if one.startswith("<div><b>control_1"))
    assert item.count("data:image/png;base64,") == 1
    assert "sigma" in html
    assert "4 / 4" in html or "8 / 8" in html, "the progress bar did not fill"


def _html(shown: Iterable[Mapping[str, str | list[str]]]) -> list[str]:
    """Return what cells showed as HTML, each as one text."""
    return ["".join(data["text/html"]) for data in shown if "text/html" in data]
