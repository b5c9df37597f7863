"""Opening an image of any format plane by plane."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bioimageit_flow.formats.image import Image
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.planes import PlaneReader, Planes
from bioimageit_flow.formats.reader import ImageReader
from bioimageit_flow.formats.readers import guarded, reader_of
from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.sample import take_sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.model.data import DataInfo


@contextmanager
def open_planes(
    path: Path, selector: str = "", *, least: int | None = None
) -> Iterator[Planes]:
    """Open one image of a file to read it plane by plane.

    Parameters
    ----------
    path : Path
        Of an image in any format that is known.
    selector : str
        ``series=N`` counted from 0; empty for the only image of a file.
    least : int, optional
        Take the smallest copy in a pyramid that is at least so wide and high.

    Raises
    ------
    DataError
        If the file is bad, holds no such image, or has a plane that does not fit into
        memory.
    """
    with naming(path):
        sample = take_sample(path)
        reader = reader_of(sample)
        if isinstance(reader, PlaneReader):
            with guarded(reader), reader.open_planes(sample, selector, least) as planes:
                require_memory(planes.plane_bytes)
                yield planes
        elif isinstance(reader, ImageReader):
            with guarded(reader):
                info = _info_of(reader.probe(sample), selector)
                image = reader.read_image(sample, selector, None)
            yield _in_memory(info, image)
        else:
            raise Refusal(
                "is not an image that can be read",
                "Convert it to OME-TIFF, or install a plug-in for its format.",
            )


def _info_of(info: DataInfo, selector: str) -> DataInfo:
    if not info.series:
        return info
    return info.series[chosen_series(selector, len(info.series))]


def _in_memory(info: DataInfo, image: Image) -> Planes:
    """Return the planes of an image that is in memory, its axes put in order."""
    stack = [axis for axis in image.axes if axis not in "YXS"]
    axes = "".join(stack) + "YX" + ("S" if "S" in image.axes else "")
    array = image.array.transpose([image.axes.index(axis) for axis in axes])
    ordered = replace(info, axes=axes, shape=array.shape, dtype=array.dtype.name)
    return Planes(ordered, lambda index: array[index])
