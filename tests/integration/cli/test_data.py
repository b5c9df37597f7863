import json
import sys
from pathlib import Path

import pytest

from bioimageit_flow.testing.samples import raw_item
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab
from tests.private_postgres import PrivateServer

E = "experiment"


def test_new_experiment_is_made(flow: Say, tmp_path: Path) -> None:
    said = flow("new", "spots", "--name", "Spots of two conditions")

    assert said.code == 0
    assert (tmp_path / "spots" / "experiment.db").is_file()
    assert "bioimageit-flow import spots" in said.err


def test_new_experiment_is_on_a_server(
    flow: Say, lab: Lab, postgres_server: PrivateServer
) -> None:
    lab.image(1, "drug_01.ome.tif")
    lab.image(2, "water_02.ome.tif")
    said = flow("new", "spots", "--store", postgres_server.url())
    assert said.code == 0
    text = (lab.folder / "spots" / "experiment.store.yaml").read_text("utf-8")
    assert postgres_server.url() in text
    names = r"(?P<condition>[a-z]+)_\d+"
    assert flow("import", "spots", "images", "--from-name", names).code == 0
    listed = flow("items", "spots", "--where", r'condition ~ "^d" and name ~ "\d"')
    assert "drug_01.ome.tif" in listed.out
    assert "water" not in listed.out
    assert flow("annotate", "spots", "drug_01.ome.tif", "dose=5").code == 0
    assert flow("undo", "spots").code == 0
    assert flow("check", "spots").code == 0


def test_new_refuses_a_bad_address_in_one_sentence(flow: Say, tmp_path: Path) -> None:
    said = flow("new", "spots", "--store", "postgresql://ada:secret@db.lab/flow")
    assert said.code == 8
    assert said.err.count("error:") == 1
    assert "secret" not in said.err
    assert not (tmp_path / "spots").exists()


def test_new_refuses_a_folder_that_is_full(flow: Say, lab: Lab) -> None:
    lab.image(1)

    said = flow("new", "images")

    assert said.code == 8
    assert "images" in said.err
    assert said.err.count("error:") == 1


def test_import_annotates_from_options_and_names(flow: Say, lab: Lab) -> None:
    lab.image(1, "control_01.ome.tif")
    lab.image(2, "drug_02.ome.tif")

    said = flow(
        *("import", E, "images", "--annotate", "dose=3"),
        *("--from-name", r"(?P<condition>[a-z]+)_(?P<n>\d+)"),
    )
    listed = flow("items", E, "--json")

    assert said.code == 0
    assert said.out == "Imported 2 files into raw\n"
    found = {one["name"]: one["annotations"] for one in json.loads(listed.out)}
    assert found == {
        "control_01.ome.tif": {"condition": "control", "n": "01", "dose": 3},
        "drug_02.ome.tif": {"condition": "drug", "n": "02", "dose": 3},
    }


def test_items_are_a_table_with_annotations_as_columns(flow: Say, lab: Lab) -> None:
    lab.image(1, "a.ome.tif")
    lab.image(2, "b.ome.tif")
    flow("import", E, "images/a.ome.tif", "--annotate", "dose=3")
    flow("import", E, "images/b.ome.tif", "--annotate", "is dead=true")

    lines = flow("items", E, "--dataset", "raw").out.splitlines()

    assert lines[0].split("  ")[0] == "item"
    assert "dose" in lines[0]
    assert "is dead" in lines[0]
    assert "YX 4x4 uint16  3" in lines[1]
    assert "true" in lines[2]


def test_import_goes_on_after_a_bad_file_and_says_so(flow: Say, lab: Lab) -> None:
    lab.image(1)
    bad = lab.folder / "images" / "notes.tif"
    bad.write_text("not an image", encoding="utf-8")

    said = flow("import", E, "images")

    assert said.code == 4
    assert "Imported 1 file into raw" in said.out
    assert "notes.tif" in said.err
    assert "1 file refused" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing.tif"], 4, "missing.tif"),
        (["images", "--from-name", "(?P<a"], 4, "regular expression"),
        (["images", "--from-name", "x+"], 4, "named group"),
        (["images", "--annotate", "dose"], 2, "key=value"),
        (["images", "--annotate", "3=1"], 2, "not a key"),
        (["images", "--dataset", "a/b"], 8, "a/b"),
        (["images", "--kind", "picture"], 2, "picture"),
    ],
)
def test_bad_import_is_one_sentence(
    flow: Say, lab: Lab, arguments: list[str], code: int, words: str
) -> None:
    lab.image(1)

    said = flow("import", E, *arguments)

    assert said.code == code
    assert words in said.err
    assert "Traceback" not in said.err
    assert flow("items", E).out == ""


