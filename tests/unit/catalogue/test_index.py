"""Asking for one tool: which descriptors are read, and that nothing is missed."""

from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import Catalogue, loading
from bioimageit_flow.catalogue.descriptor import read_tool
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.tool import Tool

MakeTool = Any


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the folders whose ``tool.yaml`` was read."""
    names: list[str] = []

    def told(path: Path) -> Tool:
        names.append(path.parent.name)
        return read_tool(path)

    monkeypatch.setattr(loading, "read_tool", told)
    return names


def catalogue_of(*folders: Path) -> Catalogue:
    return Catalogue([Place(folder, "folder") for folder in folders])


def test_one_tool_is_had_without_reading_the_others(
    make_tool: MakeTool, place: Path, read: list[str]
) -> None:
    make_tool(folder="one")
    make_tool({"id": "box/sharpen"}, folder="two")

    catalogue = catalogue_of(place)
    assert catalogue.get("box/blur").ref == "box/blur@1.0.0"
    assert catalogue.get("box/blur@1.0.0").ref == "box/blur@1.0.0"

    assert read == ["one"]
    assert [tool.tool.id for tool in catalogue.tools()] == ["box/blur", "box/sharpen"]


def test_the_newest_version_is_found_wherever_it_lies(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool({"version": "1.2.0"}, folder="one")
    make_tool({"version": "1.10.0"}, folder="two")
    make_tool({"version": "1.3.0"}, folder="three")

    assert catalogue_of(place).get("box/blur").tool.version == "1.10.0"
    assert catalogue_of(place).get("box/blur@1.3.0").tool.version == "1.3.0"


def test_an_id_may_be_written_with_escapes(make_tool: MakeTool, place: Path) -> None:
    folder = make_tool(folder="one")
    make_tool({"id": "box/sharpen"}, folder="two")
    file = folder / "tool.yaml"
    text = file.read_text("utf-8")
    assert "id: box/blur" in text
    file.write_text(text.replace("id: box/blur", r'id: "box\x2fblur"'), "utf-8")

    assert catalogue_of(place).get("box/blur").folder == folder


def test_other_escapes_hide_no_id(
    make_tool: MakeTool, place: Path, read: list[str]
) -> None:
    make_tool(folder="one")
    other = make_tool({"id": "box/sharpen"}, folder="two")
    file = other / "tool.yaml"
    file.write_text(file.read_text("utf-8") + r'help: "C:\\ and \n"' + "\n", "utf-8")

    catalogue_of(place).get("box/blur")

    assert read == ["one"]


def test_a_tool_that_nobody_has_is_told_with_what_comes_close(
    make_tool: MakeTool, place: Path
) -> None:
    make_tool()
    make_tool({"id": "box/sharpen"})

    with pytest.raises(ToolError) as caught:
        catalogue_of(place).get("box/sharpened")

    assert caught.value.remedy == "Did you mean box/sharpen?"


def test_a_changed_descriptor_is_noticed(make_tool: MakeTool, place: Path) -> None:
    folder = make_tool(folder="one")
    catalogue = catalogue_of(place)
    catalogue.get("box/blur")
    file = folder / "tool.yaml"
    text = file.read_text("utf-8")
    assert "1.0.0" in text
    file.write_text(text.replace("1.0.0", "1.11.0"), "utf-8")

    assert catalogue.get("box/blur").tool.version == "1.11.0"
