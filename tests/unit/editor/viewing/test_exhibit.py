"""What belongs to an item is found by lineage, and drawn where it belongs."""

from dataclasses import replace

import numpy as np
import pytest
import tifffile

from bioimageit_flow.editor.viewing.exhibit import ON_AT_FIRST, Exhibit
from bioimageit_flow.editor.viewing.finding import newest_results
from bioimageit_flow.editor.viewing.frames import LabelLook
from bioimageit_flow.editor.viewing.label_colours import colours_of
from bioimageit_flow.editor.viewing.opening import open_exhibit
from bioimageit_flow.editor.viewing.places import Part
from bioimageit_flow.editor.viewing.results import results_to_show
from bioimageit_flow.editor.viewing.small_pictures import small_picture
from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.measured import measures_of_run
from bioimageit_flow.session.viewing import paired, related
from tests.looking import HEIGHT, SIDE, SQUARES, WIDTH, LookingLab, centre

WHOLE = Part((0, HEIGHT), (0, WIDTH), 1)


def opened(lab: LookingLab, item: Item) -> Exhibit:
    return open_exhibit(lab.experiment, item)


def test_a_raw_image_is_joined_by_what_was_made_of_it(lab: LookingLab) -> None:
    raw = lab.item("raw")
    alone = related(lab.experiment, raw)
    assert [one.name for one in alone.layers] == ["a.ome.tif"]

    run = lab.run()
    found = related(lab.experiment, raw)

    assert found.image is not None
    assert found.image.item == raw
    assert found.labels is not None
    assert found.labels.item.id == run.results("segment", "labels")[0].item.id
    assert found.table is not None
    assert found.table.item.id == run.results("regions", "table")[0].item.id
    assert found.points is not None


def test_a_table_finds_its_labels_and_their_image(lab: LookingLab) -> None:
    run = lab.run()
    table = run.results("regions", "table")[1].item
    exhibit = opened(lab, table)
    assert exhibit.related.image is not None
    assert exhibit.related.image.name == "b.ome.tif"
    assert exhibit.rows is not None
    assert exhibit.rows.label(2) == 3
    place = exhibit.rows.place(2)
    assert place is not None
    assert (place.x, place.y) == centre(3)
    exhibit.close()


def test_points_do_not_bring_labels_that_they_were_not_made_from(
    lab: LookingLab,
) -> None:
    run = lab.run()
    exhibit = opened(lab, run.results("spots", "points")[0].item)
    assert exhibit.labels is None
    assert exhibit.points is not None
    assert len(exhibit.points) == 3
    exhibit.close()


def test_image_and_labels_are_drawn_and_looked_up(lab: LookingLab) -> None:
    run = lab.run()
    exhibit = opened(lab, run.results("segment", "labels")[0].item)
    looks = exhibit.first_looks({})

    frame = exhibit.frame({}, WHOLE, looks, LabelLook(opacity=1.0))

    assert frame is not None
    assert frame.image is not None
    assert frame.labels is not None
    x, y = (int(at) for at in centre(2))
    colour = colours_of(np.array([2]))[0].tolist()
    assert frame.labels.pixels[y, x].tolist() == [*colour, 255]
    assert frame.labels.pixels[0, 0, 3] == 0
    assert frame.image.pixels[0, 0].tolist() == [0, 0, 0]
    assert (frame.image.width, frame.image.height) == (WIDTH, HEIGHT)
    assert exhibit.value_at({}, x, y) == ([SQUARES[1][2]], 2)
    assert exhibit.value_at({}, 0, 0) == ([0], None)
    assert exhibit.place_of_label(3, {}) == centre(3)
    assert exhibit.place_of_label(9, {}) is None
    exhibit.close()


