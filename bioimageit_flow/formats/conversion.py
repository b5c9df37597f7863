"""Making OME-TIFF of any image that can be read, for tools that read nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bioimageit_flow.formats.ome_tiff_writer import write_planes
from bioimageit_flow.formats.plane_reading import open_planes
from bioimageit_flow.formats.probing import probe
from bioimageit_flow.formats.reader import ImageReader
from bioimageit_flow.formats.readers import plugin_readers, reader_of
from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.sample import take_sample
from bioimageit_flow.model.data import NO_CORRECTIONS, DataInfo

VERSION = 1
"""Changes when the same image would be written as other pixels."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was made of an image.

    Attributes
    ----------
    info : DataInfo
        Of the OME-TIFF.
    reader : str
        What read the image, with its version.
    libraries : mapping of str to str
        The versions of the libraries that it used.
    """

    info: DataInfo
    reader: str
    libraries: dict[str, str]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "reader": self.reader,
            "libraries": self.libraries,
            "info": self.info.as_json(),
        }

    @classmethod
    def from_json(cls, text: str) -> "Conversion":
        """Make it again; `ValueError` if the text is something else."""
        facts = json.loads(text)
        try:
            return cls(
                DataInfo.from_json(facts["info"]),
                str(facts["reader"]),
                {str(key): str(value) for key, value in facts["libraries"].items()},
            )
        except (AssertionError, AttributeError, KeyError, TypeError) as error:
            raise ValueError("is no record of a conversion") from error


def convert(
    source: Path,
    selector: str,
    target: Path,
    identity: str,
    corrected: Mapping[str, object] = NO_CORRECTIONS,
) -> Conversion:
    """Write one image of a file as OME-TIFF, plane by plane.

    Parameters
    ----------
    source : Path
        A file or folder in any format that is known.
    selector : str
        Which image of it; empty for the only one.
    target : Path
        Replaced when all is written.
    identity : str
        What the image is known by: its content and selector. The OME UUID derives from
        it, so that the same image gives the same bytes.
    corrected : mapping
        What its header should have said; see `model.corrections`.

    Raises
    ------
    DataError
        If it is no image, is damaged, or has pixels that OME-TIFF cannot hold.
    """
    with naming(source):
        reader = reader_of(take_sample(source))
        if not isinstance(reader, ImageReader):
            raise Refusal("is not an image that can be converted")
    with open_planes(source, selector) as planes:
        if corrected:
            info = planes.info.with_corrections(corrected)
            planes = replace(planes, info=info)
        write_planes(target, planes, f"{identity} {reader_name(reader)} {VERSION}")
    libraries = ("tifffile", "imagecodecs", *getattr(reader, "libraries", ()))
    return Conversion(
        probe(target),
        reader_name(reader),
        {name: _version(name) for name in libraries},
    )


def converter(form: str) -> str:
    """Return what converts images of a format, with its version; for fingerprints."""
    versions = (str(getattr(one, "version", "")) for one in plugin_readers())
    reader = next((one for one in versions if one.split("/")[0] == form), form)
    return f"{reader}/{VERSION}"


def reader_name(reader: object) -> str:
    """Return what a reader calls itself, with its version."""
    kind = type(reader)
    return str(getattr(reader, "version", f"{kind.__module__}.{kind.__qualname__}"))


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "?"
