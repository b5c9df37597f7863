"""Output of a tool is not trusted: refused in one sentence, or made harmless."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.executors import output_files, outputs
from bioimageit_flow.executors.outputs import OutputFile, collect_outputs
from bioimageit_flow.model.tool import Tool
from tests.unit.executors.job_bench import tool

posix = pytest.mark.skipif(os.name != "posix", reason="needs files of POSIX")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    (folder / "out" / "result").mkdir(parents=True)
    return folder


def one(tmp_path: Path) -> Tool:
    return tool(tmp_path).tool


def many(tmp_path: Path, **port: object) -> Tool:
    entry = {"kind": "file", "format": "text", "many": True, **port}
    return tool(tmp_path, outputs={"result": entry}).tool


def collected(job: Path, found: Tool) -> tuple[OutputFile, ...]:
    return collect_outputs(job, found, {})


def refusal(job: Path, found: Tool) -> str:
    with pytest.raises(DataError) as caught:
        collected(job, found)
    assert all(letter.isprintable() for letter in caught.value.message)
    assert caught.value.message.startswith("output 'result'")
    return caught.value.message


def socket_at(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


@posix
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "is a link"),
        (lambda path: path.symlink_to("nowhere"), "is a link"),
        (lambda path: path.symlink_to("../../../../secret"), "is a link"),
        (os.mkfifo, "is a named pipe"),
        (socket_at, "is a socket"),
    ],
    ids=["link", "dead link", "link out of the folder", "pipe", "socket"],
)
def test_what_is_no_file_is_refused(
    job: Path, tmp_path: Path, make: Callable[[Path], object], what: str
) -> None:
    (tmp_path / "secret").write_text("of the caller")
    make(job / "out/result/0.txt")
    assert what in refusal(job, one(tmp_path))
    assert what in refusal(job, many(tmp_path))


@posix
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes devices"
)
def test_device_is_refused_and_not_read(job: Path, tmp_path: Path) -> None:
    try:
        os.mknod(job / "out/result/0.txt", 0o20666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("this file system or container allows no devices")
    assert "is a device" in refusal(job, one(tmp_path))


@posix
@pytest.mark.parametrize("target", ["/etc", "../../in", "."])
def test_folder_of_a_port_that_is_a_link_is_refused(
    job: Path, tmp_path: Path, target: str
) -> None:
    (job / "in").mkdir()
    (job / "in/0.txt").write_text("x")
    (job / "out/result").rmdir()
    (job / "out/result").symlink_to(target)
    assert "its folder is gone" in refusal(job, one(tmp_path))


@posix
def test_links_inside_of_a_folder_are_refused(job: Path, tmp_path: Path) -> None:
    found = tool(
        tmp_path, outputs={"result": {"kind": "image", "format": "ome-zarr"}}
    ).tool
    inner = job / "out/result/0.ome.zarr/0/c"
    inner.mkdir(parents=True)
    (inner / "0").symlink_to("/etc/passwd")
    assert "'0' is a link" in refusal(job, found)
    (inner / "0").unlink()
    (inner / "0").symlink_to("/etc", target_is_directory=True)
    assert "'0' is a link" in refusal(job, found)


@posix
def test_hard_link_is_replaced_by_a_copy(job: Path, tmp_path: Path) -> None:
    outside = tmp_path / "raw.txt"
    outside.write_text("raw data of the caller")
    os.link(outside, job / "out/result/0.txt")

    (found,) = collected(job, one(tmp_path))
    found.path.write_text("stamped")

    assert outside.read_text() == "raw data of the caller"
    assert found.path.stat().st_nlink == 1
    assert [path.name for path in (job / "out/result").iterdir()] == ["0.txt"]


@posix
def test_two_outputs_that_are_one_file_become_two(job: Path, tmp_path: Path) -> None:
    (job / "out/result/a.txt").write_text("x")
    os.link(job / "out/result/a.txt", job / "out/result/b.txt")
    first, second = collected(job, many(tmp_path))
    first.path.write_text("stamped")
    assert second.path.read_text() == "x"


def test_file_that_is_a_hole_is_refused(job: Path, tmp_path: Path) -> None:
    path = job / "out/result/0.txt"
    with path.open("wb") as file:
        file.write(b"begin")
        try:
            file.truncate(2**40)
        except OSError:
            pytest.skip("this file system has no sparse files")
    if path.stat().st_blocks * 512 > 2**39:
        pytest.skip("this file system has no sparse files")
    said = refusal(job, one(tmp_path))
    assert "claims 1.0 TiB and holds 4.0 KiB" in said


@posix
@pytest.mark.parametrize(
    ("name", "what"),
    [
        (b"new\nline.txt", "'new\\nline.txt'"),
        (b"\x1b[2J\x1b]0;owned\x07.txt", "\\x1b[2J"),
        (b"latin-\xe9.txt", "not UTF-8"),
        (b"back\\slash.txt", "backslashes"),
        ("\u202etxt.exe".encode(), "\\u202e"),
        (b"\t.txt", "'\\t.txt'"),
    ],
)
def test_names_that_could_harm_are_refused(
    job: Path, tmp_path: Path, name: bytes, what: str
) -> None:
    Path(os.fsdecode(os.fsencode(job / "out/result") + b"/" + name)).write_text("x")
    assert what in refusal(job, many(tmp_path))
    # Where another file is wanted, the message names what is there instead.
    assert "is missing" in refusal(job, one(tmp_path))


@posix
@pytest.mark.parametrize(
    "name", ["-rf.txt", "con.txt", "~.txt", "日本 ü.txt", "a'b.txt"]
)
def test_odd_names_are_taken(job: Path, tmp_path: Path, name: str) -> None:
    (job / "out/result" / name).write_text("x")
    (found,) = collected(job, many(tmp_path))
    assert found.part == name.removesuffix(".txt")


def test_number_of_files_is_bounded(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "MAX_PARTS", 20)
    for number in range(21):
        (job / f"out/result/{number}.txt").write_text("x")
    assert "more than 20 files" in refusal(job, many(tmp_path))
    (job / "out/result/0.txt").unlink()
    assert len(collected(job, many(tmp_path))) == 20


def test_files_and_depth_within_a_folder_are_bounded(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tool(
        tmp_path, outputs={"result": {"kind": "image", "format": "ome-zarr"}}
    ).tool
    deep = job / "out/result/0.ome.zarr"
    for _ in range(output_files.MAX_DEPTH + 1):
        deep /= "d"
    deep.mkdir(parents=True)
    assert "deeper than 32" in refusal(job, found)
    monkeypatch.setattr(output_files, "MAX_FILES", 10)
    assert "more than 10 files" in refusal(job, found)


@posix
def test_special_rights_do_not_get_out(job: Path, tmp_path: Path) -> None:
    from bioimageit_flow.runtimes.staging import take_back

    path = job / "out/result/0.txt"
    path.write_text("x")
    path.chmod(0o6755)
    (job / "out/result").chmod(0o3777)
    take_back(job / "out", None)
    (found,) = collected(job, one(tmp_path))
    assert found.path.stat().st_mode & 0o7000 == 0
    assert (job / "out/result").stat().st_mode & 0o7000 == 0
