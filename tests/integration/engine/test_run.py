from bioimageit_flow.model.run import JobState, RunState
from tests.integration.engine.lab import Lab


def test_workflow_runs_over_every_image(lab: Lab) -> None:
    lab.import_images(5)

    run = lab.run(lab.line())

    assert run.state is RunState.DONE
    assert lab.values(run) == [11, 12, 13, 14, 15]
    assert len(run.results("add", "result")) == 5
    assert run.results("add", "result")[2].read_image().array[0, 0] == 13


def test_results_are_named_after_their_images(lab: Lab) -> None:
    lab.import_images(2)

    run = lab.run(lab.line())

    names = [result.path.name for result in run.results("measure", "table")]
    assert names == ["image_001.csv", "image_002.csv"]
    assert run.folder.name.endswith("_Line")
    assert all(path.stat().st_mode & 0o222 == 0 for path in lab.files())


def test_running_again_reuses_every_job_with_new_items(lab: Lab) -> None:
    lab.import_images(3)
    first = lab.run(lab.line())

    second = lab.run(lab.line())

    assert lab.calls == []
    assert {job.state for job in second.jobs()} == {JobState.REUSED}
    assert lab.values(second) == lab.values(first)
    before = {result.item.id for result in first.results("add", "result")}
    after = {result.item.id for result in second.results("add", "result")}
    assert before.isdisjoint(after)


def test_changing_the_last_parameter_runs_the_last_job_only(lab: Lab) -> None:
    lab.import_images(3, from_name=r"(?P<kind>[a-z]+)_")
    lab.run(lab.line())

    run = lab.run(lab.line(), set={"join.by": "kind"})

    assert lab.calls == ["test/join"]
    assert lab.values(run) == [11, 12, 13]


def test_changing_a_parameter_in_the_middle_keeps_what_is_above(lab: Lab) -> None:
    lab.import_images(3)
    workflow = lab.line()
    second = workflow.add("test/add", id="more", amount=1)
    workflow.connect("add.result", second["image"])
    lab.run(workflow)

    run = lab.run(workflow, set={"more.amount": 2})

    assert lab.calls == ["test/add"] * 3
    counts = {job.node: 0 for job in run.jobs()}
    for job in run.jobs():
        counts[job.node] += job.state is JobState.REUSED
    assert counts == {"add": 3, "measure": 3, "join": 1, "more": 0}


def test_one_new_image_runs_its_jobs_and_the_group_only(lab: Lab) -> None:
    lab.import_images(3)
    lab.run(lab.line())
    lab.experiment.import_files([lab.image(9)])

    run = lab.run(lab.line())

    assert sorted(lab.calls) == ["test/add", "test/join", "test/measure"]
    assert lab.values(run) == [11, 12, 13, 19]


def test_result_does_not_depend_on_the_order_of_import(lab: Lab) -> None:
    for number in (3, 1, 2):
        lab.experiment.import_files([lab.image(number)])
    first = lab.run(lab.line())
    for number in (2, 3, 1):
        lab.experiment.import_files([lab.image(number)], dataset="again")

    second = lab.run(lab.line(), bind={"images": "again"})

    assert lab.values(first) == [11, 12, 13]
    assert lab.calls == []
    assert lab.values(second) == [11, 12, 13]


def test_equal_jobs_of_one_run_are_computed_once(lab: Lab) -> None:
    same = [lab.image(7, f"copy_{n}.ome.tif") for n in range(4)]
    lab.experiment.import_files(same)

    run = lab.run(lab.line(), jobs=2)

    assert lab.calls.count("test/add") == 1
    assert lab.values(run) == [17, 17, 17, 17]
    assert len({result.item.id for result in run.results("add", "result")}) == 4


def test_branches_of_one_image_meet_again(lab: Lab) -> None:
    lab.import_images(4)
    workflow = lab.line()
    difference = workflow.add("test/subtract", id="difference")
    workflow.connect("add.result", difference["image"])
    workflow.connect("images", difference["other"])
    check = workflow.add("test/measure", id="check")
    difference["result"] >> check["image"]

    run = lab.run(workflow)

    assert lab.values(run, "check") == [10, 10, 10, 10]


def test_one_item_serves_all_where_the_user_says_so(lab: Lab) -> None:
    lab.import_images(3)
    lab.experiment.import_files([lab.image(1, folder="dark")], dataset="dark")
    workflow = lab.line()
    workflow.add_input("dark", "image")
    difference = workflow.add("test/subtract", id="difference")
    workflow.connect("images", difference["image"])
    workflow.connect("dark", difference["other"])
    workflow.match(difference["other"], use_for_all=True)
    check = workflow.add("test/measure", id="check")
    difference["result"] >> check["image"]

    run = lab.run(workflow, bind={"images": "raw", "dark": "dark"})

    assert lab.values(run, "check") == [0, 1, 2]


