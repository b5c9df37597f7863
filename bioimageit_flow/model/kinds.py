"""Kinds of data on ports, the formats they come in, and what fits into what.

The words are those of napari's layers where they fit
(https://napari.org/stable/guides/layers.html).
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a datum is."""

    IMAGE = "image"
    LABELS = "labels"
    POINTS = "points"
    SHAPES = "shapes"
    TRACKS = "tracks"
    SURFACE = "surface"
    TABLE = "table"
    SCALAR = "scalar"
    MODEL = "model"
    FILE = "file"

    @property
    def is_pixels(self) -> bool:
        """Whether the datum is an array with axes."""
        return self in (Kind.IMAGE, Kind.LABELS)

    @property
    def is_tabular(self) -> bool:
        """Whether the datum has rows and columns."""
        return self in (Kind.TABLE, Kind.POINTS, Kind.TRACKS)


_ALSO_TAKES = {
    Kind.IMAGE: frozenset({Kind.LABELS}),
    Kind.TABLE: frozenset({Kind.POINTS, Kind.TRACKS}),
    Kind.FILE: frozenset(Kind),
}


def takes(wanted: Kind, offered: Kind) -> bool:
    """Say whether an input of one kind takes data of another.

    An image input takes labels, a table input takes points and tracks, and a file
    input takes everything; else the kinds must be the same.
    """
    return wanted is offered or offered in _ALSO_TAKES.get(wanted, frozenset())


@dataclass(frozen=True, slots=True)
class Format:
    """A file format by name.

    Attributes
    ----------
    name : str
        The name used in descriptors, such as ``ome-tiff``.
    extension : str
        What a file of this format is called, with the leading dot.
    aliases : tuple of str
        Other extensions that are read as this format.
    """

    name: str
    extension: str
    aliases: tuple[str, ...] = ()


FORMATS = {
    form.name: form
    for form in (
        Format("ome-tiff", ".ome.tif", (".ome.tiff", ".ome.tf8", ".ome.btf")),
        Format("tiff", ".tif", (".tiff", ".lsm", ".stk")),
        Format("csv", ".csv"),
        Format("parquet", ".parquet"),
        Format("json", ".json"),
        Format("png", ".png"),
        Format("svg", ".svg"),
        Format("text", ".txt", (".md", ".log", ".ijm")),
        Format("zip", ".zip"),
        Format("html", ".html", (".htm",)),
        Format("ome-zarr", ".ome.zarr", (".zarr",)),
        Format("czi", ".czi"),
        Format("nd2", ".nd2"),
        Format("lif", ".lif"),
        Format("file", ".bin"),
    )
}
"""Formats known to the program itself, by name; ``file`` is anything else."""

_SUBSTITUTES = {"tiff": frozenset({"ome-tiff"}), "text": frozenset({"csv", "json"})}


def _by_last_extension() -> dict[str, list[tuple[str, Format]]]:
    """Return what names can end in, the longest first, by what follows the last dot."""
    found: dict[str, list[tuple[str, Format]]] = {}
    for form in FORMATS.values():
        for extension in (form.extension, *form.aliases):
            last = extension.rpartition(".")[2]
            found.setdefault(last, []).append((extension, form))
    for endings in found.values():
        endings.sort(key=lambda pair: -len(pair[0]))
    return found


_ENDINGS = _by_last_extension()


def format_of_name(filename: str) -> Format:
    """Return the format that a file name claims, ``file`` when it claims none."""
    lower = filename.lower()
    for extension, form in _ENDINGS.get(lower.rpartition(".")[2], ()):
        if lower.endswith(extension):
            return form
    return FORMATS["file"]


def takes_format(accepted: tuple[str, ...], offered: str) -> bool:
    """Say whether a port that accepts some formats takes a file of another.

    An empty tuple accepts everything; ``tiff`` also takes ``ome-tiff``, and ``file``
    takes everything.
    """
    return (
        not accepted
        or offered in accepted
        or "file" in accepted
        or any(offered in _SUBSTITUTES.get(name, frozenset()) for name in accepted)
    )


def reads(accepted: tuple[str, ...], offered: str, *, is_image: bool) -> bool:
    """Say whether a port can be given a datum, as it is or converted.

    Images of a format that a port does not read are made OME-TIFF for it.

    Parameters
    ----------
    accepted : tuple of str
        The formats of the port.
    offered : str
        The format of the datum.
    is_image : bool
        Whether the datum has pixels.
    """
    converts = "ome-tiff" in accepted or "tiff" in accepted
    return takes_format(accepted, offered) or (is_image and converts)


def is_converted(
    accepted: tuple[str, ...], offered: str, selector: str, *, is_image: bool
) -> bool:
    """Say whether a port is given an OME-TIFF made of a datum, not the datum itself.

    That is so for one image of a file with several, and for an image of a format that
    the port does not read.
    """
    return bool(selector) or (is_image and not takes_format(accepted, offered))


def takes_axes(accepted: tuple[str, ...], offered: str | None) -> bool:
    """Say whether a port that accepts some axes takes an image of others.

    Parameters
    ----------
    accepted : tuple of str
        Axes such as ``("YX", "ZYX")``; empty or ``("*",)`` accepts everything.
    offered : str or None
        The axes of the image in the order of its file, letters of ``TZCYXS``; None
        when they are not known. Their order does not matter: a tool reads the axes.
    """
    if not accepted or "*" in accepted or offered is None:
        return True
    return any(set(axes) == set(offered) for axes in accepted)
