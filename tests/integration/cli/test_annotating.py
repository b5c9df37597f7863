import json
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.formats import write_ome_tiff
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab

E = "experiment"


@pytest.fixture
def spots(flow: Say, lab: Lab) -> None:
    for number, name in enumerate(("control_01", "drug_01", "drug_02", "test"), 1):
        lab.image(number, f"{name}.ome.tif")
    assert flow("import", E, "images").code == 0


def names(flow: Say, *arguments: str) -> list[str]:
    said = flow("items", E, "--json", *arguments)
    assert said.code == 0, said.err
    return [one["name"].partition(".")[0] for one in json.loads(said.out)]


def own(flow: Say) -> dict[str, dict[str, object]]:
    found = json.loads(flow("items", E, "--json").out)
    return {one["name"].partition(".")[0]: one["annotations"] for one in found}


@pytest.mark.usefixtures("spots")
def test_preview_shows_and_sets_nothing(flow: Say) -> None:
    said = flow("annotate", E, "--split", "condition,n", "--preview")
    assert said.code == 0
    assert "3 items would change" in said.out
    assert "drug_02.ome.tif: condition = drug, n = 02" in said.out
    assert "1 name does not fit:\n  test.ome.tif" in said.out
    assert own(flow)["drug_01"] == {}

    flow("annotate", E, "--split", "condition,n")
    assert names(flow, "--where", "condition = drug and n > 01") == ["drug_02"]


@pytest.mark.usefixtures("spots")
def test_other_values_are_replaced_only_when_asked(flow: Say) -> None:
    flow("annotate", E, "drug_01.ome.tif", "condition=mine")
    rule = ("--from-name", "(?P<condition>[a-z]+)_")

    refused = flow("annotate", E, *rule)
    assert refused.code == 4
    assert "1 item has another value already: drug_01.ome.tif" in refused.err
    assert own(flow)["drug_02"] == {}

    assert flow("annotate", E, *rule, "--replace").code == 0
    assert own(flow)["drug_01"] == {"condition": "drug"}
    assert flow("undo", E).code == 0
    assert own(flow)["drug_01"] == {"condition": "mine"}
    assert own(flow)["drug_02"] == {}


@pytest.mark.usefixtures("spots")
def test_sheet_names_rows_and_items_without_partner(flow: Say, tmp_path: Path) -> None:
    sheet = tmp_path / "samples.csv"
    sheet.write_text(
        "name,dose,cell line\ndrug_01,5,HeLa\ngone.tif,1,x\n", encoding="utf-8"
    )
    said = flow("annotate", E, "--from-sheet", sheet)
    assert said.code == 0
    assert "Annotated 1 item." in said.out
    assert "3 items have no row:" in said.out
    assert "1 row has no item:\n  row 3: gone.tif" in said.out
    assert names(flow, "--where", '"cell line" = HeLa and dose = 5') == ["drug_01"]


@pytest.mark.usefixtures("spots")
def test_wrong_values_of_declared_keys_are_refused_by_name(flow: Say) -> None:
    declared = flow(
        *("keys", E, "--declare", "dose", "--type", "number", "--unit", "µM")
    )
    assert declared.code == 0
    assert "µM" in declared.out
    for value, words in (("5 mM", "is in mM"), ("high", "takes a number")):
        said = flow("annotate", E, "--where", "name ~ drug", f"dose={value}")
        assert said.code == 4
        assert "drug_01.ome.tif" in said.err
        assert words in said.err
    assert flow("annotate", E, "--where", "name ~ drug", "dose=5 uM").code == 0
    assert own(flow)["drug_01"] == {"dose": 5}
    assert own(flow)["control_01"] == {}


@pytest.mark.usefixtures("spots")
def test_keys_are_listed_renamed_and_removed(flow: Say) -> None:
    flow("annotate", E, "drug_01.ome.tif", "cond=drug", "n=1")
    flow("keys", E, "--rename", "cond=condition")
    said = flow("keys", E, "--json")
    assert [(one["name"], one["items"]) for one in json.loads(said.out)] == [
        *(("condition", 1), ("n", 1))
    ]
    flow("keys", E, "--delete", "n")
    assert own(flow)["drug_01"] == {"condition": "drug"}
    assert flow("keys", E, "--delete", "n").code == 8
    assert flow("keys", E, "--clear", "a", "--delete", "b").code == 2


