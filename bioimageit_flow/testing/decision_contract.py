"""What a store promises of keys, annotations, queries, exclusions and corrections."""
# ruff: noqa: D102 - the names of tests say what is promised

from dataclasses import replace

import pytest

from bioimageit_flow.errors import QueryError, StoreError
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.chosen import Moved, Selection
from bioimageit_flow.model.data import AnnotationValue, Item, LocationState
from bioimageit_flow.model.ids import ItemId, new_item_id
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.model.query import parse
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.spooling import NumberedSpool
from bioimageit_flow.testing.samples import (
    job_record,
    location,
    produced,
    raw_item,
    run_record,
)


def _add(store: Store, name: str, **annotations: AnnotationValue) -> Item:
    new = raw_item(name, annotations=annotations)
    store.add_raw_items([new])
    return new.item


def _names(store: Store, query: str, dataset: str | None = None) -> list[str]:
    chosen = Selection(parse(query), dataset)
    return [item.name for item in store.selected(chosen)]


def _own(store: Store, item: Item) -> dict[str, AnnotationValue]:
    return dict(store.item(item.id).annotations)


class DecisionContract:
    """Everything that people decide is recorded, and can be asked for."""

    # Queries

    def test_queries_see_the_annotations_of_ancestors(self, store: Store) -> None:
        drug = _add(store, "a.tif", condition="drug", n=1)
        water = _add(store, "b.tif", condition="water", n=2)
        run = run_record("First run")
        store.begin_run(run)
        own = produced("own.tif", path="out/own", annotations={"condition": "mine"})
        both = produced("both.tif", path="out/both")
        last = produced("last.tif", path="out/last")
        jobs = [
            job_record(run.id, [drug.id], outputs=[own]),
            job_record(run.id, [drug.id, water.id], outputs=[both]),
            job_record(run.id, [own.id], node="count", outputs=[last]),
        ]
        store.commit_jobs(jobs)
        assert _names(store, "condition = drug") == ["a.tif", "both.tif"]
        assert _names(store, "condition = water") == ["b.tif", "both.tif"]
        assert _names(store, "condition = mine") == ["last.tif", "own.tif"]
        assert _names(store, "n = 1 and n = 2") == ["both.tif"]
        assert _names(store, "not exists condition") == []
        assert _names(store, "node = count") == ["last.tif"]
        assert _names(store, 'run = "First run" and port = image and n = 1') == [
            *("both.tif", "last.tif", "own.tif")
        ]
        assert _names(store, f"run = {run.id} and node != count") == [
            *("both.tif", "own.tif")
        ]
        assert _names(store, "not exists run") == ["a.tif", "b.tif"]
        assert _names(store, f'dataset = "{run.folder}/count/image"') == ["last.tif"]
        assert _names(store, f"id = {drug.id} or id in ({water.id})", "raw") == [
            *("a.tif", "b.tif")
        ]

    def test_queries_cannot_be_broken_out_of(self, store: Store) -> None:
        bad = "x' OR 1=1; DROP TABLE items; --"
        item = _add(store, "a.tif", key=bad, **{"a'b".replace("'", "-"): 1})
        _add(store, "b.tif", key="x")
        assert _names(store, f'key = "{bad}"') == ["a.tif"]
        assert _names(store, 'key ~ "\' OR 1=1"') == ["a.tif"]
        assert _names(store, "name = \"%\" or name = \"' OR ''='\"") == []
        assert _names(store, "'a-b' = 1") == ["a.tif"]
        assert store.item(item.id).annotations["key"] == bad

    def test_slow_expression_is_stopped_and_named(self, store: Store) -> None:
        _add(store, "a.tif", text="a" * 60 + "b")
        selection = Selection(parse('exists text and text ~ "(a|a)*$"'))
        with pytest.raises(QueryError, match="takes too long") as caught:
            store.count(selection)
        assert caught.value.position == 16
        assert store.count() == 1

    def test_pages_go_through_everything_once(self, store: Store) -> None:
        names = [f"{n % 7}.tif" for n in range(25)]
        store.add_raw_items(
            [raw_item(name, text=f"{n}") for n, name in enumerate(names)]
        )
        chosen = Selection(parse("not name = 3.tif"), "raw")
        whole = list(store.selected(chosen))
        seen: list[Item] = []
        while page := store.page(chosen, seen[-1].id if seen else None, limit=4):
            assert len(page) <= 4
            seen += page
        assert seen == whole
        assert store.count(chosen) == len(whole) == 21
        with pytest.raises(StoreError, match="no item"):
            store.page(chosen, new_item_id())
        with pytest.raises(StoreError, match="no dataset"):
            store.count(Selection(dataset="other"))

    def test_names_come_with_own_values_of_some_keys(self, store: Store) -> None:
        item = _add(store, "a.tif", n=1, other=2)
        (name,) = store.names(Selection(), ["n", "missing"])
        assert (name.id, name.name, name.dataset) == (item.id, "a.tif", "raw")
        assert name.source == "/microscope/a.tif"
        assert name.annotations == {"n": 1}

    def test_names_come_as_items_were_added(self, store: Store) -> None:
        wanted = ["c.tif", "a.tif", "d.tif", "a.tif", "b.tif"]
        for number, name in enumerate(wanted):
            _add(store, name, n=number)
        assert [one.name for one in store.names(Selection())] == wanted
        some = store.names(Selection(parse("n in (0, 4)")), ["n"])
        assert [(one.name, one.annotations["n"]) for one in some] == [
            ("c.tif", 0),
            ("b.tif", 4),
        ]

    # Keys

    def test_items_are_annotated_by_their_numbers(self, store: Store) -> None:
        """The numbers that names came with serve as well as ids."""
        for n in range(4):
            _add(store, f"{n}.tif", n=n)
        store.declare_key(Key("dose", KeyType.INTEGER), user="ada")
        spool = NumberedSpool()
        same: dict[str, AnnotationValue | None] = {"dose": "7", "n": None}
        for one in store.names(Selection(parse("n >= 1"))):
            values = same if one.name != "3.tif" else {"n": 3, "dose": 8}
            spool.add(one.number, values)
        assert store.annotate_numbered(spool, user="eve", note="by name") is not None
        assert [dict(item.annotations) for item in store.selected(Selection())] == [
            {"n": 0},
            {"dose": 7},
            {"dose": 7},
            {"n": 3, "dose": 8},
        ]
        change = store.changes(1)[0]
        assert (change.rows, change.user, change.note) == (5, "eve", "by name")
        assert store.annotate_numbered(spool, user="eve") is None
        assert store.verify_changes() == []
        store.undo(user="ada")
        assert store.count(Selection(parse("exists dose"))) == 0
        assert store.count(Selection(parse("exists n"))) == 4

    def test_value_of_a_number_that_does_not_fit_names_the_item(
        self, store: Store
    ) -> None:
        """Nothing is set then."""
        for n in range(3):
            _add(store, f"{n}.tif")
        store.declare_key(Key("dose", KeyType.INTEGER), user="ada")
        spool = NumberedSpool()
        for one in store.names(Selection()):
            spool.add(one.number, {"dose": "few" if one.name == "1.tif" else 1})
        with pytest.raises(StoreError, match=r"1\.tif.*few"):
            store.annotate_numbered(spool, user="ada")
        assert store.count(Selection(parse("exists dose"))) == 0

    def test_declared_key_checks_and_keeps_values(self, store: Store) -> None:
        item = _add(store, "a.tif", dose=5)
        dose = Key("dose", KeyType.NUMBER, unit="µM", description="Of the drug")
        store.declare_key(dose, user="ada")
        (use,) = store.key_uses()
        assert (use.key, use.items, use.type) == (dose, 1, "number")
        store.annotate_many([(item.id, {"dose": "7.5 uM"})], user="ada")
        assert _own(store, item) == {"dose": 7.5}
        for bad in ("high", "5 mM", True):
            with pytest.raises(StoreError, match=r"'a.tif' cannot be annotated"):
                store.annotate_many(
                    [(item.id, {"n": 1}), (item.id, {"dose": bad})], user="ada"
                )
        assert _own(store, item) == {"dose": 7.5}
        assert store.declare_key(dose, user="ada") is None

    def test_declaring_changes_values_that_items_have(self, store: Store) -> None:
        item = _add(store, "a.tif", well=7)
        store.declare_key(Key("well"), user="ada")
        assert _own(store, item) == {"well": "7"}
        other = _add(store, "b.tif", size="big")
        with pytest.raises(StoreError, match=r"'b.tif'.*takes a number"):
            store.declare_key(Key("size", KeyType.NUMBER), user="ada")
        assert [use.key for use in store.key_uses()] == [None, Key("well")]
        assert _own(store, other) == {"size": "big"}

    def test_history_says_that_a_key_has_another_unit(self, store: Store) -> None:
        """The numbers stay; what they mean does not, and nobody shall overlook it."""
        item = _add(store, "a.tif", dose=5)
        for unit in ("µM", "mM", ""):
            store.declare_key(Key("dose", KeyType.NUMBER, unit), user="ada")
        assert _own(store, item) == {"dose": 5}
        assert [change.note for change in store.changes(3)] == [
            "declare dose as number in no unit, before in mM",
            "declare dose as number in mM, before in µM",
            "declare dose as number",
        ]

    def test_keys_are_renamed_cleared_and_removed(self, store: Store) -> None:
        item = _add(store, "a.tif", cond="drug", n=1)
        key = Key("cond", KeyType.CHOICE, choices=("drug", "water"))
        store.declare_key(key, user="ada")
        with pytest.raises(StoreError, match="a key 'n' already"):
            store.rename_key("cond", "n", user="ada")
        with pytest.raises(StoreError, match="no key 'x'"):
            store.rename_key("x", "y", user="ada")
        store.rename_key("cond", "cell line", user="ada")
        assert _own(store, item) == {"cell line": "drug", "n": 1}
        assert _names(store, '"cell line" = drug') == ["a.tif"]
        store.remove_key("cell line", user="ada", keep_declaration=True)
        assert _own(store, item) == {"n": 1}
        assert [use.items for use in store.key_uses()] == [0, 1]
        store.remove_key("cell line", user="ada")
        assert [use.name for use in store.key_uses()] == ["n"]
        for _ in range(3):
            store.undo(user="ada")
        assert _own(store, item) == {"cond": "drug", "n": 1}
        assert store.key_uses()[0].key == key
        store.undo(user="ada")
        assert store.key_uses()[0].key is None
        assert store.verify_changes() == []

    @pytest.mark.parametrize("key", ["", " a", "1a", "a\tb", "a'b", "x" * 65])
    def test_what_cannot_be_a_key_is_refused(self, store: Store, key: str) -> None:
        item = _add(store, "a.tif")
        with pytest.raises(StoreError, match="cannot be called so"):
            store.annotate_many([(item.id, {key: 1})], user="ada")

    # Changes

    def test_changes_say_who_did_what(self, store: Store) -> None:
        item = _add(store, "a.tif", n=1)
        number = store.annotate_many(
            [(item.id, {"n": 2, "m": "x"})], user="ada", note="by hand"
        )
        assert number == 1
        assert store.annotate_many([(item.id, {"n": 2})], user="eve") is None
        (change,) = store.changes()
        assert (change.user, change.note, change.rows) == ("ada", "by hand", 2)
        assert change.kind is ChangeKind.ANNOTATE
        assert change.at.tzinfo is not None
        rows = store.changes_of_item(item.id)
        assert {(row.key, row.old, row.new) for row in rows} == {
            ("n", 1, 2),
            ("m", None, "x"),
        }

    def test_the_same_value_twice_in_one_change_counts_once(self, store: Store) -> None:
        item = _add(store, "a.tif", n=1)
        wanted: list[tuple[ItemId, dict[str, AnnotationValue | None]]] = [
            (item.id, {"n": 2}),
            (item.id, {"n": 3}),
        ]
        store.annotate_many(wanted, user="ada")
        assert _own(store, item) == {"n": 3}
        (row,) = store.changes_of_item(item.id)
        assert (row.old, row.new) == (1, 3)

    def test_undo_goes_back_step_by_step(self, store: Store) -> None:
        item = _add(store, "a.tif", n=1)
        store.annotate_many([(item.id, {"n": 2})], user="ada", note="two")
        store.annotate_many([(item.id, {"n": None, "m": 1})], user="ada")
        store.exclude([item.id], "blurred", user="eve")
        for own, excluded in (({"m": 1}, ""), ({"n": 2}, ""), ({"n": 1}, "")):
            next_one = store.undoable()
            made = store.undo(user="eve")
            assert made.kind is ChangeKind.UNDO
            assert next_one is not None
            assert made.undoes == next_one.n
            assert _own(store, item) == own
            assert store.item(item.id).excluded == excluded
        assert store.undoable() is None
        with pytest.raises(StoreError, match="no change that can be undone"):
            store.undo(user="eve")
        assert [one.undone_by for one in store.changes()] == [None] * 3 + [4, 5, 6]
        assert store.verify_changes() == []

    def test_a_choice_is_recorded_with_its_reason(self, store: Store) -> None:
        item = _add(store, "a.tif", n=1)
        with pytest.raises(StoreError, match="only with a reason"):
            store.choose({"sigma": 2.0}, " ", user="ada")
        number = store.choose({"sigma": 2.0, "run": "x"}, "dim spots", user="ada")
        (change,) = store.changes()
        assert number == change.n == 1
        assert (change.kind, change.user) == (ChangeKind.CHOOSE, "ada")
        assert (change.note, change.rows) == ("dim spots", 0)
        assert change.details == {"choice": {"sigma": 2.0, "run": "x"}}
        with pytest.raises(StoreError, match="no change that can be undone"):
            store.undo(user="eve")
        assert _own(store, item) == {"n": 1}
        assert store.verify_changes() == []

    # Exclusions and corrections

    def test_excluded_items_say_why(self, store: Store) -> None:
        item, other = _add(store, "a.tif"), _add(store, "b.tif")
        with pytest.raises(StoreError, match="needs a reason"):
            store.exclude([item.id], " ", user="ada")
        store.exclude([item.id], "blurred", user="ada")
        assert store.item(item.id).excluded == "blurred"
        (found,) = store.selected(Selection(is_excluded=True))
        assert found.id == item.id
        (found,) = store.selected(Selection(is_excluded=False))
        assert found.id == other.id
        store.include([item.id, other.id], user="ada")
        assert store.count(Selection(is_excluded=False)) == 2

    def test_corrections_are_part_of_what_is_known(self, store: Store) -> None:
        item = _add(store, "a.tif")
        facts = {"pixel_size_um": {"x": 0.2}, "channels": ["GFP"]}
        store.correct([item.id], facts, user="ada")
        found = store.item(item.id)
        assert found.info.pixel_size_um == {"x": 0.2, "y": 0.1}
        assert found.info.channels == ("GFP",)
        assert set(found.corrected) == {"pixel_size_um", "channels"}
        store.correct([item.id], {"channels": None}, user="ada")
        assert store.item(item.id).info.channels == ("DAPI",)
        with pytest.raises(StoreError, match=r"'a.tif' cannot be corrected.*axes"):
            store.correct([item.id], {"axes": "ZYX"}, user="ada")
        store.undo(user="ada")
        store.undo(user="ada")
        assert store.item(item.id) == item

    # Bytes

    def test_deleted_bytes_are_kept_for_who_needs_them(self, store: Store) -> None:
        new = [raw_item("a.tif", text="same"), raw_item("b.tif", text="same")]
        store.add_raw_items(new)
        first, second = (one.item for one in new)
        assert store.give_up([first.id], "old", user="ada", is_clean=False) == []
        assert store.item(first.id).excluded == "deleted: old"
        gone = store.give_up([second.id], "", user="ada", is_clean=False)
        assert {place.path for place in gone} == {"data/raw/a.tif", "data/raw/b.tif"}
        place = store.location(first.content.sha256)
        assert place is not None
        assert place.state is LocationState.DELETED
        with pytest.raises(StoreError, match=r"'a.tif' were deleted"):
            store.include([first.id], user="ada")
        with pytest.raises(StoreError, match="no change"):
            store.undo(user="ada")

    def test_results_are_cleaned_and_descendants_counted(self, store: Store) -> None:
        raw = _add(store, "a.tif")
        run = run_record()
        store.begin_run(run)
        middle = produced("m.tif", path="results/m")
        end = produced("e.tif", path="results/e", port="end")
        store.commit_jobs([job_record(run.id, [raw.id], outputs=[middle])])
        store.commit_jobs([job_record(run.id, [middle.id], outputs=[end])])
        found = {one.name: one.is_consumed for one in store.results(run.id)}
        assert found == {"m.tif": True, "e.tif": False}
        counts = store.descendants([raw.id])
        assert counts == {
            f"{run.folder}/denoise/end": 1,
            f"{run.folder}/denoise/image": 1,
        }
        (gone,) = store.give_up([middle.id], "space", user="ada", is_clean=True)
        assert gone.path == "results/m"
        assert store.item(middle.id).excluded == ""
        assert [one.name for one in store.results()] == ["e.tif"]
        use = {one.dataset: (one.present, one.missing) for one in store.disk_use()}
        assert use[f"{run.folder}/denoise/image"] == (0, middle.content.size)
        assert use["raw"] == (raw.content.size, 0)

    def test_referenced_files_move(self, store: Store) -> None:
        new = raw_item("a.tif")
        away = location(new.item.content, "/old/a.tif", is_referenced=True)
        store.add_raw_items([replace(new, location=away)])
        moved = Moved(new.item.content.sha256, away, replace(away, path="/new/a.tif"))
        store.relocate([moved], user="ada")
        (place,) = store.places("raw")
        assert (place.location.path, place.item) == ("/new/a.tif", "a.tif")
        (use,) = store.disk_use()
        assert (use.items, use.present, use.referenced) == (1, 0, place.content.size)
        (change,) = store.changes()
        assert change.kind is ChangeKind.RELOCATE
