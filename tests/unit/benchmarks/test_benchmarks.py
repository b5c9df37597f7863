"""The benchmarks work: at tiny sizes, and without a word about what is quick enough."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bioimageit_flow.workflow import Workflow
from tests.benchmarks.__main__ import main
from tests.benchmarks.hashing import hashing
from tests.benchmarks.measuring import Measured, Row, Table, measure_command
from tests.benchmarks.overhead import one_size
from tests.benchmarks.peers import snakemake_way
from tests.benchmarks.pipeline import check_same
from tests.benchmarks.pipeline_steps import make_images, step_command, write_workflow
from tests.benchmarks.plotting import svg_of
from tests.benchmarks.reruns import reruns


@pytest.mark.parametrize(("tool", "jobs"), [("bench/nothing", 3), ("bench/copy", 8)])
def test_overhead_runs_every_job(tool: str, jobs: int, tmp_path: Path) -> None:
    told = one_size(tmp_path / "here", jobs, tool)

    assert told["wall_s"] > 0
    assert told["database_bytes"] > 0


def test_reruns_find_what_changed_and_nothing_else(tmp_path: Path) -> None:
    rows = {row.name: row for row in reruns(tmp_path, 3)}

    assert rows["nothing changed"].facts == {"run": 0}
    assert rows["last parameter changed"].facts == {"run": 4}
    assert rows["one file edited, imported again"].facts == {"run": 5}
    assert rows["edited, other inode: plan"].count == 1


def test_hashing_compares_with_the_programs_of_the_system(tmp_path: Path) -> None:
    rows = list(hashing(tmp_path, 1, 2))

    ours = [row for row in rows if row.name.endswith("by us")]
    assert len(ours) == 4
    assert all(row.ratio for row in ours)


def test_one_command_prints_and_plots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["reruns", "--files", "2", "--out", str(tmp_path)])

    rows = json.loads((tmp_path / "results.json").read_text("utf-8"))
    plot = ElementTree.fromstring((tmp_path / "results.svg").read_text("utf-8"))
    assert plot.tag.endswith("svg")
    assert {row["name"] for row in rows} >= {"first run", "nothing changed"}
    assert "nothing changed" in capsys.readouterr().out


def test_plot_has_a_bar_for_each_row() -> None:
    rows = [Row("a", f"way {n}", n, Measured(10.0**-n), 0.5) for n in range(3)]

    bars = [one for one in svg_of(rows).split("<") if one.startswith("rect x=")]

    assert len(bars) == 3


def test_table_prints_ratio_and_memory() -> None:
    said: list[str] = []
    row = Row("part", "way", 7, Measured(2.0, 1.0, 2**20), 0.25, {"ms": 1.5})

    Table(said.append).add(row)

    assert said[-1].split() == ["way", "7", "2.00", "1.00", "0.250", "1", "ms", "1.5"]


def test_command_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="no such luck"):
        measure_command(["sh", "-c", "echo no such luck >&2; exit 3"])


def test_memory_of_a_command_is_its_own() -> None:
    large = bytearray(400 * 2**20)
    large[:: 2**12] = b"x" * len(large[:: 2**12])

    took = measure_command(["sleep", "0"])

    assert 0 < took.peak_bytes < len(large)


def test_ways_that_disagree_are_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)

    with pytest.raises(SystemExit, match="two does not give the same table as one"):
        check_same({name: tmp_path / name for name in ("one", "two")})


def test_pipeline_is_a_good_workflow_over_its_images(tmp_path: Path) -> None:
    images = make_images(tmp_path / "images", 2, 64)
    write_workflow(tmp_path / "pipeline.flow.yaml")

    assert Workflow.load(tmp_path / "pipeline.flow.yaml").problems() == []
    assert [path.exists() for path in images] == [True, True]


def test_steps_by_hand_follow_each_other(tmp_path: Path) -> None:
    first, second = (step_command(n, "a", tmp_path, tmp_path) for n in range(2))

    assert "--result=/out/a.1.ome.tif" in first
    assert "--image=/out/a.1.ome.tif" in second


def test_snakemake_gets_a_rule_for_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.benchmarks.peers.install_peers", lambda: Path("/none"))

    with pytest.raises(SystemExit, match="No such file"):
        snakemake_way(["a"], tmp_path, tmp_path)

    rules = (tmp_path / "Snakefile").read_text("utf-8")
    assert rules.count("rule step_") == 3
    assert "rule merge" in rules
