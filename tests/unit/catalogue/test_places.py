"""Where tools are looked for, and in which order."""

import os
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bioimageit_flow.catalogue import Catalogue, places
from bioimageit_flow.catalogue.places import Place, built_in_folder, default_places
from bioimageit_flow.plugins import Plugin

MakeTool = Any


@pytest.fixture(autouse=True)
def _no_tools_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIOIMAGEIT_FLOW_TOOLS", raising=False)
    monkeypatch.setattr(places, "user_folder", lambda: tmp_path / "user")
    monkeypatch.setattr(places, "installed", lambda _group: ())


def plug_in(monkeypatch: pytest.MonkeyPatch, **offered: object) -> None:
    """Pretend that distributions offer folders of tools."""
    module = SimpleNamespace(**offered)

    class Point(EntryPoint):
        def load(self) -> Any:  # noqa: ANN401 - as the base class has it
            return getattr(module, self.name)

    monkeypatch.setattr(
        places,
        "installed",
        lambda _group: tuple(
            Plugin("tools", name, "some-tools", Point(name, "some_tools", "tools"))
            for name in offered
        ),
    )


def test_built_in_tools_are_found_in_a_checkout() -> None:
    folder = built_in_folder()
    assert folder is not None
    assert (folder / "skimage" / "toolbox.yaml").is_file()


def test_built_in_tools_are_found_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "bioimageit_flow"
    (package / "nodes").mkdir(parents=True)
    monkeypatch.setattr(
        "bioimageit_flow.catalogue.places.bioimageit_flow.__file__",
        str(package / "__init__.py"),
    )
    assert built_in_folder() == package / "nodes"


def test_a_stranger_called_nodes_is_not_taken_for_built_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "bioimageit_flow"
    package.mkdir(parents=True)
    (tmp_path / "site-packages" / "nodes").mkdir()
    monkeypatch.setattr(
        "bioimageit_flow.catalogue.places.bioimageit_flow.__file__",
        str(package / "__init__.py"),
    )
    assert built_in_folder() is None


def test_order_is_built_in_user_variable_extra_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = os.pathsep.join([str(tmp_path / "one"), "", str(tmp_path / "two")])
    monkeypatch.setenv("BIOIMAGEIT_FLOW_TOOLS", named)
    plug_in(
        monkeypatch, as_path=tmp_path / "plug", as_function=lambda: tmp_path / "fun"
    )
    found, problems = default_places([tmp_path / "extra"])
    assert [(place.origin, place.folder.name) for place in found] == [
        ("built-in", "nodes"),
        ("user", "user"),
        ("folder", "one"),
        ("folder", "two"),
        ("folder", "extra"),
        ("plug-in", "plug"),
        ("plug-in", "fun"),
    ]
    assert problems == []


def test_extra_folders_may_be_given_as_text_and_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalogue = Catalogue.default(["mine"])
    assert catalogue.places[-1] == Place(tmp_path / "mine", "folder")


def test_a_user_cannot_take_the_place_of_a_built_in_tool(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    original = Catalogue.default().get("skimage/gaussian")
    make_tool(
        {"id": "skimage/gaussian", "version": original.tool.version},
        place=tmp_path / "user",
    )
    catalogue = Catalogue.default()
    assert catalogue.get(original.ref).origin == "built-in"
    assert catalogue.get(original.ref).folder == original.folder
    assert [problem.code for problem in catalogue.problems] == ["duplicate-tool"]


def broken() -> Path:
    raise RuntimeError("the disk is on fire")


@pytest.mark.parametrize(
    ("offered", "sentence"),
    [
        (broken, "cannot be found: RuntimeError: the disk is on fire."),
        (5, "gives a int and not the path of a folder"),
        (lambda: None, "gives a NoneType and not the path of a folder"),
    ],
)
def test_a_broken_plug_in_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, offered: object, sentence: str
) -> None:
    plug_in(monkeypatch, strange=offered)
    (problem,) = Catalogue.default().problems
    assert problem.code == "broken-plugin"
    assert sentence in problem.text
    assert problem.fix == "Update or uninstall some-tools."


def test_a_plug_in_that_cannot_be_imported_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    point = EntryPoint("strange", "no_such_module_here:folder", "tools")
    plugin = Plugin("tools", "strange", "some-tools", point)
    monkeypatch.setattr(places, "installed", lambda _group: (plugin,))
    (problem,) = Catalogue.default().problems
    assert "ModuleNotFoundError" in problem.text
