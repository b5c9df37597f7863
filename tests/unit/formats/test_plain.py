import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.formats import probe
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


def test_zip(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    assert (probe(path).kind, probe(path).format) == (Kind.FILE, "zip")
    path.write_bytes(path.read_bytes()[:-30])
    assert "truncated" in refused(lambda: probe(path))


@pytest.mark.parametrize("text", ["x", "µm\n", "a\tb\n", "1,2\n" * 5000])
def test_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert (probe(path).kind, probe(path).format) == (Kind.FILE, "text")


def test_macro_in_latin_1_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.ijm"
    path.write_bytes(b'run("Set Scale...", "unit=\xb5m");\n')
    assert probe(path).format == "text"


def test_character_cut_at_the_end_of_the_head_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("µ" * 10_000 + "x", encoding="utf-8")
    assert probe(path).format == "text"
    path.write_text("x" + "µ" * 10_000, encoding="utf-8")
    assert probe(path).format == "text"


def test_bytes_called_text_are_refused(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(256)))
    assert "other bytes" in refused(lambda: probe(path))


def test_unknown_bytes_are_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_bytes(bytes(range(256)))
    assert (probe(path).kind, probe(path).format) == (Kind.FILE, "file")


@pytest.mark.parametrize(
    ("text", "format_name"),
    [("plain", "text"), ('{"value": 1}', "json"), ("{x}", "text"), ("<svg/>", "svg")],
)
def test_text_of_unknown_name_is_told_by_its_content(
    tmp_path: Path, text: str, format_name: str
) -> None:
    path = tmp_path / "noname"
    path.write_text(text)
    assert probe(path).format == format_name