def test_annotations_reach_the_tool_that_reads_them(lab: Lab) -> None:
    names = ["drug_1.ome.tif", "control_1.ome.tif", "drug_2.ome.tif"]
    files = [lab.image(n, name) for n, name in enumerate(names, start=1)]
    lab.experiment.import_files(files, from_name=r"(?P<condition>[a-z]+)_")

    run = lab.run(lab.line(), set={"join.by": "condition"})

    (table,) = run.results("join", "table")
    rows = table.read_table()
    assert list(rows.column("condition")) == ["control", "drug", "drug"]
    assert list(rows.column("value")) == [12, 11, 13]


def test_group_by_gives_one_result_per_value(lab: Lab) -> None:
    names = ["a_1.ome.tif", "b_1.ome.tif", "a_2.ome.tif"]
    files = [lab.image(n, name) for n, name in enumerate(names, start=1)]
    lab.experiment.import_files(files, from_name=r"(?P<plate>[a-z])_")
    workflow = lab.line()
    grouped = workflow.add("test/join", id="per_plate", group_by=["plate"])
    workflow.connect("measure.table", grouped["tables"])

    run = lab.run(workflow)

    found = {
        result.annotations["plate"]: list(result.read_table().column("value"))
        for result in run.results("per_plate", "table")
    }
    assert found == {"a": [11, 13], "b": [12]}


def test_one_image_can_become_many(lab: Lab) -> None:
    lab.import_images(2)
    workflow = lab.line()
    cut = workflow.add("test/cut", id="cut")
    workflow.connect("images", cut["image"])
    each = workflow.add("test/measure", id="each")
    cut["tiles"] >> each["image"]

    run = lab.run(workflow)

    assert lab.values(run, "each") == [1, 1, 2, 2]
    parts = [result.annotations["part"] for result in run.results("each", "table")]
    assert parts == ["bottom", "top", "bottom", "top"]


def test_lineage_tells_the_same_story_as_the_pixels(lab: Lab) -> None:
    lab.import_images(6)
    run = lab.run(lab.line(), jobs=4)

    for result in run.results("add", "result"):
        number = int(result.read_image().array[0, 0]) - 10
        tree = lab.experiment.lineage(result.item)
        (raw,) = tree.raw_items()
        assert raw.name == f"image_{number:03d}.ome.tif"
        assert tree.branches[0].edge == "images -> add.image"
        assert tree.job is not None
        assert tree.job.parameters == {"amount": 10}
    (table,) = run.results("join", "table")
    raw_items = lab.experiment.lineage(table).raw_items()
    assert len(raw_items) == 6
    forward = lab.experiment.lineage(raw_items[0], forward=True)
    assert {tree.job.node for tree in forward.walk() if tree.job} == {
        "add",
        "measure",
        "join",
    }


def test_chain_of_records_is_whole(lab: Lab) -> None:
    lab.import_images(3)
    run = lab.run(lab.line())

    records = list(lab.experiment.store.records(run.summary.id))

    assert lab.experiment.store.verify_chain(run.summary.id) == []
    assert len(records) >= 7


def test_journal_alone_tells_the_whole_run(lab: Lab) -> None:
    lab.import_images(2)
    run = lab.run(lab.line())

    events = lab.journal(run)

    assert [event["n"] for event in events] == list(range(len(events)))
    states = [event["state"] for event in events if event["event"] == "run"]
    assert states == ["running", "done"]
    jobs = [event for event in events if event["event"] == "job"]
    done = [event["node"] for event in jobs if event["state"] == "done"]
    assert sorted(done) == ["add", "add", "join", "measure", "measure"]
    begun = {event["job"] for event in jobs if event["state"] == "running"}
    assert begun == {job.id for job in run.jobs()}


def test_results_of_a_run_can_be_bound_to_another(lab: Lab) -> None:
    lab.import_images(3)
    first = lab.run(lab.line())
    dataset = f"{first.summary.folder}/add/result"

    second = lab.run(lab.line(), bind={"images": dataset})

    assert lab.values(second) == [21, 22, 23]
    (table,) = second.results("join", "table")
    names = {item.name for item in lab.experiment.lineage(table.item).raw_items()}
    assert names == {f"image_00{n}.ome.tif" for n in (1, 2, 3)}


def test_saved_workflow_is_frozen_with_the_run(lab: Lab) -> None:
    lab.import_images(1)
    run = lab.run(lab.line(), set={"add.amount": 3})

    frozen = lab.experiment.path / "runs" / run.summary.id / "workflow.flow.yaml"

    assert "amount: 3" in frozen.read_text(encoding="utf-8")