def test_a_frame_can_be_stopped_and_another_contrast_reads_nothing(
    lab: LookingLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit = opened(lab, lab.item("raw"))
    looks = exhibit.first_looks({})
    first = exhibit.frame({}, WHOLE, looks, LabelLook())
    assert exhibit.image is not None
    monkeypatch.setattr(exhibit.image, "read", lambda *_: pytest.fail("it read"))

    again = exhibit.frame({}, WHOLE, looks, LabelLook())

    assert first is not None
    assert again is not None
    assert again.planes[0] is first.planes[0]
    exhibit.close()


def test_what_is_gone_is_said_and_what_belongs_to_it_is_left_out(
    lab: LookingLab,
) -> None:
    run = lab.run()
    labels = run.results("segment", "labels")[0]
    labels.path.unlink()
    exhibit = opened(lab, lab.item("raw"))
    assert exhibit.labels is None
    exhibit.close()
    with pytest.raises(DataError):
        opened(lab, labels.item)


def test_small_pictures_show_points_and_outlines(lab: LookingLab) -> None:
    run = lab.run()
    labels = run.results("segment", "labels")[0].item
    picture = small_picture(lab.experiment, labels, 64)
    assert picture is not None
    top, left, _ = SQUARES[0]
    assert picture[top, left].tolist() == colours_of(np.array([1]))[0].tolist()
    inside = picture[top + SIDE // 2, left + SIDE // 2]
    assert len(set(inside.tolist())) == 1  # the grey image itself

    points = run.results("spots", "points")[0].item
    ringed = small_picture(lab.experiment, points, 64)
    plain = small_picture(lab.experiment, lab.item("truth"), 64)
    assert ringed is not None
    assert plain is not None
    assert (ringed.max(axis=-1) != ringed.min(axis=-1)).any()
    table = run.results("regions", "table")[0].item
    assert small_picture(lab.experiment, table) is not None


def test_items_of_two_nodes_are_paired_by_raw_ancestor(lab: LookingLab) -> None:
    run = lab.run()
    raw = lab.experiment.items("raw")
    labels = [one.item for one in run.results("segment", "labels")]
    pairs = paired(lab.experiment, raw, labels[::-1])
    assert [(a.name, b.id) for a, b in pairs] == [
        ("a.ome.tif", labels[0].id),
        ("b.ome.tif", labels[1].id),
    ]
    truth = lab.experiment.items("truth")
    assert paired(lab.experiment, raw, truth) == []
    assert paired(lab.experiment, raw[:1], truth[1:]) == [(raw[0], truth[1])]


def test_sheets_are_sorted_by_what_was_measured(lab: LookingLab) -> None:
    run = lab.run()
    items = [one.item for one in run.results("segment", "labels")]
    found = measures_of_run(run, items)
    assert found["regions.table rows"] == {items[0].id: 3.0, items[1].id: 3.0}
    assert found["spots.points score"] == {items[0].id: 140.0, items[1].id: 140.0}
    assert found["true_count"] == {items[0].id: 2.0, items[1].id: 2.0}


def test_tables_of_a_port_are_one_tidy_table_with_an_item_per_row(
    lab: LookingLab,
) -> None:
    run = lab.run()
    found = results_to_show(run, "regions")
    assert found.port == "table"
    assert found.table is not None
    assert len(found.table) == len(found.rows_of) == 6
    assert found.rows_of[0].id == run.results("regions", "table")[0].item.id
    assert results_to_show(run, "segment").table is None


def test_the_newest_results_of_a_node_are_found(lab: LookingLab) -> None:
    with pytest.raises(StoreError, match="no results in this experiment yet"):
        newest_results(lab.experiment, "nothing", "segment")
    workflow = lab.workflow()
    lab.experiment.run(workflow, bind={"images": "raw"})
    last = lab.experiment.run(workflow, bind={"images": "raw"})
    lab.run()  # of another workflow
    found = newest_results(lab.experiment, str(workflow.document.id), "segment")
    assert (found.run.summary.id, found.ports) == (last.summary.id, ("labels",))


def test_an_item_that_was_cleaned_says_so_by_name_until_its_node_makes_it_again(
    lab: LookingLab,
) -> None:
    labels = lab.run().results("segment", "labels")[0].item
    lab.experiment.clean(lab.experiment.plan_cleaning())
    with pytest.raises(DataError) as caught:
        related(lab.experiment, labels)
    assert caught.value.message == f"The data of '{labels.name}' were cleaned."
    assert "up to the node that made them" in caught.value.remedy

    lab.experiment.run(lab.workflow(), bind={"images": "raw"}, upto=["segment"])
    assert related(lab.experiment, labels).own is not None


def test_an_item_that_was_deleted_says_so_by_name(lab: LookingLab) -> None:
    raw = lab.item("raw")
    lab.experiment.delete([raw], "wrong focus")
    with pytest.raises(DataError, match=r"^The data of 'a\.ome\.tif' were deleted\."):
        related(lab.experiment, raw)


def test_every_channel_of_very_many_can_be_shown(lab: LookingLab) -> None:
    pixels = np.zeros((30, 16, 20), np.uint16)
    for channel in range(30):
        pixels[channel, :, channel % 20] = 100 + channel
    path = lab.folder / "thirty.ome.tif"
    tifffile.imwrite(path, pixels, ome=True, metadata={"axes": "CYX"})
    lab.experiment.import_files([path], dataset="many")
    exhibit = opened(lab, lab.item("many"))

    looks = exhibit.first_looks({})
    assert len(looks) == 30
    assert [look.is_on for look in looks] == [True] * ON_AT_FIRST + [False] * 18
    assert looks[6].colour != looks[7].colour  # the colours begin anew, in turn
    alone = [replace(look, is_on=n == 25) for n, look in enumerate(looks)]
    shown = exhibit.with_limits(alone, {})
    frame = exhibit.frame({}, Part((0, 16), (0, 20), 1), shown, LabelLook())

    assert frame is not None
    assert frame.image is not None
    assert frame.image.pixels[8].any(axis=-1).nonzero()[0].tolist() == [25 % 20]
    assert frame.histograms[25].high == 125.5
    assert exhibit.value_at({}, 5, 8, channels=[25]) == ([125], None)
    exhibit.close()
