import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Say

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "nuclei" / "nuclei.flow.yaml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test, with the user's folders in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    return tmp_path


def test_share_and_open_on_one_line_each(flow: Say, elsewhere: Path) -> None:
    shared = flow("share", EXAMPLE, "--data", f"images={EXAMPLE}")
    assert shared.code == 0
    assert "7 tools, 1 file of data" in shared.out

    opened = flow("share", "--open", "nuclei.flow.zip", "--json")

    told = json.loads(opened.out)
    assert opened.code == 0
    assert Path(told["workflow"]).is_file()
    assert len(told["known"]) == 7
    assert (elsewhere / told["data"]["images"] / EXAMPLE.name).is_file()
    assert flow("diff", EXAMPLE, told["workflow"], "--exit-code").code == 0


def test_list_says_what_is_in_it(flow: Say) -> None:
    flow("share", EXAMPLE, "x.flow.zip")

    said = flow("share", "--list", "x.flow.zip")

    assert "Nuclei of two conditions" in said.out
    assert "skimage/gaussian@1.0.0" in said.out


def test_what_cannot_be_shared_or_opened_says_why(flow: Say) -> None:
    assert flow("share", "gone.flow.yaml").code == 5
    assert flow("share", "--open", "gone.flow.zip").code == 4
    assert flow("share", EXAMPLE, "--data", "images=gone.tif").code == 2
    assert flow("share", EXAMPLE, "--data", f"others={EXAMPLE}").code == 4
