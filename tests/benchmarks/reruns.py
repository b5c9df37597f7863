"""Running again: nothing to do, one parameter changed, one file edited."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.session import Experiment, Run
from bioimageit_flow.workflow import Workflow
from tests.benchmarks.laboratory import add_items, new_session, tree
from tests.benchmarks.measuring import Row, measured

PART = "3. running again, in this process, warm"
LENGTH = 4


def reruns(place: Path, images: int) -> Iterator[Row]:
    """Run four nodes and a merge over files; yield what each way to run again takes."""
    session = new_session(place / "tools")
    with Experiment.create(place / "experiment", session=session) as experiment:
        add_items(experiment, images)
        workflow = tree(session, LENGTH)
        first = _run(experiment, "first run", workflow, images * LENGTH + 1)
        yield first
        changed = Workflow.of(workflow.document, catalogue=session.catalogue)
        changed.set(f"step_{LENGTH}", amount=2)
        again = [
            _run(experiment, "nothing changed", workflow, 0),
            _planned(experiment, workflow),
            _run(experiment, "last parameter changed", changed, images + 1),
            *_edited(experiment, workflow),
        ]
        for row in again:
            row.ratio = row.took.wall_s / first.took.wall_s
            yield row


def _run(experiment: Experiment, name: str, workflow: Workflow, new: int) -> Row:
    with measured() as took:
        ended = experiment.run(
            workflow, bind={"files": "raw"}, observe=lambda _event: None
        )
    done, reused = _counts(ended)
    if done != new:
        raise SystemExit(f"{name}: {done} jobs ran instead of {new} ({ended.state})")
    return Row(PART, name, done + reused, took, facts={"run": done})


def _planned(experiment: Experiment, workflow: Workflow) -> Row:
    with measured() as took:
        plan = experiment.plan(workflow, bind={"files": "raw"})
    return Row(PART, "plan only", sum(node.reused for node in plan.nodes), took)


def _counts(run: Run) -> tuple[int, int]:
    assert run.report is not None
    nodes = run.report.nodes.values()
    return sum(one.done for one in nodes), sum(one.reused for one in nodes)


def _edited(experiment: Experiment, workflow: Workflow) -> list[Row]:
    """Edit a file in place, its size and time as before, in two ways."""
    victim, other = experiment.items("raw")[:2]
    rows: list[Row] = []

    place, _ = experiment.whereabouts(other.content)
    original, seen = place.read_bytes(), place.stat()
    _change(place, is_same_inode=True)
    with measured() as took:
        found = experiment.verify()
    if len(found.faults) != 1:
        raise SystemExit("verify did not find the edited file")
    rows.append(Row(PART, "edited, same inode: verify", found.files, took))
    place.write_bytes(original)
    os.utime(place, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    place, _ = experiment.whereabouts(victim.content)
    original = place.read_bytes()
    _change(place, is_same_inode=False)
    with measured() as took:
        plan = experiment.plan(workflow, bind={"files": "raw"})
    named = [one.text for one in plan.problems if place.name in one.text]
    if len(named) != 1:
        raise SystemExit("the edited file was not found")
    rows.append(Row(PART, "edited, other inode: plan", len(named), took))

    edited = place.with_name(f"edited_{place.name}")
    shutil.copyfile(place, experiment.path.parent / edited.name)
    _write(place, original)
    experiment.exclude([victim], "edited")
    experiment.import_files([experiment.path.parent / edited.name])
    again = "one file edited, imported again"
    rows.append(_run(experiment, again, workflow, LENGTH + 1))
    return rows


def _change(place: Path, *, is_same_inode: bool) -> None:
    """Swap the bytes of a file for others of the same size, and put its time back."""
    seen = place.stat()
    data = b"x" + place.read_bytes()[1:]
    if is_same_inode:
        place.chmod(0o644)
        place.write_bytes(data)
    else:
        _write(place, data)
    os.utime(place, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _write(place: Path, data: bytes) -> None:
    other = place.with_name(f".{place.name}.new")
    other.write_bytes(data)
    other.replace(place)
