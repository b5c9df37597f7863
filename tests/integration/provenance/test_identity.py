"""Crates tell the same story as the pixels: parts, groups, retries, reuse over runs."""

import csv
import random
from collections import Counter
from pathlib import Path

import numpy as np

from bioimageit_flow.formats import read_array, write_ome_tiff
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.crates import export_crate
from bioimageit_flow.testing.in_process import InProcessJob
from bioimageit_flow.workflow import Workflow
from tests.integration.engine.lab import Lab, add
from tests.integration.provenance.crate_reader import CrateReader

AMOUNT = 1
KINDS = ("even", "odd")


def image(lab: Lab, number: int) -> Path:
    """Write an image: its number twice in the upper half, and one more below."""
    pixels = np.full((4, 4), 2 * number, np.uint16)
    pixels[2:] += 1
    path = lab.folder / f"{KINDS[number % 2]}_{number:02d}.ome.tif"
    write_ome_tiff(path, pixels, "YX")
    return path


def tiles(lab: Lab) -> Workflow:
    """Return cut -> add -> measure -> join, a table for each kind of image."""
    workflow = Workflow("Tiles", catalogue=lab.session.catalogue)
    cut = workflow.add("test/cut", id="cut")
    more = workflow.add("test/add", id="add", amount=AMOUNT)
    each = workflow.add("test/measure", id="measure")
    joined = workflow.add("test/join", id="join", by="kind", group_by=["kind"])
    workflow.add_input("images", "image") >> cut["image"]
    cut["tiles"] >> more["image"]
    more["result"] >> each["image"]
    each["table"] >> joined["tables"]
    return workflow


def values(crate: CrateReader, table: str) -> list[int]:
    with crate.path(table).open(newline="") as file:
        return [int(row["value"]) for row in csv.DictReader(file)]


def numbers(crate: CrateReader, files: set[str]) -> set[int]:
    """Return the numbers that raw images carry in their pixels."""
    return {int(read_array(crate.path(one))[0, 0]) // 2 for one in files}


def told(crate: CrateReader) -> Counter[int]:
    """Check every result against the pixels; return the parts that were measured."""
    assert crate.lies() == []
    parts: Counter[int] = Counter()
    for id_ in (file["@id"] for file in crate.files()):
        if "/cut/" in id_ or "/add/" in id_:
            part = int(read_array(crate.path(id_))[0, 0]) - AMOUNT * ("/add/" in id_)
            assert numbers(crate, crate.raw(id_)) == {part // 2}
        elif "/measure/" in id_:
            (value,) = values(crate, id_)
            assert numbers(crate, crate.raw(id_)) == {(value - AMOUNT) // 2}
            parts[value - AMOUNT] += 1
    for id_ in (file["@id"] for file in crate.files() if "/join/" in file["@id"]):
        raws = numbers(crate, crate.raw(id_))
        assert raws == {(value - AMOUNT) // 2 for value in values(crate, id_)}
        assert len({number % 2 for number in raws}) == 1, "two kinds in one group"
    return parts


def test_parts_groups_retries_and_reuse_agree_with_the_pixels(
    lab: Lab, tmp_path: Path
) -> None:
    order = list(range(1, 9))
    random.Random(3).shuffle(order)
    is_broken, tried = True, Counter[int]()

    def flaky(job: InProcessJob) -> int | None:
        part = int(read_array(job.inputs("image")[0])[0, 0])
        tried[part] += 1
        if (part % 5 == 0 and is_broken) or (part % 3 == 0 and tried[part] == 1):
            return 75
        add(job)
        return None

    lab.functions["test/add"] = flaky
    lab.add_tool_retry("add", {"on": ["tool error"], "times": 1, "wait_s": 0})
    from_name = r"(?P<kind>[a-z]+)_"
    first_files = [image(lab, number) for number in order[:5]]
    lab.experiment.import_files(first_files, dataset="raw", from_name=from_name)
    first = lab.run(tiles(lab), jobs=4)
    failed = {part for part in tried if part % 5 == 0}
    assert first.state is RunState.PARTIAL
    assert {part for part, times in tried.items() if times == 2} > failed
    is_broken = False
    later = [image(lab, number) for number in order[5:]]
    lab.experiment.import_files(later, dataset="raw", from_name=from_name)
    tried_before = Counter(tried)
    second = lab.run(tiles(lab), jobs=4)

    assert second.state is RunState.DONE
    again = set((tried - tried_before).keys())
    new = {2 * number + half for number in order[5:] for half in (0, 1)}
    assert again == failed | new, "all others are reused"
    first_parts = {2 * number + half for number in order[:5] for half in (0, 1)}
    for name, run, parts in (
        ("first", first, first_parts - failed),
        ("second", second, first_parts | new),
    ):
        crate = CrateReader(export_crate(run, tmp_path / name))
        assert told(crate) == Counter(parts)
    joined = [file for file in crate.files() if "/join/" in file["@id"]]
    assert len(joined) == len(KINDS)
