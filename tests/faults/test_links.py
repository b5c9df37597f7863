"""Folders of an experiment that become links in mid-run."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.engine import ended_jobs
from bioimageit_flow.model.events import JobEnded, RunEvent
from bioimageit_flow.model.run import RunState
from tests.faults.scene import assert_clean, line_of, opened, outcome

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights")

Replace = Callable[[Path, Path], None]


def lead_elsewhere(folder: Path, outside: Path) -> None:
    """Put the folder away, and a link to another in its place."""
    folder.rename(outside / "away")
    folder.symlink_to(outside / "other")


def lead_back(folder: Path, outside: Path) -> None:
    """Move the folder out of the experiment, and leave a link to it."""
    folder.rename(outside / "away")
    folder.symlink_to(outside / "away")


@pytest.mark.parametrize("replace", [lead_elsewhere, lead_back])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_results_are_not_written_through_links(
    scene: Path,
    undisturbed: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    replace: Replace,
    depth: int,
) -> None:
    monkeypatch.setattr(ended_jobs, "TOGETHER_S", 0.0)  # others of `add` are to come
    outside = tmp_path / "outside"
    (outside / "other").mkdir(parents=True)
    replaced: list[Path] = []
    before: list[Path] = []

    def observe(event: RunEvent) -> None:
        if isinstance(event, JobEnded) and not replaced:
            (made,) = (scene / "experiment" / "results").glob("*/add/*")
            folder = [made.parents[1], made.parent, made][depth]
            replace(folder, outside)
            replaced.append(folder)
            before.extend(outside.rglob("*"))

    with opened(scene) as experiment:
        run = experiment.run(
            line_of(experiment, scene), bind={"images": "raw"}, jobs=1, observe=observe
        )
        assert run.state is RunState.PARTIAL
        assert run.report is not None
        said = {failure.message for failure in run.report.failures}
        (link,) = replaced
        assert any(f"{link} is a link" in text for text in said), said
        assert sorted(outside.rglob("*")) == sorted(before)
        link.unlink()
        (outside / "away").rename(link)
        again = experiment.resume("last", only_failed=True)
        assert outcome(experiment, again) == undisturbed
        assert_clean(experiment)
