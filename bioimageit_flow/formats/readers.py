"""Which reader a file belongs to: first by its bytes, then by its name.

1. Built-in readers of formats with a signature. A file of theirs loads no plug-in.
2. Plug-ins, in the order of their names, by whatever they look at.
3. Built-in readers of text formats, by name; `UnknownReader` takes what is left.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from bioimageit_flow.errors import FlowError, PluginError
from bioimageit_flow.formats.csv_text import CsvReader
from bioimageit_flow.formats.json_text import JsonReader
from bioimageit_flow.formats.markup import HtmlReader, SvgReader
from bioimageit_flow.formats.parquet import ParquetReader
from bioimageit_flow.formats.plain import TextReader, UnknownReader, ZipReader
from bioimageit_flow.formats.png import PngReader
from bioimageit_flow.formats.reader import Reader
from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.tiff import TiffReader
from bioimageit_flow.plugins import Plugin, installed

BY_BYTES: tuple[Reader, ...] = (TiffReader(), PngReader(), ParquetReader(), ZipReader())
BY_NAME: tuple[Reader, ...] = (
    CsvReader(),
    JsonReader(),
    SvgReader(),
    HtmlReader(),
    TextReader(),
    UnknownReader(),
)

_HAS_SIGNATURE = {
    "ome-tiff": "a TIFF",
    "tiff": "a TIFF",
    "png": "a PNG",
    "parquet": "Parquet",
    "zip": "a zip archive",
}

_HAS_READER = {"czi": "a CZI", "nd2": "an ND2", "lif": "a LIF"}
"""Formats of plug-ins: whether a file lacks the signature, only their readers know."""

_log = logging.getLogger(__name__)


def reader_of(sample: Sample) -> Reader:
    """Return the reader of a file or folder.

    Raises
    ------
    Refusal
        If it is a folder that no reader takes, or has the name of a format whose
        signature it lacks (a text called ``.tif``).
    """
    found = _first(BY_BYTES, sample)
    if found is None:
        found = _first(plugin_readers(), sample)
    if found is not None:
        return found
    if sample.is_folder:
        raise Refusal("is a folder, not a file", "Name the files in it.")
    claimed = _HAS_SIGNATURE.get(sample.claim, "")
    if sample.claim in _HAS_READER and sample.claim in _read_by_plugins():
        claimed = _HAS_READER[sample.claim]
    if claimed:
        holds = "text" if sample.is_text else "other bytes"
        raise Refusal(
            f"is called {claimed} but holds {holds}",
            "Give it the extension of what it is, or export it again.",
        )
    known = _first(BY_NAME, sample)
    return BY_NAME[-1] if known is None else known


def plugin_readers() -> tuple[Reader, ...]:
    """Return the readers of installed plug-ins; one that is broken is left out."""
    return tuple(
        reader
        for plugin in installed("readers")
        if (reader := _load(plugin)) is not None
    )


def _read_by_plugins() -> set[str]:
    versions = (str(getattr(one, "version", "")) for one in plugin_readers())
    return {one.partition("/")[0] for one in versions}


@contextmanager
def guarded(reader: Reader) -> Iterator[None]:
    """Make whatever a plug-in stumbles over a `Refusal`; ours are not covered up."""
    try:
        yield
    except (FlowError, Refusal, OSError):
        raise
    except Exception as error:
        if reader in BY_BYTES or reader in BY_NAME:
            raise
        raise Refusal(
            f"cannot be read by the plug-in {type(reader).__name__}: {error}",
            "Update the plug-in, or export the file in another format.",
        ) from error


def _first(readers: tuple[Reader, ...], sample: Sample) -> Reader | None:
    for reader in readers:
        with guarded(reader):
            if reader.claims(sample):
                return reader
    return None


@cache
def _load(plugin: Plugin) -> Reader | None:
    try:
        loaded = plugin.load()
    except PluginError as error:
        _log.warning("%s", error)
        return None
    if not isinstance(loaded, Reader):
        _log.warning(
            "The plug-in %r of %s is no reader of a format; update it.",
            plugin.name,
            plugin.distribution,
        )
        return None
    return loaded
