"""What another version of a tool changes, before it is taken."""

from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.upgrading import ToolChange
from bioimageit_flow.workflow import Workflow
from tests.two_versions import two_versions


@pytest.fixture
def upgradable(tmp_path: Path) -> Editor:
    """Return an editor with the old version of a tool, wired and set."""
    catalogue = Catalogue([Place(two_versions(tmp_path / "tools"), "user")])
    editor = Editor(Workflow("Old", catalogue=catalogue))
    images = editor.add_dataset("images", "image", (0, 0))
    editor.add_tool("lab/smooth@1.0.0", connect_from=(images, None))
    return editor


def changes(editor: Editor) -> dict[tuple[str, str], ToolChange]:
    found = editor.version_changes("smooth", "2.0.0")
    return {(one.area, one.name): one for one in found}


def test_versions_are_listed_the_newest_first(upgradable: Editor) -> None:
    assert upgradable.versions_of("smooth") == ("2.0.0", "1.0.0")


def test_ports_parameters_image_and_licence_are_compared(upgradable: Editor) -> None:
    found = changes(upgradable)

    assert found["input", "image"].is_felt
    assert "ZYX" in found["input", "image"].new
    assert not found["input", "mask"].is_felt
    assert found["parameter", "sigma.bounds"].old == "0 \u2026 10"
    assert found["parameter", "mode"].new == ""
    assert found["parameter", "passes"].old == ""
    assert (found["image", ""].old, found["image", ""].new) == (
        "lab/smooth:1.0",
        "lab/smooth:2.0",
    )
    assert found["licence", ""].new == "GPL-3.0-only"
    assert not any(area == "output" for area, _ in found)


def test_default_is_felt_only_where_nothing_was_set(upgradable: Editor) -> None:
    assert changes(upgradable)["parameter", "sigma.default"].is_felt
    assert not changes(upgradable)["parameter", "sigma.bounds"].is_felt
    upgradable.set_parameter("smooth", "sigma", 3.0)

    assert not changes(upgradable)["parameter", "sigma.default"].is_felt
    assert changes(upgradable)["parameter", "sigma.bounds"].is_felt


def test_parameter_that_goes_is_felt_where_it_was_set(upgradable: Editor) -> None:
    assert not changes(upgradable)["parameter", "mode"].is_felt
    upgradable.set_parameter("smooth", "mode", "valid")

    assert changes(upgradable)["parameter", "mode"].is_felt


def test_what_is_felt_comes_first(upgradable: Editor) -> None:
    felt = [one.is_felt for one in upgradable.version_changes("smooth", "2.0.0")]

    assert felt == sorted(felt, reverse=True)


def test_same_version_changes_nothing(upgradable: Editor) -> None:
    assert upgradable.version_changes("smooth", "1.0.0") == []
