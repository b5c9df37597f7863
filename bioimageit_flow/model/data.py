"""Content, item, location: what a datum is, apart from where it lies.

*Content* is bytes, known by their sha256. An *item* is one datum of the experiment: it
has one content and one origin, and two items may have the same content. A *location* is
where a content lies now. Contents and items never change; locations do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.kinds import Kind

AnnotationValue = bool | int | float | str
"""What an annotation can be."""

NO_ANNOTATIONS: Mapping[str, AnnotationValue] = MappingProxyType({})
NO_CORRECTIONS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DataInfo:
    """What the header of a file says.

    Attributes
    ----------
    kind : Kind
        The kind that the file is taken for when nobody says otherwise.
    format : str
        Name of the format, a key of `FORMATS`.
    axes : str or None
        Axis letters of ``TZCYXS``, one per dimension; None where there is no array.
    shape : tuple of int
        Length of each axis.
    dtype : str or None
        NumPy name of the pixel type.
    pixel_size_um : mapping of str to float
        Micrometres per pixel of ``x``, ``y``, ``z`` as far as known.
    time_step_s : float or None
        Seconds between frames.
    channels : tuple of str
        Names of the channels.
    series : tuple of DataInfo
        Where the file holds several images, each of them.
    title : str
        What the file itself calls the image; empty where it has no name for it.
    """

    kind: Kind
    format: str
    axes: str | None = None
    shape: tuple[int, ...] = ()
    dtype: str | None = None
    pixel_size_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    channels: tuple[str, ...] = ()
    series: tuple["DataInfo", ...] = ()
    title: str = ""

    def as_json(self) -> dict[str, object]:
        """Return what is known, as plain values; unknown facts are left out."""
        facts: dict[str, object] = {"kind": str(self.kind), "format": self.format}
        if self.axes is not None:
            facts |= {"axes": self.axes, "shape": list(self.shape), "dtype": self.dtype}
        if self.pixel_size_um:
            facts["pixel_size_um"] = dict(self.pixel_size_um)
        if self.time_step_s is not None:
            facts["time_step_s"] = self.time_step_s
        if self.channels:
            facts["channels"] = list(self.channels)
        if self.title:
            facts["title"] = self.title
        return facts

    @classmethod
    def from_json(cls, facts: Mapping[str, object]) -> "DataInfo":
        """Make it again from what `as_json` returned."""
        shape, sizes = facts.get("shape", []), facts.get("pixel_size_um", {})
        channels, step = facts.get("channels", []), facts.get("time_step_s")
        assert isinstance(shape, list)
        assert isinstance(sizes, dict)
        assert isinstance(channels, list)
        return cls(
            kind=Kind(str(facts["kind"])),
            format=str(facts["format"]),
            axes=_text_or_none(facts.get("axes")),
            shape=tuple(int(length) for length in shape),
            dtype=_text_or_none(facts.get("dtype")),
            pixel_size_um={str(axis): float(size) for axis, size in sizes.items()},
            time_step_s=float(step) if isinstance(step, int | float) else None,
            channels=tuple(str(name) for name in channels),
            title=str(facts.get("title", "")),
        )

    def with_corrections(self, facts: Mapping[str, object]) -> "DataInfo":
        """Return what the header should have said; facts as `as_json` writes them."""
        return self.from_json(self.as_json() | dict(facts)) if facts else self


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes, known by their hash.

    Attributes
    ----------
    sha256 : Sha256
        Of the bytes; of a folder, over the sorted ``relative path, size, sha256`` of
        its files.
    size : int
        In bytes.
    is_folder : bool
        Whether it is a folder taken as one datum, such as OME-Zarr.
    """

    sha256: Sha256
    size: int
    is_folder: bool = False


class LocationState(StrEnum):
    """Whether the bytes are there.

    Cleaned bytes can be made again by the recipe that made them; deleted ones were
    given up.
    """

    PRESENT = "present"
    CLEANED = "cleaned"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a content lies, and what the file system said when it was last looked at.

    Attributes
    ----------
    path : str
        Relative to the experiment with forward slashes, or absolute when referenced.
    mtime_ns, inode : int
        To notice a change without reading the file.
    verify_sha256 : Sha256
        Hash of the file as it lies there; differs from the content's where a stamp was
        written into the file.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    verify_sha256: Sha256
    is_referenced: bool = False
    state: LocationState = LocationState.PRESENT


@dataclass(frozen=True, slots=True)
class Imported:
    """Origin of a raw item.

    Attributes
    ----------
    source : str
        The path it was imported from.
    """

    source: str


@dataclass(frozen=True, slots=True)
class Produced:
    """Origin of a processed item: one output port of one job."""

    run: RunId
    node: str
    port: str
    job: JobId


Origin = Imported | Produced


class Display(Protocol):
    """What shows items and datasets with what they do not know: pictures, files."""

    def item_html(self, item: "Item") -> str:
        """Return an item as HTML."""
        ...

    def dataset_html(self, dataset: "Dataset") -> str:
        """Return a dataset as HTML."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One datum of an experiment.

    Attributes
    ----------
    name : str
        What people call it: the file name, unique in no way.
    dataset : str
        Name of the dataset it belongs to.
    selector : str
        Which image of the file it is, such as ``series=1``; empty for the whole file.
    part : str
        Which of many outputs of its job it is; empty where there is one.
    annotations : mapping
        Its own annotations, without those of its ancestors.
    corrected : mapping
        What somebody said that the header should have said, as plain values; `info` has
        it already.
    excluded : str
        Why it stays out of runs; empty where it does not.
    display : Display or None
        What shows it in a notebook; without one it shows what it knows itself.
    """

    id: ItemId
    name: str
    dataset: str
    content: Content
    info: DataInfo
    origin: Origin
    selector: str = ""
    part: str = ""
    annotations: Mapping[str, AnnotationValue] = field(
        default_factory=lambda: (
            NO_ANNOTATIONS
        )  # Python 3.11 takes no unhashable default
    )
    corrected: Mapping[str, object] = field(default_factory=lambda: NO_CORRECTIONS)
    excluded: str = ""
    display: Display | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str:
        if self.display is not None:
            return self.display.item_html(self)
        from bioimageit_flow.model.markup import facts

        pairs = [("dataset", self.dataset), *self.info.as_json().items()]
        pairs += [*self.annotations.items(), ("excluded", self.excluded)]
        return facts(self.name, [(key, value) for key, value in pairs if value != ""])


class DatasetKind(StrEnum):
    """Raw data were imported, processed data were made by a run."""

    RAW = "raw"
    PROCESSED = "processed"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A named set of items.

    Attributes
    ----------
    name : str
        For a processed dataset ``run/node/port``.
    count : int
        Number of items.
    display : Display or None
        What shows it in a notebook; without one it shows what it knows itself.
    """

    name: str
    kind: DatasetKind
    count: int
    display: Display | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str:
        if self.display is not None:
            return self.display.dataset_html(self)
        from bioimageit_flow.model.markup import facts

        return facts(self.name, [("kind", self.kind), ("items", self.count)])
