"""Nikon ND2: the published file."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.formats import open_planes, probe, read_array

nd2 = pytest.importorskip("nd2")
Refused = Callable[[Callable[[], object]], str]


@pytest.fixture
def cluster(test_data: Path) -> Path:
    return test_data / "vendor" / "cluster.nd2"


def test_header_is_as_published(cluster: Path) -> None:
    info = probe(cluster)
    sizes = dict(zip(info.axes or "", info.shape, strict=True))
    assert sizes == {"T": 3, "Z": 10, "C": 2, "Y": 31, "X": 38}
    assert (info.format, info.dtype) == ("nd2", "uint16")
    assert info.channels == ("5-FAM/pH 9.0", "FM 4-64/2% CHAPS")
    assert info.pixel_size_um == pytest.approx(
        {"x": 0.167809, "y": 0.167809, "z": 0.5}, abs=1e-5
    )
    assert info.series == ()


def test_pixels_are_as_the_library_reads_them(cluster: Path) -> None:
    expected = nd2.imread(cluster)
    np.testing.assert_array_equal(read_array(cluster), expected)
    with open_planes(cluster) as planes:
        np.testing.assert_array_equal(planes.read((1, 7, 1)), expected[1, 7, 1])


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9])
def test_truncated_file_is_refused(
    cluster: Path, tmp_path: Path, refused: Refused, share: float
) -> None:
    data = cluster.read_bytes()
    path = tmp_path / "a.nd2"
    path.write_bytes(data[: int(share * len(data))])
    said = refused(lambda: probe(path))
    assert "is truncated" in said
    assert "x00" not in said


def test_missing_library_is_named(
    cluster: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nd2", None)
    monkeypatch.setattr(
        "bioimageit_flow.formats.library.is_installed", lambda name: False
    )
    text = refused(lambda: probe(cluster))
    assert "is a Nikon ND2 file" in text
    assert "bioimageit-flow[vendor]" in text
