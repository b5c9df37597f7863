"""What a file is: kind, axes, shape, pixel type, pixel size, by its content.

Headers are read without pixels; every error is one sentence with the name of the file
and a remedy. Other formats come as plug-ins, see `reader`.
Names are loaded on first use, so that a plan does not wait for the image libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.formats.content import hash_content
    from bioimageit_flow.formats.conversion import Conversion, convert, converter
    from bioimageit_flow.formats.expectation import compare
    from bioimageit_flow.formats.image import Image
    from bioimageit_flow.formats.measuring import measure
    from bioimageit_flow.formats.ome_tiff_writer import write_ome_tiff
    from bioimageit_flow.formats.output import check_output
    from bioimageit_flow.formats.plane_reading import open_planes
    from bioimageit_flow.formats.planes import PlaneReader, Planes
    from bioimageit_flow.formats.probing import probe
    from bioimageit_flow.formats.reader import ImageReader, Reader, TableReader
    from bioimageit_flow.formats.reading import (
        read_array,
        read_image,
        read_scalar,
        read_table,
    )
    from bioimageit_flow.formats.refusal import Refusal
    from bioimageit_flow.formats.region_reading import open_regions
    from bioimageit_flow.formats.regions import (
        Piece,
        Regions,
        Window,
        corrected,
        read_window,
    )
    from bioimageit_flow.formats.sample import Sample
    from bioimageit_flow.formats.selector import series_selector
    from bioimageit_flow.formats.table import Table
    from bioimageit_flow.formats.thumbnail import make_thumbnail

__all__ = [
    "Conversion",
    "Image",
    "ImageReader",
    "Piece",
    "PlaneReader",
    "Planes",
    "Reader",
    "Refusal",
    "Regions",
    "Sample",
    "Table",
    "TableReader",
    "Window",
    "check_output",
    "compare",
    "convert",
    "converter",
    "corrected",
    "hash_content",
    "make_thumbnail",
    "measure",
    "open_planes",
    "open_regions",
    "probe",
    "read_array",
    "read_image",
    "read_scalar",
    "read_table",
    "read_window",
    "series_selector",
    "write_ome_tiff",
]

_HOMES = {
    "Conversion": "conversion",
    "Image": "image",
    "ImageReader": "reader",
    "Piece": "regions",
    "PlaneReader": "planes",
    "Planes": "planes",
    "Reader": "reader",
    "Refusal": "refusal",
    "Regions": "regions",
    "Sample": "sample",
    "Table": "table",
    "TableReader": "reader",
    "Window": "regions",
    "check_output": "output",
    "compare": "expectation",
    "convert": "conversion",
    "converter": "conversion",
    "corrected": "regions",
    "hash_content": "content",
    "make_thumbnail": "thumbnail",
    "measure": "measuring",
    "open_planes": "plane_reading",
    "open_regions": "region_reading",
    "probe": "probing",
    "read_array": "reading",
    "read_image": "reading",
    "read_scalar": "reading",
    "read_table": "reading",
    "read_window": "regions",
    "series_selector": "selector",
    "write_ome_tiff": "ome_tiff_writer",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
