import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from bioimageit_flow.formats import probe
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


def test_missing_file(tmp_path: Path, refused: Refused) -> None:
    assert "'no.tif' does not exist" in refused(lambda: probe(Path("no.tif")))
    (tmp_path / "a.tif").write_text("x")
    text = refused(lambda: probe(tmp_path / "a.tif" / "b.tif"))
    assert "does not exist" in text


def test_folder(tmp_path: Path, refused: Refused) -> None:
    assert "is a folder" in refused(lambda: probe(tmp_path))


def test_empty_file(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.tif"
    path.touch()
    assert "is empty" in refused(lambda: probe(path))


def test_path_with_a_nul(refused: Refused) -> None:
    assert "is not a path" in refused(lambda: probe(Path("a\0.tif")))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_pipe_does_not_block(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.tif"
    os.mkfifo(path)
    assert "pipe" in refused(lambda: probe(path))


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets here")
def test_socket(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.tif")
        assert stat.S_ISSOCK(Path("a.tif").stat().st_mode)
        assert "socket" in refused(lambda: probe(Path("a.tif")))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything"
)
def test_unreadable_file(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.tif"
    path.write_text("x")
    path.chmod(0)
    assert "permission denied" in refused(lambda: probe(path))


def test_link_is_followed(tmp_path: Path, pixels: Pixels) -> None:
    tifffile.imwrite(tmp_path / "a.tif", pixels(8, 8))
    (tmp_path / "b.tif").symlink_to("a.tif")
    assert probe(tmp_path / "b.tif").shape == (8, 8)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.tif", "is called a TIFF but holds text"),
        ("a.OME.TIFF", "is called a TIFF but holds text"),
        ("a.png", "is called a PNG but holds text"),
        ("a.parquet", "is called Parquet but holds text"),
        ("a.zip", "is called a zip archive but holds text"),
        ("a.czi", "is called a CZI but holds text"),
        ("a.ND2", "is called an ND2 but holds text"),
        ("a.lif", "is called a LIF but holds text"),
    ],
)
@pytest.mark.parametrize("kind", [None, Kind.IMAGE, Kind.FILE])
def test_text_with_the_name_of_another_format(
    tmp_path: Path, refused: Refused, name: str, reason: str, kind: Kind | None
) -> None:
    path = tmp_path / name
    path.write_text("x,y\n1,2\n")
    assert reason in refused(lambda: probe(path, kind=kind))


def test_bytes_with_the_name_of_a_tiff(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(bytes(100))
    assert "but holds other bytes" in refused(lambda: probe(path))


def test_content_counts_and_not_the_name(tmp_path: Path, pixels: Pixels) -> None:
    for name in ("a.csv", "a.ome.tif", "a.png", "noname"):
        tifffile.imwrite(tmp_path / name, pixels(8, 8), ome=False)
        assert probe(tmp_path / name).format == "tiff"


@pytest.mark.parametrize(
    "name", ["-rf.tif", "a b.tif", 'it\'s "x".tif', "µ 漢字.tif", "a$(x).tif"]
)
def test_odd_names(tmp_path: Path, pixels: Pixels, name: str) -> None:
    tifffile.imwrite(tmp_path / name, pixels(8, 8))
    assert probe(tmp_path / name).shape == (8, 8)


def test_labels_are_whole_numbers(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    path = tmp_path / "a.tif"
    for dtype in ("uint8", "int32", "bool"):
        tifffile.imwrite(path, pixels(8, 8).astype(dtype))
        assert probe(path, kind=Kind.LABELS).kind is Kind.LABELS
    tifffile.imwrite(path, pixels(8, 8).astype("float32"))
    assert "labels are whole numbers" in refused(lambda: probe(path, kind=Kind.LABELS))


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.MODEL, Kind.SHAPES, Kind.SURFACE])
def test_kinds_without_a_form_take_everything(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(100))
    assert probe(path, kind=kind).kind is kind


def test_kinds_that_do_not_fit(
    tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    image, table, text = (tmp_path / name for name in ("a.tif", "a.csv", "a.txt"))
    tifffile.imwrite(image, pixels(8, 8))
    table.write_text("a,b\n1,2\n")
    text.write_text("a b\n1 2\n")
    assert "not a table" in refused(lambda: probe(image, kind=Kind.TABLE))
    assert "not a scalar" in refused(lambda: probe(table, kind=Kind.SCALAR))
    assert "no image" in refused(lambda: probe(table, kind=Kind.IMAGE))
    assert "is a text, not a table" in refused(lambda: probe(text, kind=Kind.POINTS))
