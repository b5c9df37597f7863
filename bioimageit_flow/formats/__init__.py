"""What a file is: kind, axes, shape, pixel type, pixel size, by its content.

Headers are read without pixels; every error is one sentence with the name of the file
and a remedy. Other formats come as plug-ins, see `reader`.
"""

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
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import series_selector
from bioimageit_flow.formats.table import Table
from bioimageit_flow.formats.thumbnail import make_thumbnail

__all__ = [
    "Conversion",
    "Image",
    "ImageReader",
    "PlaneReader",
    "Planes",
    "Reader",
    "Refusal",
    "Sample",
    "Table",
    "TableReader",
    "check_output",
    "compare",
    "convert",
    "converter",
    "hash_content",
    "make_thumbnail",
    "measure",
    "open_planes",
    "probe",
    "read_array",
    "read_image",
    "read_scalar",
    "read_table",
    "series_selector",
    "write_ome_tiff",
]
