import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from bioimageit_flow.formats import check_output, write_ome_tiff
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]
Pixels = Callable[..., NDArray[np.uint16]]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    return folder


def test_sound_output(out: Path, pixels: Pixels) -> None:
    path = out / "0.ome.tif"
    write_ome_tiff(path, pixels(3, 20, 30), "ZYX", pixel_size_um={"x": 0.1})
    info = check_output(path, Kind.LABELS, "ome-tiff", "ZYX")
    assert (info.kind, info.format, info.axes) == (Kind.LABELS, "ome-tiff", "ZYX")
    assert check_output(path, Kind.IMAGE, "tiff", None).kind is Kind.IMAGE


def test_sentence_names_port_and_file(out: Path, refused: Refused) -> None:
    path = out / "0.ome.tif"
    path.touch()
    text = refused(lambda: check_output(path, Kind.LABELS, "ome-tiff", None))
    assert text.startswith(f"'{Path('labels') / '0.ome.tif'}' is empty")


def test_missing_output(out: Path, refused: Refused) -> None:
    text = refused(lambda: check_output(out / "0.csv", Kind.TABLE, "csv", None))
    assert "wrote no file '0.csv'" in text


def test_link_is_refused_even_to_a_good_file(
    out: Path, tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    real = tmp_path / "real.ome.tif"
    write_ome_tiff(real, pixels(4, 4), "YX")
    path = out / "0.ome.tif"
    path.symlink_to(real)
    assert "is a link" in refused(
        lambda: check_output(path, Kind.IMAGE, "ome-tiff", None)
    )
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert "is a link" in refused(
        lambda: check_output(path, Kind.IMAGE, "ome-tiff", None)
    )


def test_folder_that_is_a_link_is_refused(
    out: Path, tmp_path: Path, pixels: Pixels, refused: Refused
) -> None:
    write_ome_tiff(out / "0.ome.tif", pixels(4, 4), "YX")
    (tmp_path / "other").symlink_to(out, target_is_directory=True)
    path = tmp_path / "other" / "0.ome.tif"
    assert "is a link" in refused(
        lambda: check_output(path, Kind.IMAGE, "ome-tiff", None)
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_pipe_and_folder_are_refused(out: Path, refused: Refused) -> None:
    os.mkfifo(out / "0.csv")
    assert "pipe" in refused(
        lambda: check_output(out / "0.csv", Kind.TABLE, "csv", None)
    )
    (out / "1.csv").mkdir()
    assert "is a folder" in refused(
        lambda: check_output(out / "1.csv", Kind.TABLE, "csv", None)
    )


def test_plain_tiff_is_no_ome_tiff(out: Path, pixels: Pixels, refused: Refused) -> None:
    path = out / "0.ome.tif"
    tifffile.imwrite(path, pixels(4, 4), ome=False)
    text = refused(lambda: check_output(path, Kind.IMAGE, "ome-tiff", None))
    assert "is tiff where ome-tiff is declared" in text
    assert check_output(path, Kind.IMAGE, "tiff", None).format == "tiff"


def test_labels_must_be_whole_numbers(
    out: Path, pixels: Pixels, refused: Refused
) -> None:
    path = out / "0.ome.tif"
    write_ome_tiff(path, pixels(4, 4).astype(np.float32), "YX")
    text = refused(lambda: check_output(path, Kind.LABELS, "ome-tiff", None))
    assert "float32" in text


@pytest.mark.parametrize(
    ("declared", "holds"),
    [
        ("ZCYX", True),
        ("CZYX", True),
        ("TCZYX", True),
        ("*", True),
        (None, True),
        ("ZYX", False),
        ("YX", False),
        ("TYX", False),
    ],
)
def test_axes_in_any_order(
    out: Path, pixels: Pixels, refused: Refused, declared: str | None, holds: bool
) -> None:
    path = out / "0.ome.tif"
    write_ome_tiff(path, pixels(2, 3, 4, 5), "ZCYX")
    if holds:
        assert check_output(path, Kind.IMAGE, "ome-tiff", declared).axes == "ZCYX"
    else:
        text = refused(lambda: check_output(path, Kind.IMAGE, "ome-tiff", declared))
        assert f"has the axes ZCYX where {declared} is declared" in text


def test_stack_of_one_plane_is_a_stack(out: Path, pixels: Pixels) -> None:
    path = out / "0.ome.tif"
    write_ome_tiff(path, pixels(1, 4, 5), "ZYX")
    assert check_output(path, Kind.IMAGE, "ome-tiff", "ZYX").axes == "YX"


def test_several_images_in_one_output_are_refused(
    out: Path, pixels: Pixels, refused: Refused
) -> None:
    path = out / "0.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(pixels(4, 4), metadata=None)
        writer.write(pixels(5, 5), metadata=None)
    text = refused(lambda: check_output(path, Kind.IMAGE, "tiff", None))
    assert "holds 2 images" in text


def test_declared_format_counts_and_not_the_name(out: Path, refused: Refused) -> None:
    path = out / "0.dat"
    path.write_text('{"value": 3}')
    assert check_output(path, Kind.SCALAR, "json", None).kind is Kind.SCALAR
    assert check_output(path, Kind.FILE, "text", None).format == "text"
    assert "not SVG" in refused(lambda: check_output(path, Kind.FILE, "svg", None))
    text = refused(lambda: check_output(path, Kind.FILE, "png", None))
    assert "a PNG but holds text" in text


def test_other_format_than_declared(
    out: Path, pixels: Pixels, refused: Refused
) -> None:
    path = out / "0.csv"
    tifffile.imwrite(path, pixels(4, 4))
    text = refused(lambda: check_output(path, Kind.FILE, "csv", None))
    assert "is tiff where csv is declared" in text


def test_truncated_output_is_refused(
    out: Path, pixels: Pixels, refused: Refused
) -> None:
    path = out / "0.ome.tif"
    write_ome_tiff(path, pixels(64, 64), "YX")
    path.write_bytes(path.read_bytes()[:-1000])
    assert "truncated" in refused(
        lambda: check_output(path, Kind.IMAGE, "ome-tiff", "YX")
    )
