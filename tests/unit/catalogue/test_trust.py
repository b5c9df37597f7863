"""Trust is given to content: a changed tool is another tool."""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from bioimageit_flow.catalogue import Trust, load_tool
from bioimageit_flow.errors import DataError, NewerVersionError, ToolError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.tool import ToolOrigin

MakeTool = Any


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path / "settings" / "trusted.json")


def test_nothing_is_trusted_at_first(make_tool: MakeTool, trust: Trust) -> None:
    assert not trust.is_trusted(load_tool(make_tool()))
    assert trust.list() == ()
    assert not trust.path.exists()


def test_built_in_tools_are_always_trusted(make_tool: MakeTool, trust: Trust) -> None:
    assert trust.is_trusted(load_tool(make_tool(), "built-in"))


@pytest.mark.parametrize("origin", ["user", "folder", "plug-in"])
def test_a_tool_is_trusted_wherever_it_lies(
    make_tool: MakeTool, trust: Trust, origin: ToolOrigin, tmp_path: Path
) -> None:
    trust.trust(load_tool(make_tool()))
    copy = load_tool(make_tool(place=tmp_path / "elsewhere"), origin)
    assert trust.is_trusted(copy)


@pytest.mark.parametrize(
    "changed", ["blur.py", "tool.yaml", "tests/make.py", "../requirements.lock"]
)
def test_a_changed_tool_is_not_trusted(
    make_tool: MakeTool, trust: Trust, changed: str
) -> None:
    folder = make_tool()
    trust.trust(load_tool(folder))
    assert trust.is_trusted(load_tool(folder))
    with (folder / changed).open("a", encoding="utf-8") as file:
        file.write("\n# one more line\n")
    assert not trust.is_trusted(load_tool(folder))


def test_what_is_trusted_is_listed(make_tool: MakeTool, trust: Trust) -> None:
    tool = load_tool(make_tool())
    trust.trust(tool)
    trust.trust(tool)
    (one,) = trust.list()
    assert (one.kind, one.name) == ("tool", "box/blur@1.0.0")
    assert one.sha256 == tool.trust_sha256
    assert one.since.endswith("+00:00")


@pytest.mark.parametrize("name", ["box/blur@1.0.0", "box/blur"])
def test_trust_can_be_taken_back(make_tool: MakeTool, trust: Trust, name: str) -> None:
    tool = load_tool(make_tool())
    other = load_tool(make_tool({"id": "box/sharpen"}))
    trust.trust(tool)
    trust.trust(other)
    (gone,) = trust.revoke(name)
    assert gone.name == "box/blur@1.0.0"
    assert not trust.is_trusted(tool)
    assert trust.is_trusted(other)
    assert trust.revoke(name) == ()


def test_trust_of_a_workflow_is_not_that_of_a_tool(
    make_tool: MakeTool, trust: Trust
) -> None:
    tool = load_tool(make_tool())
    trust.trust_content("workflow", "Two populations", tool.trust_sha256)
    assert trust.is_trusted_content("workflow", tool.trust_sha256)
    assert not trust.is_trusted_content("workflow", Sha256("0" * 64))
    assert not trust.is_trusted(tool)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_user_may_read_the_file(make_tool: MakeTool, trust: Trust) -> None:
    old = os.umask(0)
    try:
        trust.trust(load_tool(make_tool()))
    finally:
        os.umask(old)
    assert stat.S_IMODE(trust.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(trust.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"trusted": []}',
        '{"schema": "bioimageit-flow/trust/1"}',
        '{"schema": "bioimageit-flow/trust/1", "trusted": ["x"]}',
        '{"schema": "bioimageit-flow/trust/1", "trusted": [{"kind": "tool"}]}',
    ],
)
def test_a_damaged_file_neither_trusts_nor_is_forgotten(
    make_tool: MakeTool, trust: Trust, text: str
) -> None:
    trust.path.parent.mkdir()
    trust.path.write_text(text, encoding="utf-8")
    tool = load_tool(make_tool())
    for ask in (trust.is_trusted, trust.trust):
        with pytest.raises(DataError, match="cannot be read"):
            ask(tool)
    assert trust.path.read_text(encoding="utf-8") == text


def test_a_newer_file_is_left_alone(make_tool: MakeTool, trust: Trust) -> None:
    trust.path.parent.mkdir()
    trust.path.write_text('{"schema": "bioimageit-flow/trust/2"}', encoding="utf-8")
    with pytest.raises(NewerVersionError, match="pip install --upgrade"):
        trust.trust(load_tool(make_tool()))


def test_a_failed_write_leaves_the_old_file(
    make_tool: MakeTool, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.trust(load_tool(make_tool()))
    before = trust.path.read_text(encoding="utf-8")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bioimageit_flow.catalogue.trust.os.fsync", no_space)
    with pytest.raises(DataError, match="No space left on device"):
        trust.revoke("box/blur")
    assert trust.path.read_text(encoding="utf-8") == before
    left = {path.name for path in trust.path.parent.iterdir()}
    assert left <= {"trusted.json", "trusted.json.lock"}


def test_a_folder_that_cannot_be_made_is_named(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    trust = Trust(tmp_path / "file" / "trusted.json")
    with pytest.raises(DataError, match=r"trusted\.json cannot be (written|read)"):
        trust.trust(load_tool(make_tool()))


def test_another_writer_is_waited_for_and_then_named(
    make_tool: MakeTool, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.catalogue.trust._LOCK_TIMEOUT_S", 0)
    trust.path.parent.mkdir()
    with (
        FileLock(f"{trust.path}.lock"),
        pytest.raises(ToolError, match="Another program is writing"),
    ):
        trust.trust(load_tool(make_tool()))


def test_the_users_file_lies_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path))
    assert Trust.of_user().path == tmp_path / "trusted.json"
    monkeypatch.delenv("BIOIMAGEIT_FLOW_CONFIG")
    assert Trust.of_user().path.name == "trusted.json"
    assert Trust.of_user().path.parent.name == "bioimageit-flow"


def test_the_file_is_plain_json(make_tool: MakeTool, trust: Trust) -> None:
    trust.trust(load_tool(make_tool()))
    content = json.loads(trust.path.read_text(encoding="utf-8"))
    assert content["schema"] == "bioimageit-flow/trust/1"
    assert content["trusted"][0]["name"] == "box/blur@1.0.0"
