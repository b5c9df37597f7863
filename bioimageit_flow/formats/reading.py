"""Read data into memory: images, tables, scalars."""

from pathlib import Path

from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.json_text import parse_json
from bioimageit_flow.formats.reader import ImageReader, TableReader
from bioimageit_flow.formats.readers import guarded, reader_of
from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.sample import take_sample
from bioimageit_flow.formats.table import Table


def read_image(
    path: Path, selector: str = "", *, max_bytes: int | None = None
) -> Image:
    """Read one image with what is known of its axes.

    Parameters
    ----------
    path : Path
        Of a TIFF, PNG, or whatever a plug-in reads.
    selector : str
        ``series=N`` counted from 0; empty for the only image of a file.
    max_bytes : int, optional
        Refuse a larger image; by default one that does not fit into free memory.

    Raises
    ------
    DataError
        If the file is bad, holds no such image, is too large, or is compressed in a
        way that cannot be decoded.
    """
    with naming(path):
        sample = take_sample(path)
        reader = reader_of(sample)
        if not isinstance(reader, ImageReader):
            raise Refusal(
                "is not an image that can be read",
                "Convert it to OME-TIFF, or install a plug-in for its format.",
            )
        with guarded(reader):
            return reader.read_image(sample, selector, max_bytes)


def read_array(
    path: Path, *, selector: str = "", max_bytes: int | None = None
) -> Pixels:
    """Read the pixels of one image; see `read_image`.

    Returns
    -------
    numpy.ndarray
        Axes as `probe` names them.
    """
    return read_image(path, selector, max_bytes=max_bytes).array


def read_table(path: Path) -> Table:
    """Read a table: CSV, or Parquet where pyarrow is installed.

    Raises
    ------
    DataError
        If the file is bad or no table, or if pyarrow is needed and not installed.
    """
    with naming(path):
        sample = take_sample(path)
        reader = reader_of(sample)
        if not isinstance(reader, TableReader):
            raise Refusal(
                "is not a table that can be read",
                "Save it as CSV with commas and a header, and call it .csv.",
            )
        with guarded(reader):
            return reader.read_table(sample)


def read_scalar(path: Path) -> dict[str, object]:
    """Read a scalar: a JSON object.

    Raises
    ------
    DataError
        If the file is not a JSON object.
    """
    with naming(path):
        value = parse_json(take_sample(path))
        if not isinstance(value, dict):
            raise Refusal(
                "is not a scalar: it is no JSON object",
                'A scalar is a JSON file such as {"value": 3.5, "unit": "um"}.',
            )
        return value
