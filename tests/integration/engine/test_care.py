"""Items that are excluded, corrected, deleted or cleaned, and later runs."""

import os
from contextlib import closing

import pytest

from bioimageit_flow.engine.dormant import NEEDED
from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.formats import probe
from bioimageit_flow.formats.stamps import SIDE_CAR
from bioimageit_flow.model.plan import Plan
from bioimageit_flow.session import Experiment, Session
from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.engine.lab import TOOLS, Lab


def jobs_of(plan: Plan, node: str) -> int:
    return next(one.jobs for one in plan.nodes if one.node == node)


def test_excluded_item_stays_out_of_later_runs(lab: Lab) -> None:
    lab.import_images(3)
    first, *_ = lab.experiment.items("raw")
    lab.experiment.exclude([first], "blurred")
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})
    assert jobs_of(plan, "add") == 2
    assert plan.excluded == {first.name: "blurred"}
    assert lab.values(lab.run(lab.line())) == [12, 13]
    lab.experiment.include([first])
    assert lab.values(lab.run(lab.line())) == [11, 12, 13]


def test_deleted_item_stays_out_and_its_results_stay(lab: Lab) -> None:
    lab.import_images(2)
    run = lab.run(lab.line())
    first, _ = lab.experiment.items("raw")
    plan = lab.experiment.plan_deletion([first])
    folder = run.summary.folder
    assert plan.descendants == {
        f"{folder}/add/result": 1,
        f"{folder}/measure/table": 1,
        f"{folder}/join/table": 1,
    }
    removal = lab.experiment.delete([first], "consent withdrawn")
    assert removal.files == 1
    assert lab.values(run) == [11, 12]
    assert lab.values(lab.run(lab.line())) == [12]
    assert lab.experiment.store.verify_chain(run.summary.id) == []
    with pytest.raises(FlowError, match="were deleted"):
        lab.experiment.include([first])


def test_corrected_metadata_reach_the_tool_and_the_fingerprint(lab: Lab) -> None:
    lab.import_images(2)
    sizes: list[object] = []
    add = lab.functions["test/add"]

    def look(job: InProcessJob) -> int | None:
        sizes.append(dict(probe(job.inputs("image")[0]).pixel_size_um))
        return add(job)

    lab.functions["test/add"] = look
    lab.run(lab.line())
    assert sizes == [{}, {}]
    first, _ = lab.experiment.items("raw")
    lab.experiment.correct([first], pixel_size_um=0.25)
    run = lab.run(lab.line())
    assert sizes[2:] == [{"x": 0.25, "y": 0.25}]
    assert lab.values(run) == [11, 12]
    lab.experiment.correct([first], pixel_size_um=None)
    lab.run(lab.line())
    assert len(sizes) == 3


def test_cleaned_results_are_made_again_when_they_are_needed(lab: Lab) -> None:
    lab.import_images(2)
    run = lab.run(lab.line())
    plan = lab.experiment.plan_cleaning("last")
    assert len(plan.results) == 4
    assert plan.kept == {"the last of their workflow": 1}
    removal = lab.experiment.clean(plan)
    assert (removal.files, removal.left) == (4, [])
    beside = (lab.experiment.path / "results").rglob(f"*{SIDE_CAR}")
    assert all(
        path.with_name(path.name.removesuffix(SIDE_CAR)).exists() for path in beside
    )
    assert lab.experiment.verify().is_good
    assert lab.experiment.store.verify_chain(run.summary.id) == []
    assert lab.values(run) == [11, 12]
    again = lab.run(lab.line())
    assert lab.values(again) == [11, 12]
    assert lab.calls == []
    assert lab.experiment.plan_cleaning("last").results == []
    lab.run(lab.line(), force=["join"])
    assert sorted(lab.calls) == ["test/add"] * 2 + ["test/join"] + ["test/measure"] * 2
    assert lab.experiment.plan_cleaning("last").bytes > 0


def test_cleaned_result_is_made_again_only_where_something_below_runs(lab: Lab) -> None:
    lab.import_images(3)
    lab.run(lab.line())
    lab.experiment.clean(lab.experiment.plan_cleaning())
    lab.image(4)
    lab.experiment.import_files([lab.image(4)])
    workflow = lab.line()
    workflow.set("join", by="")

    plan = lab.experiment.plan(workflow, bind={"images": "raw"})
    by_node = {node.node: node for node in plan.nodes}
    assert {n: (p.reused, p.new, p.waiting) for n, p in by_node.items()} == {
        "add": (0, 4, 0),
        "measure": (0, 3, 1),
        "join": (0, 0, 1),
    }
    assert by_node["measure"].reasons[NEEDED] == 3
    assert sum(job.reason == NEEDED for job in plan.jobs) == 6

    run = lab.run(workflow)
    assert lab.values(run) == [11, 12, 13, 14]
    assert len(lab.calls) == 9
    assert lab.experiment.verify().is_good


