"""Hashes of tools: what changes them, and links that are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.catalogue import load_tool
from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.errors import DataError, ToolError

MakeTool = Any
Change = Callable[[Path], object]


def write(name: str, text: str = "changed\n") -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return change


def append(name: str) -> Change:
    def change(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")

    return change


@pytest.mark.parametrize(
    ("change", "is_code", "is_trust"),
    [
        (append("blur.py"), True, True),
        (write("data/weights.bin"), True, True),
        (lambda folder: (folder / "blur.py").rename(folder / "b.py"), True, True),
        (append("../lib/shared.py"), True, True),
        (write("../lib/tests/more.py"), True, True),
        (append("tool.yaml"), False, True),
        (append("tests/make.py"), False, True),
        (append("../toolbox.yaml"), False, True),
        (append("../requirements.lock"), False, True),
        (append("../Dockerfile"), False, True),
        (write("../install.sh"), False, True),
        (write(".hidden.py"), False, True),
        (write("../other/tool.yaml"), False, False),
        (write("../other/script.py"), False, True),
        (write("__pycache__/blur.cpython-312.pyc"), False, False),
        (write("../lib/__pycache__/shared.pyc"), False, False),
        (write(".git/index"), False, False),
    ],
)
def test_what_changes_which_hash(
    make_tool: MakeTool, change: Change, is_code: bool, is_trust: bool
) -> None:
    folder = make_tool()
    before = load_tool(folder)
    code, trust = before.code_sha256, before.trust_sha256
    change(folder)
    after = load_tool(folder)
    assert (after.code_sha256 != code) is is_code
    assert (after.trust_sha256 != trust) is is_trust


def test_files_of_another_tool_of_the_toolbox_do_not_count(make_tool: MakeTool) -> None:
    folder = make_tool()
    make_tool({"id": "box/sharpen"})
    before = load_tool(folder).trust_sha256
    write("../sharpen/blur.py")(folder)
    assert load_tool(folder).trust_sha256 == before


def test_hash_is_the_same_wherever_the_tool_lies(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    one = load_tool(make_tool(place=tmp_path / "here"))
    other = load_tool(make_tool(place=tmp_path / "there"))
    assert one.code_sha256 == other.code_sha256
    assert one.trust_sha256 == other.trust_sha256


def test_bytes_cannot_move_between_files_unnoticed(make_tool: MakeTool) -> None:
    folder = make_tool(files={"a": "12", "b": "3"})
    before = load_tool(folder).code_sha256
    write("a", "1")(folder)
    write("b", "23")(folder)
    assert load_tool(folder).code_sha256 != before


def test_a_large_file_that_changed_is_read_again(make_tool: MakeTool) -> None:
    folder = make_tool()
    path = folder / "weights.bin"
    path.write_bytes(b"a" * 2_000_000)
    before = load_tool(folder).code_sha256
    assert load_tool(folder).code_sha256 == before
    path.unlink()
    path.write_bytes(b"b" * 2_000_000)
    assert load_tool(folder).code_sha256 != before


def test_link_within_the_folder_is_taken(make_tool: MakeTool) -> None:
    folder = make_tool()
    (folder / "alias.py").symlink_to("blur.py")
    assert ("alias.py", folder / "alias.py") in list(files_of(folder))
    assert load_tool(folder).code_sha256


@pytest.mark.parametrize(
    ("name", "target", "sentence"),
    [
        ("secret.txt", "/etc/hostname", "leaves the folder of the tool"),
        ("up", "../lib/shared.py", "leaves the folder of the tool"),
        ("nothing", "no-such-file", "leads nowhere"),
        ("loop", "loop", "leads nowhere"),
        ("again", "tests", "is a link to a folder"),
        ("tests/here", "..", "is a link to a folder"),
    ],
)
def test_other_links_are_refused(
    make_tool: MakeTool, name: str, target: str, sentence: str
) -> None:
    folder = make_tool()
    (folder / name).symlink_to(target)
    with pytest.raises(ToolError, match=sentence):
        _ = load_tool(folder).trust_sha256


def test_a_folder_that_is_a_link_itself_is_taken(
    make_tool: MakeTool, tmp_path: Path
) -> None:
    folder = make_tool()
    (tmp_path / "linked").symlink_to(folder.parent)
    linked = load_tool(tmp_path / "linked" / "blur")
    assert linked.code_sha256 == load_tool(folder).code_sha256


def test_an_unreadable_file_is_named(
    make_tool: MakeTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_tool()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bioimageit_flow.catalogue.content.file_digest", refuse)
    with pytest.raises(DataError, match=r"blur.* cannot be read .Permission denied"):
        _ = load_tool(folder).code_sha256
