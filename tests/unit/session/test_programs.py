"""napari and Fiji are found where they are, and missed in words."""

import sys
from pathlib import Path

import pytest

from bioimageit_flow.errors import PluginError
from bioimageit_flow.session import programs as module
from bioimageit_flow.session.programs import FIJI, NAPARI, open_in, programs


def a_program(folder: Path, name: str, writes: Path) -> Path:
    """Write a program that notes what it was started with."""
    path = folder / name
    path.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, sys\n"
        f"part = pathlib.Path({str(writes)!r} + '.part')\n"
        "part.write_text(' '.join(sys.argv[1:]))\n"
        f"part.replace({str(writes)!r})\n"
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the whole PATH of a machine without programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(module, "_FIJI_FOLDERS", (str(tmp_path / "Fiji.app"),))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    for variable in ("BIOIMAGEIT_FLOW_NAPARI", "BIOIMAGEIT_FLOW_FIJI"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def test_what_is_missing_is_said_with_what_to_do(empty: Path) -> None:
    napari, fiji = programs()
    assert (napari.name, fiji.name) == (NAPARI, FIJI)
    assert not napari.is_there
    assert "BIOIMAGEIT_FLOW_FIJI" in fiji.reason
    with pytest.raises(PluginError, match="Fiji was not found"):
        open_in(fiji, [Path("a.tif")])


@pytest.mark.skipif(sys.platform == "win32", reason="programs are scripts here")
def test_programs_are_found_on_the_path_in_their_folder_and_by_name(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note"
    napari = a_program(empty, "napari", note)
    folder = tmp_path / "Fiji.app"
    folder.mkdir()
    fiji = a_program(folder, "fiji-linux-x64", note)
    assert [one.command for one in programs()] == [(str(napari),), (str(fiji),)]
    other = a_program(tmp_path, "my-fiji", note)
    monkeypatch.setenv("BIOIMAGEIT_FLOW_FIJI", str(other))
    assert programs()[1].command == (str(other),)


@pytest.mark.skipif(sys.platform == "win32", reason="programs are scripts here")
def test_a_program_that_does_not_start_is_said(empty: Path, tmp_path: Path) -> None:
    broken = empty / "napari"
    broken.write_text("#!/nowhere/at/all\n")
    broken.chmod(0o755)
    with pytest.raises(PluginError, match="napari does not start"):
        open_in(programs()[0], [tmp_path / "a.tif"])