def test_strange_file_names_are_imported_and_shown(flow: Say, lab: Lab) -> None:
    names = [
        "-dash.ome.tif",
        "a b 'q' \"d\".ome.tif",
        "µ日本.ome.tif",
        "[red]x.ome.tif",
    ]
    for number, name in enumerate(names):
        lab.image(number, name)

    said = flow("import", E, "--", *(Path("images") / name for name in names))

    assert said.code == 0
    out = flow("items", E).out
    assert all(name in out for name in names)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_name_with_control_characters_cannot_steer_the_terminal(
    flow: Say, lab: Lab
) -> None:
    lab.image(1, "a\x1b[2J\n.ome.tif")
    flow("import", E, "images")

    out = flow("items", E).out
    assert "\x1b" not in out
    assert out.count("\n") == 2


def test_import_with_two_dashes_takes_names_with_a_dash(
    flow: Say, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.image(1, "-a.ome.tif")
    monkeypatch.chdir(lab.folder / "images")

    assert flow("import", "../experiment", "-a.ome.tif").code == 2
    assert flow("import", "../experiment", "--", "-a.ome.tif").code == 0


def test_import_twice_passes_over_what_is_there(flow: Say, lab: Lab) -> None:
    lab.image(1)
    flow("import", E, "images")

    said = flow("import", E, "images")

    assert said.code == 0
    assert "Imported 0 files" in said.out
    assert "in the dataset already" in said.out


def test_import_tells_programs_what_became_of_each_file(flow: Say, lab: Lab) -> None:
    lab.image(1)
    (lab.folder / "images" / "b.tif").write_bytes(b"II*\0")

    said = flow("import", E, "images", "--json")

    report = json.loads(said.out)
    assert said.code == 4
    assert [Path(one["path"]).name for one in report["imported"]] == [
        "image_001.ome.tif"
    ]
    assert [Path(one["path"]).name for one in report["refused"]] == ["b.tif"]


def test_import_by_reference_copies_nothing(flow: Say, lab: Lab) -> None:
    lab.image(1)

    assert flow("import", E, "images", "--reference").code == 0

    copies = list((lab.folder / E / "data").rglob("*.tif"))
    assert copies == []


def test_datasets_are_counted(flow: Say, lab: Lab) -> None:
    lab.import_images(3)

    assert flow("datasets", E).out.splitlines() == [
        "dataset  kind  items",
        "raw      raw       3",
    ]
    (entry,) = json.loads(flow("datasets", E, "--json").out)
    assert entry == {"name": "raw", "kind": "raw", "items": 3}


def test_annotate_sets_and_removes(flow: Say, lab: Lab) -> None:
    lab.import_images(2)

    said = flow("annotate", E, "image_001.ome.tif", "image_002.ome.tif", "dose=3")
    assert (said.code, said.out) == (0, "Annotated 2 items.\n")
    flow("annotate", E, "image_001.ome.tif", "dose=")

    found = json.loads(flow("items", E, "--json").out)
    assert [one["annotations"] for one in found] == [{}, {"dose": 3}]


@pytest.mark.parametrize(
    "arguments", [["image_001.ome.tif"], ["dose=3"], ["nothing", "dose=3"]]
)
def test_annotate_needs_items_and_values(
    flow: Say, lab: Lab, arguments: list[str]
) -> None:
    lab.import_images(1)

    assert flow("annotate", E, *arguments).code in (2, 8)


@pytest.mark.parametrize("command", ["items", "datasets", "runs"])
def test_experiment_is_found_from_inside(
    flow: Say, lab: Lab, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    lab.import_images(1)
    monkeypatch.chdir(lab.folder / E / "data" / "raw")
    assert flow(command).code == 0

    monkeypatch.chdir(lab.folder)
    said = flow(command)
    assert said.code == 2
    assert "lies in no experiment" in said.err


@pytest.mark.parametrize("command", ["items", "datasets", "runs"])
def test_folder_without_experiment_is_named(flow: Say, command: str) -> None:
    said = flow(command, "nowhere")

    assert said.code == 8
    assert "nowhere" in said.err
    assert "hint:" in said.err


def test_query_for_a_key_that_no_item_has_says_so(flow: Say, lab: Lab) -> None:
    lab.import_images(1)
    lab.experiment.annotate(lab.experiment.items(), {"condition": "drug"})
    query = ("--where", "condiiton = drug")
    for command in (("items",), ("exclude", "--reason", "x"), ("annotate", "a=1")):
        said = flow(command[0], "experiment", *command[1:], *query)
        assert said.code == 0
        assert "No item has the key 'condiiton'; did you mean 'condition'?" in said.err
    assert lab.experiment.count("exists a") == 0


def test_filter_that_nothing_fits_says_so(flow: Say, lab: Lab) -> None:
    lab.image(1)
    said = flow("import", "experiment", "images", "--include", "*.czi")
    assert said.code == 4
    assert (
        "Nothing in images is imported; for instance 'images/image_001.ome.tif'"
        in said.err
    )
    assert "It does not match the filter" in said.err


def test_series_of_a_file_are_listed_in_their_order(flow: Say, lab: Lab) -> None:
    for number in range(12):
        new = raw_item("a.czi", selector=f"series={number}")
        lab.experiment.store.add_raw_items([new])
    found = json.loads(flow("items", "experiment", "--json").out)
    assert [one["selector"] for one in found] == [f"series={n}" for n in range(12)]
