import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioimageit_flow.formats import hash_content

Refused = Callable[[Callable[[], object]], str]


def test_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    data = os.urandom(3 * 2**20 + 7)
    path.write_bytes(data)
    content = hash_content(path)
    assert content.sha256 == sha256(data).hexdigest()
    assert content.size == len(data)
    assert not content.is_folder


def test_progress_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(2**20 + 5))
    steps: list[int] = []
    hash_content(path, on_bytes=steps.append)
    assert steps == [2**20, 5]


def make(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_folder_is_known_by_its_files(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"b/c": b"22", "a": b"1", 'b "q"\n': b"", "é": b"4"})
    lines = [
        f'["a",1,"{sha256(b"1").hexdigest()}"]\n',
        f'["b \\"q\\"\\n",0,"{sha256(b"").hexdigest()}"]\n',
        f'["b/c",2,"{sha256(b"22").hexdigest()}"]\n',
        f'["é",1,"{sha256(b"4").hexdigest()}"]\n',
    ]
    content = hash_content(folder)
    assert content.sha256 == sha256("".join(lines).encode()).hexdigest()
    assert (content.size, content.is_folder) == (4, True)


def test_copy_of_a_folder_is_the_same_content(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"x/y/z": b"1", "x/a": b"2", "b": b"3"})
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    (copy / "empty").mkdir()
    assert hash_content(copy) == hash_content(folder)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c/a", "c/b"]), st.binary(max_size=3),
                    min_size=1),
    st.dictionaries(st.sampled_from(["a", "b", "c/a", "c/b"]), st.binary(max_size=3),
                    min_size=1),
)  # fmt: skip
def test_folders_are_equal_only_if_their_files_are(
    tmp_path: Path, first: dict[str, bytes], second: dict[str, bytes]
) -> None:
    hashes = []
    for files in (first, second):
        shutil.rmtree(tmp_path / "f", ignore_errors=True)
        hashes.append(hash_content(make(tmp_path / "f", files)))
    assert (hashes[0] == hashes[1]) is (first == second)


def test_refuses_links_and_special_files_in_a_folder(
    tmp_path: Path, refused: Refused
) -> None:
    folder = make(tmp_path / "f", {"a": b"1"})
    (folder / "link").symlink_to("a")
    assert "holds 'link', which is a link" in refused(lambda: hash_content(folder))
    (folder / "link").unlink()
    (folder / "sub").symlink_to(tmp_path, target_is_directory=True)
    assert "holds 'sub'" in refused(lambda: hash_content(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_refuses_pipes(tmp_path: Path, refused: Refused) -> None:
    folder = make(tmp_path / "f", {"a": b"1"})
    os.mkfifo(folder / "pipe")
    assert "pipe" in refused(lambda: hash_content(folder))
    assert "pipe" in refused(lambda: hash_content(folder / "pipe"))


def test_refuses_empty_folder_and_missing_file(
    tmp_path: Path, refused: Refused
) -> None:
    assert "without files" in refused(lambda: hash_content(tmp_path))
    assert "does not exist" in refused(lambda: hash_content(tmp_path / "no"))


def test_refuses_file_that_changes_meanwhile(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(2**20))

    def still_writing(count: int) -> None:
        if path.stat().st_size < 2**20 + 10:
            with path.open("ab") as stream:
                stream.write(bytes(10))

    text = refused(lambda: hash_content(path, on_bytes=still_writing))
    assert "changed while it was read" in text


def test_deep_folder(tmp_path: Path) -> None:
    place = tmp_path / "f"
    for _ in range(200):
        place /= "d"
    place.mkdir(parents=True)
    (place / "a").write_bytes(b"1")
    assert hash_content(tmp_path / "f").size == 1
