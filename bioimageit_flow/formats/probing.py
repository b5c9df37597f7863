"""What a file is, by its content."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from bioimageit_flow.formats.readers import guarded, reader_of
from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.sample import Sample, take_sample
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_WHOLE_NUMBERS = "iub"


def probe(path: Path, *, kind: Kind | None = None) -> DataInfo:
    """Return what the header of a file says; no pixels are read.

    Parameters
    ----------
    path : Path
        Of a file, or of a folder that a plug-in takes as one datum.
    kind : Kind, optional
        What the file is to be taken for, such as ``labels``; checked against the
        content. By default a TIFF or PNG is an image, CSV and Parquet are tables, a
        JSON object with a ``value`` is a scalar, and everything else is a file.

    Returns
    -------
    DataInfo
        Axes in the order of the file, letters as `axes.flow_axes` names them. Of a file
        with several images it describes the first; `DataInfo.series` has them all.

    Raises
    ------
    DataError
        If the file is missing, unreadable, empty, truncated, not what its name says,
        or not of that kind.
    """
    with naming(path):
        return inspect(take_sample(path), kind)


def inspect(sample: Sample, kind: Kind | None) -> DataInfo:
    """Return what the header of a sampled file says.

    Raises
    ------
    Refusal
        If the file is bad, or not of that kind.
    """
    reader = reader_of(sample)
    with guarded(reader):
        info = reader.probe(sample)
    return info if kind is None else _taken_for(info, kind)


def _taken_for(info: DataInfo, kind: Kind) -> DataInfo:
    if kind.is_pixels and info.axes is None:
        raise Refusal(
            f"is {_a(info)}, from which no image can be read",
            "Convert it to OME-TIFF, for example with the Bio-Formats exporter of "
            "Fiji, or install a plug-in for its format.",
        )
    if kind is Kind.LABELS and np.dtype(info.dtype).kind not in _WHOLE_NUMBERS:
        raise Refusal(
            f"holds {info.dtype} numbers, but labels are whole numbers",
            "Save it as uint16 or uint32.",
        )
    if kind.is_tabular and not info.kind.is_tabular:
        raise Refusal(
            f"is {_a(info)}, not a table",
            "Save it as CSV with commas and a header, and call it .csv.",
        )
    if kind is Kind.SCALAR and info.kind is not Kind.SCALAR:
        raise Refusal(
            f"is {_a(info)}, not a scalar",
            'A scalar is a JSON file such as {"value": 3.5, "unit": "um"}.',
        )
    series = tuple(_taken_for(one, kind) for one in info.series)
    return replace(info, kind=kind, series=series)


def _a(info: DataInfo) -> str:
    words = {
        "file": "a file of an unknown format",
        "text": "a text",
        "json": "JSON without a value",
        "zip": "a zip archive",
    }
    return words.get(info.format, f"{info.format.upper()} data")
