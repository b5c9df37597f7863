"""Opening an image of any format to read parts of its planes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioimageit_flow.formats.plane_reading import open_planes
from bioimageit_flow.formats.readers import guarded, reader_of
from bioimageit_flow.formats.refusal import naming
from bioimageit_flow.formats.regions import RegionReader, Regions, regions_of_planes
from bioimageit_flow.formats.sample import take_sample


@contextmanager
def open_regions(path: Path, selector: str = "") -> Iterator[Regions]:
    """Open one image of a file to look at parts of it.

    Formats without smaller units are read plane by plane, one of which is kept.

    Raises
    ------
    DataError
        If the file is bad, holds no such image, or has a plane that must be read as a
        whole and does not fit into memory.
    """
    with naming(path):
        sample = take_sample(path)
        reader = reader_of(sample)
        if isinstance(reader, RegionReader):
            with guarded(reader), reader.open_regions(sample, selector) as regions:
                yield regions
            return
    with open_planes(path, selector) as planes:
        yield regions_of_planes(planes)