@pytest.mark.usefixtures("spots")
def test_changes_tell_who_when_and_what(flow: Say) -> None:
    flow("annotate", E, "drug_01.ome.tif", "n=1")
    flow("annotate", E, "drug_01.ome.tif", "n=2")
    listed = json.loads(flow("changes", E, "drug_01.ome.tif", "--json").out)
    assert [one["changed"] for one in listed] == [
        [{"key": "n", "old": 1, "new": 2}],
        [{"key": "n", "old": None, "new": 1}],
    ]
    assert listed[0]["user"]
    assert "annotate" in flow("changes", E).out
    assert "1    2" in flow("changes", E, "drug_01.ome.tif").out


@pytest.mark.usefixtures("spots")
def test_mistake_in_a_query_is_pointed_at(flow: Say) -> None:
    said = flow("items", E, "--where", "dose 5")
    assert said.code == 2
    assert "at character 6" in said.err
    assert "dose 5\n         ^" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("drug_01.ome.tif",),
        ("n=1",),
        ("--split", "a", "--from-folders", "b"),
        ("drug_01.ome.tif", "n=1", "--where", "n = 1"),
    ],
)
@pytest.mark.usefixtures("spots")
def test_wrong_use_is_explained(flow: Say, arguments: tuple[str, ...]) -> None:
    said = flow("annotate", E, *arguments)
    assert said.code == 2
    assert said.err


@pytest.mark.usefixtures("spots")
def test_key_with_a_word_of_queries_tells_how_to_ask_for_it(flow: Say) -> None:
    said = flow("keys", E, "--declare", "name")
    assert said.code == 0
    assert "with quotation marks for the key" in said.err
    flow("annotate", E, "test.ome.tif", "name=mine")
    assert names(flow, "--where", '"name" = mine') == ["test"]
    assert names(flow, "--where", "name = mine") == []


@pytest.mark.usefixtures("spots")
def test_declaration_that_contradicts_itself_says_what_to_do(flow: Say) -> None:
    assert "Choose another key." in flow("keys", E, "--declare", "1a").err
    refused = flow("keys", E, "--declare", "x", "--unit", "mm")
    assert "The key 'x' is text and has no unit." in refused.err
    assert "a choice has its values" in refused.err


@pytest.mark.usefixtures("spots")
def test_images_without_a_fact_are_named(flow: Say, lab: Lab) -> None:
    write_ome_tiff(
        *(lab.folder / "images" / "movie.ome.tif", np.zeros((2, 4, 4), np.uint8)),
        *("TYX",),
        time_step_s=2.5,
    )
    assert flow("import", E, "images").code == 0
    facts = ("annotate", E, "--from-metadata", "dtype,time_step_s,step=pixel_size_x_um")

    shown = flow(*facts, "--preview").out
    done = flow(*facts).out

    for said in (shown, done):
        assert "4 items get no 'time_step_s':\n  control_01.ome.tif" in said
        assert "No item gets 'step'." in said
        assert "names do not fit" not in said
    assert own(flow)["movie"] == {"dtype": "uint8", "time_step_s": 2.5}
    counts = json.loads(flow(*facts, "--json").out)["lacking"]
    assert {key: one["count"] for key, one in counts.items()} == {
        "time_step_s": 4,
        "step": 5,
    }


@pytest.mark.usefixtures("spots")
def test_images_of_which_a_header_says_nothing_are_named(flow: Say) -> None:
    said = flow("annotate", E, "--from-metadata", "time_step_s", "--preview").out

    assert "4 items have a header that says nothing of this:\n  control_01" in said


@pytest.mark.usefixtures("spots")
def test_names_that_fit_in_part_are_named(flow: Say) -> None:
    said = flow("annotate", E, "--from-name", r"^(?P<what>[a-z]+)(_(?P<n>\d+))?").out

    assert "1 item gets no 'n':\n  test.ome.tif" in said


@pytest.mark.usefixtures("spots")
def test_other_unit_of_a_key_with_values_is_told(flow: Say) -> None:
    declared = ("keys", E, "--declare", "dose", "--type", "number", "--unit")
    flow(*declared, "mg")
    flow("annotate", E, "drug_01.ome.tif", "dose=3")

    assert "1 item keeps its value as a number" in (said := flow(*declared, "g")).err
    assert "what was in mg is now in g" in said.err
    assert "keeps" not in flow(*declared, "g").err


@pytest.mark.usefixtures("spots")
def test_key_that_is_a_word_of_queries_is_told(flow: Say) -> None:
    said = flow("annotate", E, "drug_01.ome.tif", "name=x", "and=1", "dose=2")

    assert "In queries name means something else: write '\"name\"'" in said.err
    assert "In queries and means" in said.err
    assert "In queries dose" not in said.err
    assert names(flow, "--where", '"name" = x and "and" = 1') == ["drug_01"]
