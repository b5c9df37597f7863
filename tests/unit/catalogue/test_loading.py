"""A folder becomes an installed tool; what it lacks comes from its toolbox."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import load_tool
from bioimageit_flow.errors import ToolError

MakeTool = Any


def test_container_environment_and_library_are_those_of_the_toolbox(
    make_tool: MakeTool,
) -> None:
    folder = make_tool()
    tool = load_tool(folder)
    assert tool.ref == "box/blur@1.0.0"
    assert tool.container is not None
    assert tool.container.reference == "local/box:1"
    assert tool.lock == folder.parent / "requirements.lock"
    assert tool.library == folder.parent / "lib"
    assert tool.toolbox_folder == folder.parent
    assert tool.toolbox is not None
    assert tool.toolbox.name == "Box of tools"
    assert tool.origin == "folder"


def test_a_tool_may_have_its_own_container_and_environment(make_tool: MakeTool) -> None:
    changes = {"container": {"image": "other/image"}, "environment": "blur/own.lock"}
    folder = make_tool(changes, files={"own.lock": "numpy==2.4.6\n"})
    tool = load_tool(folder)
    assert tool.container is not None
    assert tool.container.reference == "other/image:latest"
    assert tool.lock == folder / "own.lock"


def test_a_tool_may_stand_alone(make_tool: MakeTool) -> None:
    folder = make_tool({"container": {"image": "other/image"}})
    (folder.parent / "toolbox.yaml").unlink()
    tool = load_tool(folder)
    assert tool.toolbox is None
    assert tool.toolbox_folder == folder
    assert (tool.lock, tool.library) == (None, None)


def test_tool_and_toolbox_may_share_a_folder(make_tool: MakeTool) -> None:
    folder = make_tool()
    box_folder = folder.parent
    for path in folder.iterdir():
        path.rename(box_folder / path.name)
    tool = load_tool(box_folder)
    assert tool.folder == tool.toolbox_folder == box_folder
    assert tool.lock == box_folder / "requirements.lock"


def test_toolbox_is_found_two_levels_up(make_tool: MakeTool) -> None:
    folder = make_tool(folder="blur/1.0.0")
    assert load_tool(folder).toolbox_folder == folder.parent.parent


def test_toolbox_further_up_is_not_looked_for(make_tool: MakeTool) -> None:
    folder = make_tool({"container": {"image": "x"}}, folder="a/b/c")
    assert load_tool(folder).toolbox is None


def test_folder_without_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"There is no tool\.yaml in .*tools new"):
        load_tool(tmp_path)


def test_tool_of_another_toolbox(make_tool: MakeTool) -> None:
    folder = make_tool(box={"id": "box"})
    other = folder.parent.with_name("other")
    shutil.copytree(folder.parent, other)
    text = (other / "toolbox.yaml").read_text(encoding="utf-8")
    (other / "toolbox.yaml").write_text(text.replace("id: box", "id: other"))
    with pytest.raises(ToolError, match=r"lies in the toolbox 'other'.*other/blur"):
        load_tool(other / "blur")


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        (
            "requirements.lock",
            "'environment' is 'requirements.lock', but there is no su",
        ),
        ("lib", "'library' is 'lib', but there is no such folder"),
    ],
)
def test_what_a_toolbox_names_must_be_there(
    make_tool: MakeTool, gone: str, sentence: str
) -> None:
    folder = make_tool()
    (folder.parent / gone).rename(folder.parent / "elsewhere")
    with pytest.raises(ToolError, match=rf"toolbox\.yaml: {sentence}"):
        load_tool(folder)


def test_a_lock_cannot_be_a_link_out_of_the_toolbox(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    folder = make_tool()
    lock = folder.parent / "requirements.lock"
    lock.rename(tmp_path / "outside.lock")
    lock.symlink_to(tmp_path / "outside.lock")
    with pytest.raises(ToolError, match="a link that leaves"):
        load_tool(folder)


def test_a_folder_may_be_named_from_where_one_stands(
    make_tool: MakeTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_tool()
    monkeypatch.chdir(folder)
    assert load_tool(Path()).folder == folder
    assert load_tool(Path(os.curdir)).toolbox_folder == folder.parent
