"""The command that opens the window, where there is none."""

import importlib.util
import sys
from pathlib import Path

import pytest

from bioimageit_flow.cli import edit
from tests.unit.cli.conftest import Say


def test_missing_extra_is_named_with_the_way_to_install_it(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    said = flow("edit")

    assert said.code == 1
    assert "The editor is not installed" in said.err
    assert "pip install 'bioimageit-flow[gui]'" in said.err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always has a display")
@pytest.mark.parametrize("display", ["", ":987"])
def test_missing_display_is_said_before_qt_ends_the_process(
    flow: Say, monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    monkeypatch.setattr(edit, "_PARTS", ())
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)

    said = flow("edit")

    assert said.code == 1
    assert "no display" in said.err


def test_missing_file_is_said_before_a_window_opens(
    flow: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(edit, "_PARTS", ())
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    said = flow("edit", tmp_path / "nowhere.flow.yaml")

    assert said.code == 5
    assert "There is no file" in said.err
