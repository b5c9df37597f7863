"""The seam to whatever reads a format.

A plug-in offers a `Reader` through the entry point group ``bioimageit_flow.readers``;
the entry point names an object (a module-level instance), not a class. OME-Zarr, CZI,
ND2 and LIF come the same way. A reader may have a `version` (``format/1``, which enters
fingerprints and changes when it reads other pixels) and a tuple of `libraries` that it
needs, and may be a `planes.PlaneReader`. Readers raise
`Refusal` or `DataError` for a bad file, and never load pixels to answer `probe`.
"""

from typing import Protocol, runtime_checkable

from bioimageit_flow.formats.image import Image
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.table import Table
from bioimageit_flow.model.data import DataInfo


@runtime_checkable
class Reader(Protocol):
    """Reads the headers of one format, or of a family of formats."""

    def claims(self, sample: Sample) -> bool:
        """Say whether this reader is the one for a file (or folder).

        The first bytes decide where the format has a signature; else `Sample.claim`,
        the format that the file is said to have.
        """

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says, in bounded time and memory."""

    def verify(self, sample: Sample) -> None:
        """Check what the header does not say; called for every output of a job."""


@runtime_checkable
class ImageReader(Reader, Protocol):
    """A reader of pixels."""

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return one image of a file.

        Parameters
        ----------
        selector : str
            ``series=N`` counted from 0, or empty for the only image.
        max_bytes : int or None
            Refuse an image that is larger; None for what fits into memory.
        """


@runtime_checkable
class TableReader(Reader, Protocol):
    """A reader of rows and columns."""

    def read_table(self, sample: Sample) -> Table:
        """Return the whole table."""
