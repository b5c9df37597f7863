"""The jobs of a run are listed with causes, and repeated by hand outside of it."""

import json
import subprocess
from pathlib import Path

import pytest

from bioimageit_flow.formats import read_array
from bioimageit_flow.runtimes import registry
from bioimageit_flow.runtimes.protocol import JobProcess
from bioimageit_flow.runtimes.repeating import Repetition
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab, add

EVIL = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe"


def fail_on_two(job: InProcessJob) -> int | None:
    if read_array(job.inputs("image")[0])[0, 0] == 2:
        job.say("Traceback (most recent call last):")
        job.say('  File "/tool/run.py", line 3, in main')
        job.say("    open(path)")
        job.say(f"MemoryError: {EVIL}")
        return 1
    add(job)
    return None


@pytest.fixture
def failed(lab: Lab, flow: Say, line: Path) -> Lab:
    """An experiment with a run in which one of three images failed."""
    lab.functions["test/add"] = fail_on_two
    lab.import_images(3)
    run = lab.run(lab.line())
    assert run.report is not None
    return lab


def jobs(flow: Say, *words: object) -> list[dict[str, object]]:
    said = flow("jobs", *words, "-e", "experiment", "--json")
    assert said.code == 0, said.err
    found: list[dict[str, object]] = json.loads(said.out)
    return found


def test_jobs_are_listed_with_item_state_and_cause(failed: Lab, flow: Say) -> None:
    said = flow("jobs", "last", "-e", "experiment")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == [
        *("job", "node", "item", "state", "took", "memory", "cause")
    ]
    assert sum("out of memory" in line for line in lines) == 1
    assert sum(" measure " in line for line in lines) == 2
    assert "image_002.ome.tif" in said.out


def test_failed_jobs_say_why_in_one_clean_line(failed: Lab, flow: Say) -> None:
    said = flow("jobs", "--failed", "-e", "experiment")
    _, line = said.out.splitlines()
    assert "out of memory: it ran out of memory" in line
    assert "Traceback" not in line
    assert all(letter.isprintable() for letter in line)
    assert "\x1b" not in said.out + said.err
    assert "--repeat" in said.err


def test_json_has_the_facts_of_each_job(failed: Lab, flow: Say) -> None:
    (one,) = jobs(flow, "--failed")
    assert one["node"] == "add"
    assert one["item"] == "image_002.ome.tif"
    assert one["state"] == "failed"
    assert one["cause"] == "out of memory"
    assert one["exit_code"] == 1
    assert Path(str(one["log"])).is_file()
    assert "\x1b" not in str(one["message"])
    assert {job["node"] for job in jobs(flow, "--node", "measure")} == {"measure"}


def test_unknown_nodes_and_runs_are_refused(failed: Lab, flow: Say) -> None:
    said = flow("jobs", "--node", "blur", "-e", "experiment")
    assert said.code != 0
    assert "no jobs of 'blur'" in said.err
    assert "add, measure" in said.err
    assert flow("jobs", "no-such-run", "-e", "experiment").code != 0


MEMORY: list[int] = []


class ByHand(InProcessRuntime):
    """Jobs that can be repeated: by a program that copies the first input."""

    def repeat_command(self, process: JobProcess) -> Repetition:
        MEMORY.append(process.memory_bytes)
        source = process.folder / "in/image/0.ome.tif"
        target = process.folder / "out/result/0.ome.tif"
        return Repetition(("cp", "--", str(source), str(target)))


@pytest.fixture
def by_hand(failed: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    runtime = ByHand(failed.runtime.functions)
    monkeypatch.setattr(registry, "load_runtimes", lambda: [runtime])
    return failed


def test_job_is_made_ready_with_copies_and_a_script(by_hand: Lab, flow: Say) -> None:
    (one,) = jobs(flow, "--failed")
    said = flow("jobs", "--repeat", str(one["job"])[:8], "again", "-e", "experiment")

    assert said.code == 0, said.err
    folder = Path("again").absolute()
    assert said.out.startswith(f"cp -- {folder}/in/image/0.ome.tif")
    staged = folder / "in/image/0.ome.tif"
    raw = next(by_hand.experiment.path.glob("data/raw/image_002*"))
    assert not staged.is_symlink()
    assert staged.stat().st_ino != raw.stat().st_ino
    assert staged.read_bytes() == raw.read_bytes()
    description = json.loads((folder / "job.json").read_text("utf-8"))
    assert description["parameters"] == {"amount": 10}
    assert description["tool"] == "test/add"
    # The tool asks for 1 MiB; this was the second attempt, with twice that.
    assert MEMORY[-1] == 2 * 2**20
    done = subprocess.run(["sh", "again/repeat.sh"], check=False)
    assert done.returncode == 0
    assert (folder / "out/result/0.ome.tif").read_bytes() == raw.read_bytes()


def test_seed_and_group_are_those_of_the_run(by_hand: Lab, flow: Say) -> None:
    seen: list[dict[str, object]] = []

    def look(job: InProcessJob) -> None:
        seen.append(json.loads(json.dumps(job.description)))
        add(job)

    by_hand.functions["test/add"] = look
    by_hand.run(by_hand.line(), reuse=False)
    ran = jobs(flow, "--node", "add")
    assert len(ran) == len(seen) == 3
    for n, one in enumerate(ran):
        said = flow("jobs", "--repeat", one["job"], f"again{n}", "-e", "experiment")
        assert said.code == 0, said.err
    again = [json.loads(Path(f"again{n}/job.json").read_text()) for n in range(3)]
    assert sorted(one["seed"] for one in again) == sorted(s["seed"] for s in seen)  # type: ignore[type-var]
    (joined,) = jobs(flow, "--node", "join")
    flow("jobs", "--repeat", joined["job"], "group", "-e", "experiment")
    assert len(list(Path("group/in/tables").iterdir())) == 3


@pytest.mark.parametrize(
    ("job", "folder", "says"),
    [
        ("ffffffff", "new", "there is no such job"),
        ("f", "new", "names no job"),
        ("", "taken", "is there already"),
    ],
)
def test_what_cannot_be_repeated_is_refused(
    by_hand: Lab, flow: Say, job: str, folder: str, says: str
) -> None:
    Path("taken").mkdir()
    Path("taken/file").write_text("of the user")
    (one,) = jobs(flow, "--failed")
    said = flow("jobs", "--repeat", job or one["job"], folder, "-e", "experiment")
    assert said.code != 0
    assert says in said.err
    assert not Path("new").exists()
    assert Path("taken/file").read_text() == "of the user"


def test_runtime_that_cannot_repeat_says_so(failed: Lab, flow: Say) -> None:
    (one,) = jobs(flow, "--failed")
    said = flow("jobs", "--repeat", one["job"], "again", "-e", "experiment")
    assert said.code != 0
    assert "cannot be repeated by hand" in said.err
    assert not Path("again").exists()
