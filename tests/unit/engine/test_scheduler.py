import pytest

from bioimageit_flow.engine.scheduler import Output, Scheduler
from bioimageit_flow.engine.token import Job
from tests.builders import a_document, a_group_tool, a_token, a_tool

LINE = a_document(
    {
        "blur": {"wires": {"image": "images"}},
        "label": {"wires": {"image": "blur.out"}},
    }
)
LINE_TOOLS = {"blur": a_tool("test/blur"), "label": a_tool("test/label")}


def started(scheduler: Scheduler) -> list[Job]:
    jobs = []
    while (job := scheduler.take()) is not None:
        jobs.append(job)
    return jobs


def gave(name: str, port: str = "out", part: str = "") -> Output:
    return Output(port, a_token(name).datum, name, part)


def a_line(*names: str) -> Scheduler:
    scheduler = Scheduler(LINE, LINE_TOOLS)
    scheduler.arrive("images", [a_token(name) for name in names])
    scheduler.close_input("images")
    return scheduler


def test_each_item_becomes_a_job_of_the_first_node() -> None:
    jobs = started(a_line("a", "b"))

    assert [(job.node, job.label) for job in jobs] == [("blur", "a"), ("blur", "b")]


def test_item_nearest_to_completion_goes_first() -> None:
    scheduler = a_line("a", "b")
    first = scheduler.take()
    assert first is not None

    scheduler.job_done(first, [gave("a")])

    assert [(job.node, job.label) for job in started(scheduler)] == [
        ("label", "a"),
        ("blur", "b"),
    ]


def test_run_is_over_when_the_last_job_is() -> None:
    scheduler = a_line("a")
    for node in ("blur", "label"):
        assert not scheduler.is_over
        (job,) = started(scheduler)
        assert job.node == node
        scheduler.job_done(job, [gave("a")])

    assert scheduler.is_over
    assert scheduler.counts("label").done == 1


def test_run_without_items_is_over_at_once() -> None:
    assert a_line().is_over


def test_failure_blocks_only_what_descends_from_it() -> None:
    scheduler = a_line("a", "b")
    first, second = started(scheduler)

    scheduler.job_failed(first)
    scheduler.job_done(second, [gave("b")])

    (job,) = started(scheduler)
    assert (job.node, job.label) == ("label", "b")
    assert scheduler.counts("label").blocked == 1
    assert scheduler.take_problems() == []


GROUP = a_document(
    {
        "count": {"wires": {"image": "images"}},
        "merge": {"wires": {"images": ["count.out"]}},
    }
)
GROUP_TOOLS = {"count": a_tool("test/count"), "merge": a_group_tool()}


@pytest.mark.parametrize("policy", ["stop", "run"])
def test_group_with_a_failed_item_follows_the_policy(policy: str) -> None:
    scheduler = Scheduler(
        GROUP,
        GROUP_TOOLS,
        incomplete_groups="run" if policy == "run" else "stop",
    )
    scheduler.arrive("images", [a_token("a"), a_token("b"), a_token("c")])
    scheduler.close_input("images")
    a, b, c = started(scheduler)

    scheduler.job_done(a, [gave("a")])
    scheduler.job_failed(b)
    scheduler.job_done(c, [gave("c")])

    jobs = started(scheduler)
    if policy == "stop":
        assert jobs == []
        assert scheduler.is_over
        assert scheduler.counts("merge").blocked == 1
    else:
        (merge,) = jobs
        assert [token.name for token in merge.inputs["images"]] == ["a", "c"]


def test_group_order_does_not_depend_on_who_finished_first() -> None:
    orders = []
    for finish in ([0, 1, 2], [2, 0, 1]):
        scheduler = Scheduler(GROUP, GROUP_TOOLS)
        scheduler.arrive("images", [a_token("a"), a_token("b"), a_token("c")])
        scheduler.close_input("images")
        jobs = started(scheduler)
        for n in finish:
            scheduler.job_done(jobs[n], [gave(jobs[n].label)])
        (merge,) = started(scheduler)
        orders.append([token.name for token in merge.inputs["images"]])

    assert orders == [["a", "b", "c"], ["a", "b", "c"]]


def test_many_outputs_become_items_with_a_part() -> None:
    many = {"out": {"kind": "image", "format": "ome-tiff", "many": True}}
    tools = {"blur": a_tool("test/blur", outputs=many), "label": a_tool("test/label")}
    scheduler = Scheduler(LINE, tools)
    scheduler.arrive("images", [a_token("a")])
    scheduler.close_input("images")
    (cut,) = started(scheduler)

    scheduler.job_done(cut, [gave("a1", part="1"), gave("a2", part="2")])

    jobs = started(scheduler)
    assert [job.parts for job in jobs] == [(("blur", "1"),), (("blur", "2"),)]
    assert all(job.roots == frozenset({"a"}) for job in jobs)


def test_two_branches_of_one_image_meet_again() -> None:
    document = a_document(
        {
            "blur": {"wires": {"image": "images"}},
            "join": {"wires": {"image": "images", "other": "blur.out"}},
        }
    )
    two = {"image": {"kind": "image"}, "other": {"kind": "image"}}
    tools = {"blur": a_tool("test/blur"), "join": a_tool("test/join", inputs=two)}
    scheduler = Scheduler(document, tools)
    scheduler.arrive("images", [a_token("a"), a_token("b")])
    scheduler.close_input("images")
    first, second = started(scheduler)

    scheduler.job_done(second, [gave("b")])
    scheduler.job_done(first, [gave("a")])

    joined = [
        (job.inputs["image"][0].name, job.inputs["other"][0].name)
        for job in started(scheduler)
    ]
    assert joined == [("a", "a"), ("b", "b")]


def test_event_for_a_job_that_was_not_taken_is_refused() -> None:
    scheduler = a_line("a")
    (job,) = started(scheduler)
    scheduler.job_done(job, [gave("a")])

    with pytest.raises(AssertionError, match="became done"):
        scheduler.job_done(job, [gave("a")])


def test_annotations_flow_downstream_and_conflicts_stay_visible() -> None:
    scheduler = Scheduler(GROUP, GROUP_TOOLS)
    tokens = [
        a_token("a", view={"plate": 1, "condition": "drug"}),
        a_token("b", view={"plate": 1, "condition": "control"}),
    ]
    scheduler.arrive("images", tokens)
    scheduler.close_input("images")
    for job in started(scheduler):
        scheduler.job_done(job, [gave(job.label)])

    (merge,) = started(scheduler)

    views = [token.view for token in merge.inputs["images"]]
    assert [view["condition"] for view in views] == ["drug", "control"]
