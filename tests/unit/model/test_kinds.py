"""Kinds, formats and axes: what fits into what."""

import pytest

from bioimageit_flow.model.kinds import (
    FORMATS,
    Kind,
    format_of_name,
    takes,
    takes_axes,
    takes_format,
)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_takes_itself_and_fits_into_a_file(kind: Kind) -> None:
    assert takes(kind, kind)
    assert takes(Kind.FILE, kind)


@pytest.mark.parametrize(
    ("wanted", "offered", "fits"),
    [
        (Kind.IMAGE, Kind.LABELS, True),
        (Kind.LABELS, Kind.IMAGE, False),
        (Kind.TABLE, Kind.POINTS, True),
        (Kind.TABLE, Kind.TRACKS, True),
        (Kind.POINTS, Kind.TABLE, False),
        (Kind.IMAGE, Kind.FILE, False),
        (Kind.SCALAR, Kind.TABLE, False),
    ],
)
def test_takes(wanted: Kind, offered: Kind, fits: bool) -> None:
    assert takes(wanted, offered) is fits


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("a.ome.tif", "ome-tiff"),
        ("A.OME.TIFF", "ome-tiff"),
        ("a.tif", "tiff"),
        ("a.lsm", "tiff"),
        ("a.csv", "csv"),
        ("a.czi", "czi"),
        ("a", "file"),
        ("csv", "file"),
    ],
)
def test_format_of_name(filename: str, name: str) -> None:
    assert format_of_name(filename).name == name


def test_no_two_formats_claim_one_extension() -> None:
    claims = [e for form in FORMATS.values() for e in (form.extension, *form.aliases)]
    assert len(claims) == len(set(claims))


@pytest.mark.parametrize(
    ("accepted", "offered", "fits"),
    [
        ((), "csv", True),
        (("tiff",), "ome-tiff", True),
        (("ome-tiff",), "tiff", False),
        (("file",), "png", True),
        (("csv", "parquet"), "parquet", True),
        (("csv",), "json", False),
    ],
)
def test_takes_format(accepted: tuple[str, ...], offered: str, fits: bool) -> None:
    assert takes_format(accepted, offered) is fits


@pytest.mark.parametrize(
    ("accepted", "offered", "fits"),
    [
        ((), "YX", True),
        (("*",), "TCZYX", True),
        (("YX", "ZYX"), "ZYX", True),
        (("YX",), "ZYX", False),
        (("YX",), None, True),
    ],
)
def test_takes_axes(accepted: tuple[str, ...], offered: str | None, fits: bool) -> None:
    assert takes_axes(accepted, offered) is fits


def test_pixels_and_tables_are_told_apart() -> None:
    assert {kind for kind in Kind if kind.is_pixels} == {Kind.IMAGE, Kind.LABELS}
    assert {kind for kind in Kind if kind.is_tabular} == {
        Kind.TABLE,
        Kind.POINTS,
        Kind.TRACKS,
    }
