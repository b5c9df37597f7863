"""What a store promises of items, places and annotations."""
# ruff: noqa: D102 - the names of tests say what is promised

import math
from dataclasses import replace
from itertools import islice

import pytest

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.data import (
    AnnotationValue,
    Dataset,
    DatasetKind,
    LocationState,
    Produced,
)
from bioimageit_flow.model.ids import ItemId, RunId, new_item_id, new_job_id
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.testing.samples import (
    content,
    job_record,
    location,
    produced,
    raw_item,
    run_record,
)


class ItemContract:
    """Items come back as they were given; nothing is half written."""

    def test_facts_tell_a_new_experiment(self, store: Store) -> None:
        facts = store.facts()
        assert facts.uuid
        assert facts.created.tzinfo is not None
        assert not facts.is_read_only
        assert store.datasets() == []
        assert list(store.items()) == []
        assert store.runs() == []

    def test_raw_item_comes_back_as_it_was_given(self, store: Store) -> None:
        new = raw_item("é 'quote\" -x.tif", annotations={"condition": "drug", "n": 3})
        store.add_raw_items([new])
        assert store.item(new.item.id) == new.item
        assert store.location(new.item.content.sha256) == new.location

    def test_items_are_listed_by_name_then_as_added(self, store: Store) -> None:
        names = ["b.tif", "a.tif", "C.tif", "a.tif", "ä.tif"]
        new = [raw_item(name, selector=f"series={n}") for n, name in enumerate(names)]
        store.add_raw_items([*new, raw_item("z.tif", dataset="other")])
        found = list(store.items("raw"))
        expected = sorted((one.item for one in new), key=lambda one: one.name)
        assert found == expected
        assert [one.name for one in store.items()] == sorted([*names, "z.tif"])

    def test_datasets_are_raw_by_name_then_processed_by_run(self, store: Store) -> None:
        first, second = run_record(folder="z-first"), run_record(folder="a-second")
        raw = [raw_item("a.tif", dataset="wells"), raw_item("b.tif", dataset="beads")]
        store.add_raw_items(raw)
        for run in (first, second):
            store.begin_run(run)
            outputs = [produced(port="b", path=f"{run.folder}/b")]
            outputs += [produced(port="a", path=f"{run.folder}/a{n}") for n in (1, 2)]
            store.commit_jobs([job_record(run.id, [raw[0].item.id], outputs=outputs)])
        assert store.datasets() == [
            Dataset("beads", DatasetKind.RAW, 1),
            Dataset("wells", DatasetKind.RAW, 1),
            Dataset("z-first/denoise/a", DatasetKind.PROCESSED, 2),
            Dataset("z-first/denoise/b", DatasetKind.PROCESSED, 1),
            Dataset("a-second/denoise/a", DatasetKind.PROCESSED, 2),
            Dataset("a-second/denoise/b", DatasetKind.PROCESSED, 1),
        ]
        assert len(list(store.items("z-first/denoise/a"))) == 2

    def test_items_of_unknown_dataset_are_refused_at_once(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no dataset 'nothing'"):
            store.items("nothing")

    @pytest.mark.parametrize("name", ["", "a/b", " a", "a\n", "a\x00"])
    def test_dataset_names_that_nobody_could_use_are_refused(
        self, store: Store, name: str
    ) -> None:
        with pytest.raises(StoreError, match="cannot be the name of a dataset"):
            store.add_raw_items([raw_item(dataset=name)])
        assert store.datasets() == []

    def test_adding_is_all_or_nothing(self, store: Store) -> None:
        known = raw_item("a.tif")
        store.add_raw_items([known])
        with pytest.raises(StoreError, match=r"recorded already.*nothing was changed"):
            store.add_raw_items([raw_item("b.tif"), known])
        twice = raw_item("c.tif")
        with pytest.raises(StoreError, match="recorded already"):
            store.add_raw_items([twice, twice])
        assert [one.name for one in store.items()] == ["a.tif"]
        assert store.location(content("b.tif").sha256) is None

    def test_processed_item_is_not_taken_for_a_raw_one(self, store: Store) -> None:
        new = raw_item()
        origin = Produced(RunId("r"), "n", "p", new_job_id())
        with pytest.raises(StoreError, match="not imported"):
            store.add_raw_items([replace(new, item=replace(new.item, origin=origin))])

    def test_adding_nothing_changes_nothing(self, store: Store) -> None:
        store.add_raw_items([])
        store.commit_jobs([])
        assert store.datasets() == []

    def test_same_bytes_may_be_several_items(self, store: Store) -> None:
        new = [raw_item("a.tif", selector=f"series={n}") for n in range(3)]
        store.add_raw_items(new)
        assert len(list(store.items("raw"))) == 3
        assert {one.content for one in store.items()} == {content("a.tif")}

    def test_duplicates_are_known_by_content_selector_and_name(
        self, store: Store
    ) -> None:
        new = raw_item("a.tif", selector="series=1")
        sha = new.item.content.sha256
        store.add_raw_items([new])
        assert store.has_raw_item("raw", sha, "series=1", "a.tif")
        assert not store.has_raw_item("other", sha, "series=1", "a.tif")
        assert not store.has_raw_item("raw", content("x").sha256, "series=1", "a.tif")
        assert not store.has_raw_item("raw", sha, "", "a.tif")
        assert not store.has_raw_item("raw", sha, "series=1", "b.tif")
        found = store.raw_items_named("raw", ["a.tif", "b.tif"])
        assert (sha, "series=1", "a.tif") in found
        assert {name for _, _, name in found} == {"a.tif"}
        assert store.raw_items_named("nowhere", ["a.tif"]) == set()

    def test_missing_item_is_named(self, store: Store) -> None:
        missing = new_item_id()
        for ask in (store.item, store.step, store.made_from):
            with pytest.raises(StoreError, match=f"no item {missing}") as caught:
                ask(missing)
            assert caught.value.item == missing
        for ask_all in (store.views, store.roots):
            with pytest.raises(StoreError, match=f"no item {missing}"):
                ask_all([missing])

    def test_find_items_by_beginning_name_and_path(self, store: Store) -> None:
        new = [raw_item("a_%.tif"), raw_item("aXY.tif", text="2")]
        store.add_raw_items(new)
        first = new[0].item
        assert store.find_items(first.id) == [first]
        assert store.find_items(first.id[:8].upper()) == [first]
        assert store.find_items("a_%.tif") == [first]
        assert store.find_items("data/raw/a_%.tif") == [first]
        assert store.find_items(first.id[:3]) == []
        assert store.find_items("a_%.ti") == []
        assert store.find_items("") == []

    def test_find_items_by_path_tells_same_bytes_apart(self, store: Store) -> None:
        run = run_record()
        store.begin_run(run)
        outputs = [produced(f"{n}.tif", text="same", path=f"out/{n}") for n in (0, 1)]
        store.commit_jobs([job_record(run.id, [], outputs=outputs)])
        assert [one.id for one in store.find_items("out/1")] == [outputs[1].id]

    def test_items_with_content_are_found_in_their_order(self, store: Store) -> None:
        new = [raw_item(f"{n}.tif", text=n[0]) for n in ("1b", "2", "1a")]
        store.add_raw_items(new)
        content = new[0].item.content.sha256
        assert store.items_with_content(content) == [new[0].item, new[2].item]
        assert (
            store.items_with_content(raw_item("c.tif", text="3").item.content.sha256)
            == []
        )

    def test_writing_while_iterating_works(self, store: Store) -> None:
        store.add_raw_items([raw_item(f"{n:04}.tif") for n in range(1200)])
        items = store.items("raw")
        first = next(items)
        store.annotate({first.id: {"seen": True}}, user="ada")
        store.add_raw_items([raw_item("9999.tif")])
        rest = list(items)
        assert [one.name for one in rest] == [f"{n:04}.tif" for n in range(1, 1200)]
        assert len(list(store.items("raw"))) == 1201

    def test_unfinished_iteration_holds_nothing(self, store: Store) -> None:
        store.add_raw_items([raw_item(f"{n:04}.tif") for n in range(600)])
        assert len(list(islice(store.items(), 3))) == 3
        store.add_raw_items([raw_item("z.tif")])

    # Places

    def test_present_place_comes_before_cleaned_one(self, store: Store) -> None:
        new = raw_item("a.tif")
        bytes_ = new.item.content
        store.add_raw_items([new])
        elsewhere = location(bytes_, "/nas/a.tif", is_referenced=True)
        store.update_location(bytes_.sha256, elsewhere)
        assert store.location(bytes_.sha256) == new.location
        cleaned = replace(new.location, state=LocationState.CLEANED, mtime_ns=5)
        store.update_location(bytes_.sha256, cleaned)
        assert store.location(bytes_.sha256) == elsewhere
        gone = replace(elsewhere, state=LocationState.CLEANED)
        store.update_location(bytes_.sha256, gone)
        assert store.location(bytes_.sha256) == cleaned

    def test_places_of_many_are_those_of_each(self, store: Store) -> None:
        one, other, gone = (raw_item(f"{name}.tif") for name in "abc")
        store.add_raw_items([one, other, gone])
        elsewhere = location(one.item.content, "/nas/a.tif", is_referenced=True)
        store.update_location(one.item.content.sha256, elsewhere)
        cleaned = replace(gone.location, state=LocationState.CLEANED)
        store.update_location(gone.item.content.sha256, cleaned)
        wanted = [new.item.content.sha256 for new in (one, other, gone)]

        places = store.locations([*wanted, content("unknown").sha256])

        assert places == {sha: store.location(sha) for sha in wanted[:2]}

    def test_path_that_holds_other_bytes_now_is_cleaned_of_the_old(
        self, store: Store
    ) -> None:
        old, new = raw_item("a.tif", text="old"), raw_item("a.tif", text="new")
        store.add_raw_items([old])
        store.add_raw_items([new])
        before = store.location(old.item.content.sha256)
        assert before is not None
        assert before.state is LocationState.CLEANED
        assert store.location(new.item.content.sha256) == new.location

    def test_place_of_unknown_content_is_refused(self, store: Store) -> None:
        unknown = content("unknown")
        assert store.location(unknown.sha256) is None
        with pytest.raises(StoreError, match="No content with the hash"):
            store.update_location(unknown.sha256, location(unknown, "a"))

    def test_recorded_paths_are_told_from_leftovers(self, store: Store) -> None:
        store.add_raw_items([raw_item(f"{n}.tif") for n in range(3)])
        asked = ["data/raw/1.tif", "data/raw/left.tif", "data/raw/2.tif"]
        assert store.recorded_paths(iter(asked)) == {asked[0], asked[2]}
        assert store.recorded_paths([]) == set()

    def test_recorded_paths_know_the_results_of_recorded_runs(
        self, store: Store
    ) -> None:
        run = run_record()
        store.begin_run(run)
        asked = [f"results/{run.folder}", "results/of nobody", run.folder]
        assert store.recorded_paths(asked) == {asked[0]}

    # Annotations

    def test_annotations_keep_their_types(self, store: Store) -> None:
        new = raw_item(annotations={"dose": 1.0, "well": "01"})
        store.add_raw_items([new])
        wanted: dict[str, AnnotationValue] = {
            "one": 1,
            "real": 2.0,
            "yes": True,
            "text": "true",
            "µ": "10 µm",
        }
        store.annotate({new.item.id: dict(wanted)}, user="ada")
        own = store.item(new.item.id).annotations
        expected = {"dose": 1.0, "well": "01", **wanted}
        assert own == expected
        assert {key: type(own[key]) for key in own} == {
            key: type(value) for key, value in expected.items()
        }

    def test_annotations_are_replaced_and_removed(self, store: Store) -> None:
        new = raw_item(annotations={"a": 1, "b": 2, "c": 3})
        store.add_raw_items([new])
        store.annotate({new.item.id: {"a": True, "b": None, "d": None}}, user="ada")
        own = store.item(new.item.id).annotations
        assert own == {"a": True, "c": 3}
        assert own["a"] is True

    def test_annotating_is_all_or_nothing(self, store: Store) -> None:
        new = raw_item()
        store.add_raw_items([new])
        with pytest.raises(StoreError, match="no item"):
            store.annotate({new.item.id: {"a": 1}, ItemId("x"): {"a": 1}}, user="ada")
        for bad in (math.nan, math.inf):
            with pytest.raises(StoreError, match="value of the annotation 'b'"):
                store.annotate({new.item.id: {"a": 1, "b": bad}}, user="ada")
        assert store.item(new.item.id).annotations == {}

    def test_views_merge_own_and_ancestors(self, store: Store) -> None:
        drug = raw_item("a.tif", annotations={"condition": "drug", "day": 1, "own": 0})
        water = raw_item("b.tif", annotations={"condition": "water", "day": 1})
        store.add_raw_items([drug, water])
        run = run_record()
        store.begin_run(run)
        both = [drug.item.id, water.item.id]
        made = produced(path="out/0", annotations={"own": 1, "sigma": 1.5})
        child = produced(path="out/1")
        store.commit_jobs([job_record(run.id, both, outputs=[made])])
        store.commit_jobs([job_record(run.id, [made.id], outputs=[child])])
        conflict = Conflict(("drug", "water"))
        views = store.views([child.id, made.id, drug.item.id])
        assert views[drug.item.id] == {"condition": "drug", "day": 1, "own": 0}
        assert views[made.id] == {
            "condition": conflict,
            "day": 1,
            "own": 1,
            "sigma": 1.5,
        }
        assert views[child.id] == views[made.id]
        assert store.item(child.id).annotations == {}

    def test_views_are_live(self, store: Store) -> None:
        new = raw_item(annotations={"condition": "drug"})
        store.add_raw_items([new])
        run = run_record()
        store.begin_run(run)
        made = produced(path="out/0")
        store.commit_jobs([job_record(run.id, [new.item.id], outputs=[made])])
        store.annotate({new.item.id: {"condition": "water"}}, user="ada")
        assert store.views([made.id]) == {made.id: {"condition": "water"}}
        store.annotate({made.id: {"condition": "mine"}}, user="ada")
        assert store.views([made.id]) == {made.id: {"condition": "mine"}}
        store.annotate({made.id: {"condition": None}}, user="ada")
        assert store.views([made.id]) == {made.id: {"condition": "water"}}

    def test_closed_store_says_so(self, store: Store) -> None:
        store.close()
        for ask in (store.datasets, store.runs):
            with pytest.raises(StoreError, match=r"closed.*Open it again"):
                ask()
        with pytest.raises(StoreError, match="closed"):
            store.add_raw_items([raw_item()])
