from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bioimageit_flow.cli.main import main
from bioimageit_flow.runtimes import registry
from tests.integration.engine.lab import Lab


@dataclass(frozen=True)
class Said:
    """What a command line did."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Return a laboratory whose tools and runtime the command line finds too."""
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOIMAGEIT_FLOW_TOOLS", str(tmp_path / "tools"))
    lab = Lab(tmp_path)
    monkeypatch.setattr(registry, "load_runtimes", lambda: [lab.runtime])
    monkeypatch.chdir(tmp_path)
    yield lab
    lab.close()
    assert list((tmp_path / "work").glob("*")) == []


@pytest.fixture
def flow(capsys: pytest.CaptureFixture[str], lab: Lab) -> Say:
    """Return a function that runs the command line in this process."""

    def run(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def line(lab: Lab) -> Path:
    """Return the file of a workflow: add -> measure -> join."""
    path = lab.folder / "line.flow.yaml"
    lab.line().save(path)
    return path
