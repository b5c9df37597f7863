import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.formats import (
    Image,
    ImageReader,
    Reader,
    Sample,
    TableReader,
    check_output,
    probe,
    read_array,
    read_table,
)
from bioimageit_flow.formats.library import lacking
from bioimageit_flow.formats.planes import PlaneReader
from bioimageit_flow.formats.readers import BY_BYTES, BY_NAME
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.plugins import Plugin, installed

Refused = Callable[[Callable[[], object]], str]


class MolluscReader:
    """Reads a format of its own: a word, then bytes; or a folder called *.mollusc."""

    def claims(self, sample: Sample) -> bool:
        if sample.is_folder:
            return sample.path.suffix == ".mollusc"
        return sample.head.startswith(b"MOLLUSC")

    def probe(self, sample: Sample) -> DataInfo:
        if b"bad" in sample.head:
            raise KeyError("shell")
        shape = (1, sample.size - 7)
        return DataInfo(Kind.IMAGE, "file", axes="YX", shape=shape, dtype="uint8")

    def verify(self, sample: Sample) -> None:
        pass

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        data = sample.path.read_bytes()[7:]
        return Image(np.frombuffer(data, np.uint8)[np.newaxis], "YX")


class Explosive:
    """A reader that must not be asked."""

    def claims(self, sample: Sample) -> bool:
        raise AssertionError(sample.path)

    def probe(self, sample: Sample) -> DataInfo:
        raise AssertionError

    def verify(self, sample: Sample) -> None:
        raise AssertionError


MOLLUSC = MolluscReader()
EXPLOSIVE = Explosive()


@dataclass(frozen=True)
class Install:
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *targets: str) -> None:
        plugins = tuple(
            Plugin("readers", f"p{n}", "dist", EntryPoint(f"p{n}", target, "readers"))
            for n, target in enumerate(targets)
        )
        self.monkeypatch.setattr(
            "bioimageit_flow.formats.readers.installed", lambda group: plugins
        )


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.setitem(sys.modules, "mollusc_plugin", sys.modules[__name__])
    return Install(monkeypatch)


def test_built_in_readers_keep_the_protocols() -> None:
    assert all(isinstance(reader, Reader) for reader in (*BY_BYTES, *BY_NAME))
    names = [type(reader).__name__ for reader in BY_BYTES + BY_NAME]
    images = [isinstance(reader, ImageReader) for reader in BY_BYTES + BY_NAME]
    tables = [isinstance(reader, TableReader) for reader in BY_BYTES + BY_NAME]
    assert [name for name, yes in zip(names, images, strict=True) if yes] == [
        "TiffReader",
        "PngReader",
    ]
    assert [name for name, yes in zip(names, tables, strict=True) if yes] == [
        "ParquetReader",
        "CsvReader",
    ]


def test_plug_in_reads_its_format(tmp_path: Path, install: Install) -> None:
    install("mollusc_plugin:MOLLUSC")
    path = tmp_path / "a.tif"
    path.write_bytes(b"MOLLUSC\1\2\3")
    assert probe(path, kind=Kind.LABELS).shape == (1, 3)
    np.testing.assert_array_equal(read_array(path), [[1, 2, 3]])


def test_plug_in_takes_a_folder(tmp_path: Path, install: Install) -> None:
    install("mollusc_plugin:MOLLUSC")
    folder = tmp_path / "out" / "a.mollusc"
    folder.mkdir(parents=True)
    assert probe(folder).axes == "YX"
    assert check_output(folder, Kind.IMAGE, "file", "YX").axes == "YX"


def test_plug_in_is_not_asked_for_our_formats(tmp_path: Path, install: Install) -> None:
    install("mollusc_plugin:EXPLOSIVE")
    path = tmp_path / "a.png"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    assert probe(path).format == "zip"


def test_error_in_a_plug_in_is_one_sentence(
    tmp_path: Path, install: Install, refused: Refused
) -> None:
    install("mollusc_plugin:MOLLUSC")
    path = tmp_path / "a.mol"
    path.write_bytes(b"MOLLUSC bad")
    text = refused(lambda: probe(path))
    assert "cannot be read by the plug-in MolluscReader: 'shell'" in text


def test_broken_plug_in_does_not_stop_others(
    tmp_path: Path, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("no_such_module:READER", "mollusc_plugin:Install", "mollusc_plugin:MOLLUSC")
    path = tmp_path / "a.mol"
    path.write_bytes(b"MOLLUSC\1")
    with caplog.at_level(logging.WARNING):
        assert probe(path).shape == (1, 1)
        assert probe(path).shape == (1, 1)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "no_such_module" in said[0]
    assert "no reader" in said[1]


def test_reader_without_pixels_or_rows_is_refused(
    tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    assert "not an image" in refused(lambda: read_array(path))
    assert "not a table" in refused(lambda: read_table(path))


def test_formats_of_makers_come_as_plug_ins() -> None:
    ours = {one.name: one for one in installed("readers")}
    assert {"czi", "lif", "nd2", "ome-zarr"} <= ours.keys()
    for name in ("czi", "lif", "nd2", "ome-zarr"):
        reader = ours[name].load()
        assert isinstance(reader, ImageReader)
        assert isinstance(reader, PlaneReader)
        assert str(getattr(reader, "version", "")).startswith(f"{name}/")


def test_libraries_that_are_missing_are_named() -> None:
    class Needy:
        libraries = ("numpy", "no_such_library")

    assert lacking(Needy()) == "no_such_library"
    assert lacking(Explosive()) == ""
