import json
from pathlib import Path

import pytest

from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import FUNCTIONS, Lab

E = "experiment"
BOUND = ("-e", E, "--bind", "images=raw")


def events(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def fail_on_two(lab: Lab) -> None:
    def measure(job: InProcessJob) -> int | None:
        FUNCTIONS["test/measure"](job)
        if "12" in job.output("table").read_text(encoding="utf-8"):
            job.say("The image is \x1b[31mred.")
            return 1
        return None

    lab.functions["test/measure"] = measure


def test_run_shows_a_table_and_where_results_lie(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(3)

    said = flow("run", line, *BOUND)

    assert said.code == 0, said.err
    rows = [row.split()[:3] for row in said.out.splitlines()[2:6]]
    assert rows == [
        ["node", "ran", "reused"],
        ["add", "3", "0"],
        ["measure", "3", "0"],
        ["join", "1", "0"],
    ]
    results = said.out.splitlines()[-1].removeprefix("Results: ")
    assert Path(results).is_dir()
    assert "measure: 3/3" in said.err


def test_second_run_reuses_and_a_setting_runs_what_is_below(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(2, from_name=r"(?P<condition>[a-z]+)_")
    flow("run", line, *BOUND)

    lab.calls.clear()
    assert flow("run", line, *BOUND).code == 0
    assert lab.calls == []

    assert flow("run", line, *BOUND, "--set", "join.by=condition").code == 0
    assert lab.calls == ["test/join"]

    lab.calls.clear()
    assert flow("run", line, *BOUND, "--no-reuse", "--jobs", "1").code == 0
    assert len(lab.calls) == 5


def test_json_lines_end_with_the_report(flow: Say, lab: Lab, line: Path) -> None:
    lab.import_images(2)

    said = flow("run", line, *BOUND, "--json")

    lines = events(said.out)
    assert said.err == ""
    started = next(one for one in lines if one["event"] == "run")
    assert started["expected"] == {"add": 2, "measure": 2, "join": 1}
    done = [one for one in lines if one["event"] == "job" and one["state"] == "done"]
    assert len(done) == 5
    assert lines[-1]["event"] == "report"
    assert lines[-1]["state"] == "done"


def test_failed_item_ends_partial_and_is_named(flow: Say, lab: Lab, line: Path) -> None:
    lab.import_images(3)
    fail_on_two(lab)

    said = flow("run", line, *BOUND)

    assert said.code == 3
    assert ": partial" in said.out
    assert "1 job failed" in said.out
    assert "measure on image_002" in said.out
    assert "\x1b" not in said.out
    log = next(
        row.strip().removeprefix("log: ")
        for row in said.out.splitlines()
        if "log: " in row
    )
    assert "red" in Path(log).read_text(encoding="utf-8")


def test_incomplete_groups_run_on_demand(flow: Say, lab: Lab, line: Path) -> None:
    lab.import_images(3)
    fail_on_two(lab)

    said = flow("run", line, *BOUND, "--incomplete-groups", "run", "--json")

    report = events(said.out)[-1]
    assert said.code == 3
    assert report["nodes"]["join"]["done"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 5, "images"),
        (["--bind", "images"], 2, "key=value"),
        (["--bind", "images=nothing"], 5, "nothing"),
        (["--bind", "images=raw", "--bind", "psf=raw"], 5, "psf"),
        (["--bind", "images=raw", "--set", "add.amount=1000"], 5, "amount"),
        (["--bind", "images=raw", "--set", "add.amuont=1"], 5, "amuont"),
        (["--bind", "images=raw", "--set", "ad.amount=1"], 5, "'ad'"),
        (["--bind", "images=raw", "--set", "amount=1"], 5, "amount"),
        (["--bind", "images=raw", "--set", "add.amount=[1"], 2, "[1"),
        (["--bind", "images=raw", "--runtime", "moon"], 5, "moon"),
        (["--bind", "images=raw", "--jobs", "0"], 2, "--jobs"),
        (["--bind", "images=raw", "--incomplete-groups", "x"], 2, "x"),
        (["--bind", "images=raw", "--tools", "nowhere"], 2, "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_run_is_one_sentence(
    flow: Say, lab: Lab, line: Path, arguments: list[str], code: int, words: str
) -> None:
    lab.import_images(1)

    said = flow("run", line, "-e", E, *arguments)

    assert said.code == code, said.err
    assert words in said.err
    assert "Traceback" not in said.err


def test_error_is_the_last_json_line(flow: Say, lab: Lab, line: Path) -> None:
    lab.import_images(1)

    said = flow("run", line, "-e", E, "--json")

    *before, last = events(said.out)
    assert [event["event"] for event in before] == ["stopped"]
    assert said.code == 5
    assert last["event"] == "error"
    assert last["exit_code"] == 5
    assert "images" in str(last["message"])
    assert last["remedy"]


@pytest.mark.parametrize(
    ("text", "code"), [(None, 5), ("- a list\n", 5), ("schema: [\n", 5)]
)
def test_bad_workflow_file_is_named(
    flow: Say, lab: Lab, text: str | None, code: int
) -> None:
    path = lab.folder / "bad.flow.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    said = flow("run", path, *BOUND)

    assert said.code == code
    assert "bad.flow.yaml" in said.err


def test_run_finds_the_experiment_around_it(
    flow: Say, lab: Lab, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.import_images(1)
    monkeypatch.chdir(lab.folder / E)

    assert flow("run", "../line.flow.yaml", "-b", "images=raw").code == 0


def test_plan_says_what_would_run_and_changes_nothing(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(3)
    flow("run", line, *BOUND)
    lab.calls.clear()

    said = flow("plan", line, *BOUND, "--set", "add.amount=11", "--pairs")

    assert said.code == 0
    assert lab.calls == []
    assert "images <- raw (3 items)" in said.out
    assert "amount 10 -> 11" in said.out
    assert "image: image_002.ome.tif" in said.out
    assert "It can run: 7 jobs: 3 new, 4 waiting for new results." in said.out
    assert len(json.loads(flow("runs", E, "--json").out)) == 1


def test_plan_lists_every_problem_and_leaves_with_five(
    flow: Say, lab: Lab, line: Path
) -> None:
    lab.import_images(1)

    said = flow("plan", line, "-e", E, "--bind", "psf=raw")
    as_json = flow("plan", line, "-e", E, "--bind", "psf=raw", "--json")

    assert (said.code, as_json.code) == (5, 5)
    assert "psf" in said.out
    assert "images" in said.out
    assert "It cannot run: 2 problems to mend." in said.out
    assert json.loads(as_json.out)["runnable"] is False


def test_runs_are_listed_newest_first(flow: Say, lab: Lab, line: Path) -> None:
    assert "No runs yet" in flow("runs", E).err
    lab.import_images(1)
    flow("run", line, *BOUND)
    flow("run", line, *BOUND)

    lines = flow("runs", E).out.splitlines()
    first, second = json.loads(flow("runs", E, "--json").out)

    assert lines[0].split()[:2] == ["run", "state"]
    assert [line.split()[1] for line in lines[1:]] == ["done", "done"]
    assert first["jobs"].get("reused") == 3
    assert second["jobs"].get("done") == 3


class TestLineage:
    @pytest.fixture(autouse=True)
    def ran(self, flow: Say, lab: Lab, line: Path) -> None:
        lab.import_images(8)
        flow("run", line, *BOUND)

    def result(self, lab: Lab) -> Path:
        (path,) = (lab.folder / E / "results").glob("*/join/table/*.csv")
        return path

    def test_path_alone_is_enough(self, flow: Say, lab: Lab) -> None:
        said = flow("lineage", self.result(lab))

        assert said.code == 0
        assert "by join: test/join@1.0.0" in said.out
        assert "… and 5 more" in said.out
        assert said.out.endswith("Goes back to 8 raw items of raw.\n")

    def test_all_shows_every_branch(self, flow: Say, lab: Lab) -> None:
        said = flow("lineage", E, self.result(lab), "--all")

        assert said.out.count("imported from") == 8

    def test_forward_from_a_raw_item(self, flow: Say) -> None:
        said = flow("lineage", E, "raw/image_003.ome.tif", "--forward")

        assert "by measure: test/measure@1.0.0" in said.out
        assert said.out.endswith("3 items made from it.\n")

    def test_json_has_the_whole_tree(self, flow: Say, lab: Lab) -> None:
        tree = json.loads(flow("lineage", self.result(lab), "--json").out)

        assert tree["job"]["tool"] == "test/join@1.0.0"
        assert len(tree["branches"]) == 8

    def test_beginning_of_an_id_is_enough(self, flow: Say) -> None:
        listed = json.loads(flow("items", E, "--json").out)
        item = next(one for one in listed if one["dataset"] == "raw")

        assert item["name"] in flow("lineage", E, item["id"][:8]).out

    def test_name_of_several_items_is_refused_with_ids(self, flow: Say) -> None:
        said = flow("lineage", E, "image_003.ome.tif")

        assert said.code == 8
        assert "of raw" in said.err

    @pytest.mark.parametrize(
        ("where", "code"),
        [(["nothing"], 2), ([E, "nothing"], 8), ([E, "a", "b"], 2)],
    )
    def test_unknown_item_is_refused(
        self, flow: Say, where: list[str], code: int
    ) -> None:
        assert flow("lineage", *where).code == code