def test_cleaned_ends_and_named_results_are_made_again(lab: Lab) -> None:
    lab.import_images(2)
    lab.run(lab.line())
    lab.experiment.clean(lab.experiment.plan_cleaning(with_ends=True))
    run = lab.run(lab.line())
    assert lab.values(run) == [11, 12]
    assert len(lab.calls) == 5

    lab.experiment.clean(lab.experiment.plan_cleaning())
    named = lab.line()
    named.set_output("bright", "add.result")
    run = lab.run(named)
    assert lab.calls == ["test/add"] * 2
    assert [result.path.exists() for result in run.results("add", "result")] == [
        True,
        True,
    ]


def test_cleaned_result_serves_two_nodes_of_which_one_runs(lab: Lab) -> None:
    lab.import_images(2)
    workflow = lab.line()
    more = workflow.add("test/add", id="more", amount=5)
    workflow.connect("add.result", more["image"])
    lab.run(workflow)
    lab.experiment.clean(lab.experiment.plan_cleaning())
    lab.run(workflow)
    assert lab.calls == []
    workflow.set("more", amount=7)
    lab.run(workflow)
    assert lab.calls == ["test/add"] * 4  # two of `add`, two of `more`


def test_bytes_of_a_result_that_is_kept_are_not_cleaned(lab: Lab) -> None:
    lab.import_images(2)
    workflow = lab.line()
    more = workflow.add("test/add", id="more", amount=1)  # 11 + 1 is also 2 + 10
    workflow.connect("add.result", more["image"])
    run = lab.run(workflow)

    plan = lab.experiment.plan_cleaning("last")
    lab.experiment.clean(plan)

    assert plan.kept["the same bytes as a result that is kept"] == 1
    assert all(one.path.exists() for one in run.results("more", "result"))


def test_file_that_vanished_is_made_again_though_nothing_below_needs_it(
    lab: Lab,
) -> None:
    lab.import_images(1)
    run = lab.run(lab.line())
    (made,) = run.results("add", "result")
    made.path.unlink()
    lab.run(lab.line())
    assert lab.calls == ["test/add"]


def test_what_cannot_be_made_again_is_not_cleaned(lab: Lab) -> None:
    lab.import_images(1)
    lab.run(lab.line())
    lab.experiment.delete(lab.experiment.items("raw"))
    plan = lab.experiment.plan_cleaning(with_ends=True)
    assert plan.results == []
    assert plan.kept == {"made from raw data that are gone": 3}


def test_file_changed_after_import_is_found_before_it_is_used(lab: Lab) -> None:
    path = lab.image(1)
    lab.experiment.import_files([path], reference=True)
    path.unlink()
    lab.image(2, path.name)
    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})
    (problem,) = [one for one in plan.problems if one.code == "missing-file"]
    assert "was changed after it was imported" in problem.text
    (fault,) = lab.experiment.verify().faults
    assert fault.path == str(path)


def test_change_that_only_verify_found_is_refused_from_then_on(lab: Lab) -> None:
    path = lab.image(1)
    lab.experiment.import_files([path], reference=True)
    status, before = path.stat(), path.read_bytes()
    path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert len(lab.experiment.verify().faults) == 1

    plan = lab.experiment.plan(lab.line(), bind={"images": "raw"})
    (problem,) = [one for one in plan.problems if one.code == "missing-file"]
    assert "was changed after it was imported" in problem.text

    path.write_bytes(before)
    assert lab.values(lab.run(lab.line())) == [11]
    assert lab.experiment.verify().is_good


def test_moved_reference_folder_is_found_again(lab: Lab) -> None:
    path = lab.image(1)
    lab.experiment.import_files([path], reference=True)
    path.parent.rename(lab.folder / "moved")
    with pytest.raises(FlowError):
        lab.run(lab.line())
    lab.experiment.relocate(path.parent, lab.folder / "moved")
    assert lab.values(lab.run(lab.line())) == [11]
    with pytest.raises(DataError, match="No item refers"):
        lab.experiment.relocate(path.parent, lab.folder / "moved")


def test_results_of_deleted_ones_that_never_come_again_are_kept(lab: Lab) -> None:
    lab.import_images(2)
    lab.run(lab.line())
    lab.add_tool("add", TOOLS["add"] | {"deterministic": False})
    session = Session([lab.folder / "tools"], runtimes=[lab.runtime])
    with closing(Experiment.open(lab.experiment.path, session=session)) as opened:
        kept = "made by test/add@1.0.0, which never makes the same twice"
        plan = opened.plan_cleaning()
        assert (len(plan.results), plan.kept[kept]) == (2, 2)
        (dataset,) = [one for one in opened.datasets() if one.name.endswith("result")]
        first, _ = opened.items(dataset.name)
        opened.delete([first], "not needed")
        plan = opened.plan_cleaning()
        assert [one.name for one in plan.results] == ["image_002.csv"]
        lost = "made from results that are gone and cannot be made again"
        assert plan.kept[lost] == 1
