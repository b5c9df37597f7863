"""Files that are no workflow: one sentence each, and nothing waits for them."""

import json
import os
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.window import MainWindow

COMFY = json.dumps({"last_node_id": 3, "nodes": [], "links": []})


def say(window: MainWindow, path: Path, qtbot: QtBot) -> str:
    window.files.open(path)
    qtbot.waitUntil(lambda: bool(window.message.text), timeout=20_000)
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=20_000)
    assert window.workspace.editors == []
    return window.message.text


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("drawn.json", COMFY, "a workflow of ComfyUI"),
        ("flow.knwf", "PK", "a workflow of KNIME"),
        ("main.nf", "process x {}", "a workflow of Nextflow"),
        ("notes.txt", "hello", "is no workflow, and nothing says what made it"),
        ("empty.flow.yaml", "", "it is empty"),
        ("other.flow.yaml", "a: &a [*a]", "anchors (&name) are not allowed"),
    ],
)
def test_odd_file_gets_its_sentence(
    window: MainWindow,
    name: str,
    text: str,
    sentence: str,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert sentence in say(window, path, qtbot)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_pipe_is_refused_and_not_waited_for(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "pipe.flow.yaml"
    os.mkfifo(path)
    assert "a pipe or a device" in say(window, path, qtbot)


def test_large_file_is_told_while_it_is_read(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    said: list[str] = []
    window.message.shown.connect(said.append)
    path = tmp_path / "large.flow.yaml"
    path.write_text("- x\n" * 20_000, encoding="utf-8")
    window.files.open(path)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=20_000)
    assert said[0] == "Reading large.flow.yaml…"
    assert "no 'schema' line" in said[1]
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=20_000)
