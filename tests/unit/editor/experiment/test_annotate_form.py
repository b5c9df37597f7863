from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.editor.experiment.annotate_form import (
    MOST_CHOSEN,
    AnnotateForm,
    Scope,
    Source,
    items_query,
    sampled,
)
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.ids import new_item_id
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.browsing import browse
from bioimageit_flow.testing.samples import raw_item


@pytest.fixture
def experiment(tmp_path: Path) -> Iterator[Experiment]:
    with Experiment.create(tmp_path / "e") as experiment:
        names = ("drug_01.tif", "drug_02.tif", "test.tif", "water_01.tif")
        new = [raw_item(name, annotations={"n": 1}) for name in names]
        experiment.store.add_raw_items(new)
        yield experiment


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        (AnnotateForm(Source.HAND, key="dose", value="5"), {"dose": 5}),
        (
            AnnotateForm(Source.SPLIT, separator="_", parts="condition, m"),
            {"condition": "drug", "m": "01"},
        ),
        (
            AnnotateForm(Source.REGEX, expression=r"(?P<condition>[a-z]+)_"),
            {"condition": "drug"},
        ),
        (AnnotateForm(Source.FOLDERS, folders="scope"), {"scope": "microscope"}),
        (
            AnnotateForm(Source.METADATA, facts={"axes": "axes", "size_x": "width"}),
            {"axes": "YX", "width": 96},
        ),
    ],
)
def test_each_source_gives_its_values(
    experiment: Experiment, form: AnnotateForm, keys: dict[str, object]
) -> None:
    assert not form.is_empty
    assert AnnotateForm(form.source).is_empty
    seen = form.preview(experiment, Scope("raw", "name = drug_01.tif"))
    assert [dict(one.new) for one in seen.settings] == [keys]
    seen.apply()
    item = experiment.find_item("drug_01.tif")
    assert keys.items() <= dict(item.annotations).items()


def test_a_table_is_joined_by_names(experiment: Experiment, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("name,dose\ndrug_01,5\ngone,6\n", encoding="utf-8")
    seen = AnnotateForm(Source.SHEET, sheet=str(sheet)).preview(experiment, Scope())
    assert (seen.set, seen.left_over.count) == (1, 1)


def test_an_empty_value_takes_the_key_away(experiment: Experiment) -> None:
    AnnotateForm(Source.HAND, key="n", value=" ").preview(experiment, Scope()).apply()
    assert all(not item.annotations for item in experiment.items())
    experiment.undo()
    assert all(item.annotations == {"n": 1} for item in experiment.items())


def test_only_chosen_items_are_annotated(experiment: Experiment) -> None:
    chosen = [experiment.find_item(name).id for name in ("test.tif", "water_01.tif")]
    scope = Scope("raw", "name = nothing", tuple(chosen))
    AnnotateForm(Source.HAND, key="x", value="y").preview(experiment, scope).apply()
    named = [item.name for item in experiment.select("exists x")]
    assert named == ["test.tif", "water_01.tif"]


def test_too_many_single_items_are_refused() -> None:
    with pytest.raises(DataError, match="one by one"):
        items_query([new_item_id() for _ in range(MOST_CHOSEN + 1)])


def test_a_sample_says_what_would_change(experiment: Experiment) -> None:
    rule = AnnotateForm(Source.REGEX, expression=r"(?P<c>[a-z]+)_(?P<n>\d+)").rule(
        experiment
    )
    rows = browse(experiment).read(0, 10)
    declared = {"n": Key("n", KeyType.INTEGER)}
    by_name = {one.name: one for one in sampled(rule, rows, declared)}
    first = by_name["drug_01.tif"]
    assert (first.change("c"), first.change("n")) == ("new", "same")
    assert by_name["drug_02.tif"].change("n") == "replaced"
    assert not by_name["test.tif"].is_matched
    assert by_name["test.tif"].change("c") == ""


def test_a_sample_names_values_that_do_not_fit(experiment: Experiment) -> None:
    rule = experiment.from_name(r"(?P<n>[a-z]+)_")
    rows = browse(experiment, "name = drug_01.tif").read(0, 1)
    (sample,) = sampled(rule, rows, {"n": Key("n", KeyType.INTEGER)})
    assert "drug" in sample.problem
    removing = experiment.by_hand({"n": None})
    assert sampled(removing, rows, {})[0].change("n") == "removed"
