"""Thumbnails and conversions in the cache of an experiment."""

from pathlib import Path

import pytest

from bioimageit_flow import formats
from bioimageit_flow.errors import DataError
from bioimageit_flow.stores import conversions, thumbnails
from bioimageit_flow.stores.conversions import ConversionCache
from bioimageit_flow.stores.thumbnails import thumbnail_of
from tests.unit.stores.lab import Lab


def test_thumbnail_is_made_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lab.image("a.tif", 3)
    lab.take(path)
    (item,) = lab.items()
    first = thumbnail_of(lab.folder.cache, item, path)
    assert first.startswith(b"\x89PNG")
    monkeypatch.delattr(thumbnails, "make_thumbnail")
    assert thumbnail_of(lab.folder.cache, item, path) == first
    with pytest.raises(NameError):
        thumbnail_of(lab.folder.cache, item, path, size=32)


def test_thumbnail_needs_no_cache(lab: Lab, tmp_path: Path) -> None:
    path = lab.image("a.tif", 3)
    lab.take(path)
    (item,) = lab.items()
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert thumbnail_of(blocked, item, path).startswith(b"\x89PNG")


def test_conversion_is_made_once_and_recorded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.image("a.tif", 3)
    content = formats.hash_content(path)
    cache = ConversionCache(lab.folder.cache)
    made, facts = cache.get(path, content, "", "tiff")
    assert facts.info.format == "ome-tiff"
    assert formats.read_array(made).tolist() == formats.read_array(path).tolist()
    monkeypatch.delattr(conversions, "convert")
    assert cache.get(path, content, "", "tiff") == (made, facts)


def test_half_a_conversion_is_made_again(lab: Lab) -> None:
    path = lab.image("a.tif", 3)
    content = formats.hash_content(path)
    cache = ConversionCache(lab.folder.cache)
    made, _ = cache.get(path, content, "", "tiff")
    (record,) = made.parent.glob("*.json")
    record.write_text("{")
    assert cache.get(path, content, "", "tiff")[0] == made
    assert record.read_text() != "{"


def test_what_is_no_image_leaves_nothing_behind(lab: Lab) -> None:
    path = lab.files / "a.csv"
    path.write_text("a\n1\n")
    cache = ConversionCache(lab.folder.cache)
    content = formats.hash_content(path)
    with pytest.raises(DataError, match=r"a\.csv"):
        cache.get(path, content, "", "csv")
    place = lab.folder.cache / "conversions" / content.sha256
    assert [one.suffix for one in place.iterdir() if one.suffix != ".lock"] == []
