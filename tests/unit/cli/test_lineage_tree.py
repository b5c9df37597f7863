import io
from dataclasses import replace

import pytest
from rich.console import Console

from bioimageit_flow.cli.lineage_tree import drawn, say_summary
from bioimageit_flow.model.data import Imported, Item, Produced
from bioimageit_flow.model.ids import RunId, Sha256, new_item_id, new_job_id
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.lineage import Family, JobFact, Kin
from bioimageit_flow.model.run import Declaration, JobState
from bioimageit_flow.session import LineageTree
from bioimageit_flow.testing.samples import IMAGE, STARTED, content

RUN = RunId("5e65a291-0000-4000-8000-000000000000")


def raw(name: str) -> LineageTree:
    item = Item(
        new_item_id(), name, "raw", content(name), IMAGE, Imported(f"/disk/{name}")
    )
    return LineageTree(item, edge="images -> blur.image")


def made(
    name: str, node: str, *branches: LineageTree, edge: str = "", **settings: object
) -> LineageTree:
    job = new_job_id()
    origin = Produced(RUN, node, "out", job)
    item = Item(new_item_id(), name, f"run/{node}/out", content(name), IMAGE, origin)
    fact = JobFact(
        id=job,
        run=RUN,
        run_name="Count",
        node=node,
        tool=f"test/{node}@1.0.0",
        state=JobState.DONE,
        runtime="container",
        environment="image sha256:0",
        parameters=settings,
        command=(),
        started=None,
        elapsed_s=0.0,
        fingerprint=Sha256("0" * 64),
    )
    return LineageTree(item, fact, edge, list(branches))


def group(count: int) -> LineageTree:
    images = [
        made(f"b{n}.tif", "blur", raw(f"a{n}.tif"), edge="blur.out -> sum.images", s=1)
        for n in range(count)
    ]
    return made("all.csv", "sum", *images)


def text_of(tree: LineageTree, *, forward: bool = False, every: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=200, markup=False, emoji=False)
    console.print(drawn(tree, forward=forward, every=every))
    return stream.getvalue()


def test_tree_walks_from_result_to_raw_data() -> None:
    shown = text_of(made("b.tif", "blur", raw("a.tif"), sigma=1.5, title="", on=True))

    lines = shown.splitlines()
    assert lines[0].startswith("b.tif  image  ")
    assert lines[1] == "by blur: test/blur@1.0.0 (sigma=1.5, on=true)"
    assert lines[2] == "run Count 5e65a291, container"
    assert lines[3].startswith("└── image: a.tif  image  ")
    assert lines[3].endswith("  raw, imported from /disk/a.tif")


def test_result_that_was_declared_valid_says_by_whom_and_why() -> None:
    tree = made("b.tif", "blur", raw("a.tif"))
    assert tree.job is not None
    word = Declaration(3, "ada", STARTED, "the image was rebuilt")
    tree.job = replace(tree.job, state=JobState.REUSED, declared=word, attempt=2)

    said = "declared still valid by ada on 2026-11-22: the image was rebuilt"
    assert said in text_of(tree)
    job = tree.as_json()["job"]
    assert isinstance(job, dict)
    assert job["attempt"] == 2
    assert job["still_valid"]["user"] == "ada"
    assert job["still_valid"]["reason"] == "the image was rebuilt"


def test_long_lists_of_siblings_are_summed_up() -> None:
    shown = text_of(group(40))

    assert shown.count("imported from") == 3
    assert "… and 37 more" in shown


def test_all_siblings_are_shown_on_demand() -> None:
    shown = text_of(group(40), every=True)

    assert shown.count("imported from") == 40
    assert "more" not in shown


def test_few_siblings_are_shown_whole() -> None:
    assert text_of(group(6)).count("imported from") == 6


def test_what_is_alike_is_written_once() -> None:
    shown = text_of(group(5))

    assert shown.count("(s=1)") == 1
    assert shown.count("(as above)") == 4
    assert shown.index("(s=1)") < shown.index("(as above)")


def test_item_that_stands_above_is_not_told_again() -> None:
    again = made("b.tif", "blur")
    again.is_repeated = True

    assert "(shown above)" in text_of(made("c.tif", "sum", again))


def test_names_cannot_steer_the_terminal() -> None:
    shown = text_of(made("[red]b\x1b[2J\n.tif", "blur", raw("a\x07.tif"), t="\x1b]0;x"))

    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[red]b\\x1b[2J\\n.tif" in shown
    assert "t=\\x1b]0;x" in shown


def test_lineage_deeper_than_the_terminal_is_wide_is_drawn() -> None:
    tree = raw("a.tif")
    for number in range(300):
        tree = made(f"{number}.tif", "blur", tree)

    stream = io.StringIO()
    console = Console(file=stream, width=10_000, markup=False)
    console.print(drawn(tree, forward=False, every=False))

    assert "image: a.tif" in stream.getvalue()


def test_summary_counts_raw_items_by_dataset(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kin = Kin((), {"raw": 40, "psf": 1})
    say_summary(kin, forward=False, is_cut=False)

    said = capsys.readouterr().out
    assert said == "\nGoes back to 40 raw items of raw, 1 raw item of psf.\n"


def test_summary_of_a_tree_that_is_cut_counts_the_jobs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    families = (Family(RUN, "Count", "blur", "test/blur@1.0.0", 500_000),)
    say_summary(Kin(families, {"raw": 500_000}), forward=False, is_cut=True)

    assert "500000 jobs" in capsys.readouterr().out


def test_branches_that_were_left_out_are_counted() -> None:
    tree = group(3)
    tree.left_out = 499_997

    assert "… and 499997 more" in text_of(tree)
    assert tree.as_json()["left_out"] == 499_997


def test_summary_forward(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary(Kin((), {}), forward=True, is_cut=False)
    say_summary(Kin((), {"blur": 1, "sum": 1}), forward=True, is_cut=False)

    out = capsys.readouterr().out
    assert out == "\nNothing has been made from it.\n\n2 items made from it.\n"


def test_kind_is_named() -> None:
    assert f"  {Kind.IMAGE}  " in text_of(raw("a.tif"))
