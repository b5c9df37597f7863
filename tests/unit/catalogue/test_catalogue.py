"""The catalogue: who wins, what is broken, and what a question is answered with."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.errors import ToolError

MakeTool = Any


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


def catalogue_of(*folders: Path) -> Catalogue:
    return Catalogue([Place(folder, "folder") for folder in folders])


def refs(catalogue: Catalogue) -> list[str]:
    return [tool.ref for tool in catalogue.tools()]


def test_tools_are_found_in_toolboxes(make_tool: MakeTool, place: Path) -> None:
    make_tool()
    make_tool({"id": "box/sharpen"})
    make_tool({"id": "other/blur"})
    catalogue = catalogue_of(place)
    assert refs(catalogue) == [
        "box/blur@1.0.0",
        "box/sharpen@1.0.0",
        "other/blur@1.0.0",
    ]
    assert catalogue.problems == ()


@pytest.mark.parametrize("given", ["place/box/blur", "place/box", "place", ""])
def test_a_place_may_be_a_tool_a_toolbox_or_a_folder_of_them(
    make_tool: MakeTool, tmp_path: Path, given: str
) -> None:
    make_tool()
    catalogue = catalogue_of(tmp_path / given)
    assert refs(catalogue) == ["box/blur@1.0.0"]
    assert catalogue.get("box/blur").lock is not None


def test_deeper_folders_and_tests_are_not_looked_at(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool(folder="a/b/c")
    make_tool(folder="blur/tests")
    make_tool(folder=".hidden")
    assert refs(catalogue_of(place)) == []


def test_versions_lie_side_by_side(make_tool: MakeTool, place: Path) -> None:
    for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"):
        make_tool({"version": version}, folder=f"blur/{version}")
    catalogue = catalogue_of(place)
    assert catalogue.versions("box/blur") == ("2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0")
    assert catalogue.get("box/blur").ref == "box/blur@2.0.0-rc.1"
    assert catalogue.get("box/blur@1.9.0").folder == place / "box/blur/1.9.0"
    assert [tool.ref for tool in catalogue.newest()] == ["box/blur@2.0.0-rc.1"]
    assert catalogue.versions("box/nothing") == ()


def test_first_place_wins_and_the_other_is_told(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_tool(place=first)
    make_tool({"name": "Impostor"}, place=second)
    make_tool({"version": "1.0.1"}, place=second, folder="newer")
    catalogue = Catalogue([Place(first, "built-in"), Place(second, "user")])
    assert catalogue.get("box/blur@1.0.0").tool.name == "Blur"
    assert catalogue.get("box/blur@1.0.0").origin == "built-in"
    assert catalogue.versions("box/blur") == ("1.0.1", "1.0.0")
    (problem,) = catalogue.problems
    assert problem.code == "duplicate-tool"
    assert f"{second / 'box/blur'} is hidden by the built-in tool" in problem.text


def test_the_same_folder_named_twice_is_no_problem(
    make_tool: MakeTool, place: Path, tmp_path: Path
) -> None:
    make_tool()
    (tmp_path / "link").symlink_to(place)
    catalogue = catalogue_of(place, place / "box", tmp_path / "link")
    assert refs(catalogue) == ["box/blur@1.0.0"]
    assert catalogue.problems == ()


def test_a_broken_tool_is_a_problem_and_the_others_work(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool()
    broken = make_tool({"id": "box/sharpen", "summary": None})
    catalogue = catalogue_of(place)
    assert refs(catalogue) == ["box/blur@1.0.0"]
    (problem,) = catalogue.problems
    assert (problem.code, problem.item) == ("broken-tool", str(broken))
    assert "'summary' is missing" in problem.text


def test_a_broken_tool_that_is_asked_for_says_why(make_tool: MakeTool) -> None:
    folder = make_tool({"summary": None})
    with pytest.raises(ToolError, match=r"cannot be read.*'summary' is missing"):
        catalogue_of(folder).get("box/blur")


def test_a_broken_toolbox_breaks_its_tools_only(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool({"id": "bad/one"}, box={"name": None})
    make_tool({"id": "bad/two"}, box={"name": None})
    make_tool()
    catalogue = catalogue_of(place)
    assert refs(catalogue) == ["box/blur@1.0.0"]
    assert {problem.code for problem in catalogue.problems} == {"broken-tool"}


def test_a_missing_place_is_a_problem_unless_it_is_the_users(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert Catalogue([Place(gone, "user")]).problems == ()
    (problem,) = catalogue_of(gone).problems
    assert problem.code == "missing-folder"
    assert f"{gone} is not there" in problem.text


def test_a_place_that_is_far_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.catalogue.places.MAX_FOLDERS", 10)
    for number in range(11):
        (tmp_path / f"{number}").mkdir()
    (problem,) = catalogue_of(tmp_path).problems
    assert "has more than 10 folders" in problem.text


@pytest.mark.parametrize(
    ("ref", "sentence"),
    [
        ("box/blurr", "There is no tool 'box/blurr'. Did you mean box/blur?"),
        ("blur", "There is no tool 'blur'. Did you mean box/blur?"),
        ("xob/blur", "Did you mean box/blur?"),
        ("box/blur@2.0.0", "no version 2.0.0 of the tool box/blur. There are: 1.0.0."),
        ("nothing/alike", "There is no tool 'nothing/alike'. See `bioimageit-flow"),
        ("", "There is no tool ''."),
        ("@1.0.0", "There is no tool ''."),
    ],
)
def test_an_unknown_tool_names_those_that_come_close(
    make_tool: MakeTool, place: Path, ref: str, sentence: str
) -> None:
    make_tool()
    with pytest.raises(ToolError) as caught:
        catalogue_of(place).get(ref)
    assert sentence in str(caught.value)


def test_without_any_tool_one_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="No tools are installed"):
        catalogue_of(tmp_path).get("box/blur")


def test_a_changed_descriptor_is_noticed(make_tool: MakeTool, place: Path) -> None:
    make_tool()
    catalogue = catalogue_of(place)
    assert catalogue.get("box/blur").tool.name == "Blur"
    make_tool({"name": "Another name"})
    assert catalogue.get("box/blur").tool.name == "Another name"


def test_a_changed_toolbox_is_noticed(make_tool: MakeTool, place: Path) -> None:
    make_tool()
    catalogue = catalogue_of(place)
    catalogue.tools()
    make_tool(box={"container.tag": "twenty-three"})
    container = catalogue.get("box/blur").container
    assert container is not None
    assert container.tag == "twenty-three"


def test_code_that_changed_is_seen_by_who_asks_anew(
    make_tool: MakeTool, place: Path
) -> None:
    folder = make_tool()
    catalogue = catalogue_of(place)
    before = catalogue.get("box/blur")
    code = before.code_sha256
    (folder / "blur.py").write_text("changed", encoding="utf-8")
    assert catalogue.get("box/blur").code_sha256 != code
    assert before.code_sha256 == code


def test_new_tools_are_seen_after_refresh(make_tool: MakeTool, place: Path) -> None:
    make_tool()
    catalogue = catalogue_of(place)
    assert len(catalogue.tools()) == 1
    make_tool({"id": "box/sharpen"})
    catalogue.refresh()
    assert len(catalogue.tools()) == 2


def test_a_tool_that_vanished_is_a_problem(make_tool: MakeTool, place: Path) -> None:
    folder = make_tool()
    catalogue = catalogue_of(place)
    assert len(catalogue.tools()) == 1
    (folder.parent / "requirements.lock").unlink()
    assert catalogue.tools() == ()
    assert [problem.code for problem in catalogue.problems] == ["broken-tool"]
    shutil.rmtree(folder)
    with pytest.raises(ToolError, match="There is no tool 'box/blur'"):
        catalogue.get("box/blur")


def test_toolboxes_have_their_tools(make_tool: MakeTool, place: Path) -> None:
    make_tool()
    make_tool({"version": "1.1.0"}, folder="newer")
    alone = make_tool({"id": "lone/tool", "container": {"image": "x"}})
    (alone.parent / "toolbox.yaml").unlink()
    box, lone = catalogue_of(place).toolboxes()
    assert (box.id, box.name, box.folder) == ("box", "Box of tools", place / "box")
    assert [tool.ref for tool in box.tools] == ["box/blur@1.1.0"]
    assert (lone.id, lone.name, lone.folder) == ("lone", "lone", alone)


def test_an_unknown_toolbox_names_those_that_come_close(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool()
    catalogue = catalogue_of(place)
    assert catalogue.toolbox("box").id == "box"
    with pytest.raises(ToolError, match=r"no toolbox 'boxx'\. Did you mean box"):
        catalogue.toolbox("boxx")


def test_search_gives_one_version_of_each_tool(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool()
    make_tool({"version": "1.1.0"}, folder="newer")
    assert [tool.ref for tool in catalogue_of(place).search("blur")] == [
        "box/blur@1.1.0"
    ]


def test_listing_runs_and_hashes_nothing(
    make_tool: MakeTool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("hashed")

    make_tool()
    monkeypatch.setattr("bioimageit_flow.catalogue.loading.code_hash", fail)
    monkeypatch.setattr("bioimageit_flow.catalogue.loading.trust_hash", fail)
    catalogue = catalogue_of(place)
    assert catalogue.tools()
    assert catalogue.get("box/blur")
    assert catalogue.search("blur")
    assert catalogue.toolboxes()


def test_an_unreadable_folder_is_passed_over(
    make_tool: MakeTool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tool()
    (place / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> Any:  # noqa: ANN401 - an iterator of the standard library
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("bioimageit_flow.catalogue.places.os.scandir", refuse)
    assert refs(catalogue_of(place)) == ["box/blur@1.0.0"]
