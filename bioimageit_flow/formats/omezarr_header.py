"""The JSON of an OME-Zarr: which images it has, and what is said of them.

Only the small JSON files are read. Versions 0.1 to 0.4 lie in Zarr 2 (``.zattrs``,
``.zarray``), 0.5 in Zarr 3 (``zarr.json``). Source: https://ngff.openmicroscopy.org/
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.sizes import named_axes
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
MAX_JSON_BYTES = 32 * 2**20
MAX_IMAGES = 10_000

_KNOWN = frozenset({"0.1", "0.2", "0.3", "0.4", "0.5"})
_OLD_AXES = ("t", "c", "z", "y", "x")
_SHOWN = 60

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of an image.

    Attributes
    ----------
    path : Path
        Folder of the array.
    letters : str
        The axes of the array as they are stored, all of them.
    """

    path: Path
    letters: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ZarrImage:
    """One image of an OME-Zarr, with its pyramid, the largest level first."""

    info: DataInfo
    levels: tuple[Level, ...]


def is_zarr(folder: Path) -> bool:
    """Say whether a folder is a Zarr group or array."""
    return any((folder / name).is_file() for name in MARKS)


def read_images(folder: Path) -> list[ZarrImage]:
    """Return every image of an OME-Zarr: multiscales, series, wells and labels.

    Raises
    ------
    Refusal
        If it is no OME-Zarr, is damaged, or is of an unknown version.
    """
    images = list(_images(folder, ""))
    if not images:
        raise Refusal(
            "is a Zarr without the metadata of OME-Zarr, so that its axes are unknown",
            "Write it as OME-Zarr 0.4 or 0.5.",
        )
    return images


def _images(folder: Path, title: str) -> Iterator[ZarrImage]:
    attributes = _attributes(folder)
    if "multiscales" in attributes:
        yield from _multiscales(folder, attributes, title, Kind.IMAGE)
        yield from _labels(folder, title)
    elif "plate" in attributes:
        yield from _plate(folder, attributes["plate"])
    elif "bioformats2raw.layout" in attributes:
        names = _series(folder)
        for name in names:
            yield from _images(_inside(folder, name), name if len(names) > 1 else "")


def _series(folder: Path) -> list[str]:
    """Return the folders of the images of a layout of bioformats2raw."""
    place = folder / "OME"
    named = _attributes(place).get("series") if is_zarr(place) else None
    if isinstance(named, list):
        return [str(name) for name in named][:MAX_IMAGES]
    numbered = (one.name for one in folder.iterdir() if one.name.isdecimal())
    return sorted(numbered, key=int)[:MAX_IMAGES]


def _plate(folder: Path, plate: Json) -> Iterator[ZarrImage]:
    wells = plate.get("wells")
    for well in wells if isinstance(wells, list) else ():
        path = str(well.get("path", "")) if isinstance(well, dict) else ""
        place = _inside(folder, path)
        fields = _attributes(place).get("well", {}).get("images", [])
        for field in fields:
            name = f"{path}/{field.get('path', '')}"
            yield from _images(_inside(folder, name), name)


def _labels(folder: Path, title: str) -> Iterator[ZarrImage]:
    place = folder / "labels"
    if not is_zarr(place):
        return
    named = _attributes(place).get("labels", [])
    for name in named if isinstance(named, list) else ():
        inside = _inside(place, str(name))
        said = "/".join(part for part in (title, "labels", str(name)) if part)
        yield from _multiscales(inside, _attributes(inside), said, Kind.LABELS)


def _multiscales(
    folder: Path, attributes: Json, title: str, kind: Kind
) -> Iterator[ZarrImage]:
    found = attributes.get("multiscales")
    if not isinstance(found, list) or not found:
        raise _damaged("it lists no multiscales")
    for one in found:
        version = str(one.get("version", attributes.get("version", "0.4")))
        # Writers mark their additions behind a dash (SpatialData: 0.5-dev-spatialdata).
        if version.partition("-")[0] not in _KNOWN:
            raise Refusal(
                f"is OME-Zarr {version[:_SHOWN]}, which this version cannot read",
                "Convert it to OME-Zarr 0.4 or 0.5, or update the program.",
            )
        yield _multiscale(folder, one, attributes, title or _name(one), kind)


def _multiscale(
    folder: Path, one: Json, attributes: Json, title: str, kind: Kind
) -> ZarrImage:
    datasets = one.get("datasets")
    if not isinstance(datasets, list) or not datasets:
        raise _damaged("an image has no datasets")
    axes = _axes(one)
    letters = "".join(letter for letter, _ in axes)
    levels, dtypes = [], []
    for dataset in datasets:
        path = _inside(folder, str(dataset.get("path", "")))
        shape, chunks, dtype = _array(path)
        if len(shape) != len(letters):
            raise _damaged(f"an array of {len(shape)} dimensions has axes {letters}")
        levels.append(Level(path, letters, shape, chunks))
        dtypes.append(dtype)
    sizes = dict(zip(letters, levels[0].shape, strict=True))
    order = "".join(letter for letter in letters if letter in "TZC")
    names, shape = named_axes(sizes, order=order)
    scale = _scale(datasets[0], one, len(letters))
    pixel_size, step = {}, None
    for (letter, unit), size in zip(axes, scale, strict=True):
        length = length_um(size, unit) if letter in "ZYX" else None
        if length is not None and letter in names:
            pixel_size[letter.lower()] = length
        if letter == "T" and "T" in names:
            step = duration_s(size, unit) if unit else None
    info = DataInfo(
        kind=kind,
        format="ome-zarr",
        axes=names,
        shape=shape,
        dtype=dtypes[0],
        pixel_size_um=dict(sorted(pixel_size.items())),
        time_step_s=step,
        channels=_channels(attributes, sizes.get("C", 1)),
        title=title,
    )
    return ZarrImage(info, tuple(levels))


def _name(one: Json) -> str:
    name = str(one.get("name", ""))
    return "" if name == "/" else name


def _axes(one: Json) -> list[tuple[str, str]]:
    """Return the letter and unit of each axis, in the order of the array."""
    named = one.get("axes", _OLD_AXES)
    if not isinstance(named, list | tuple):
        raise _damaged("its axes are no list")
    axes = []
    for axis in named:
        said = axis if isinstance(axis, dict) else {"name": axis}
        name, kind = str(said.get("name", "")), said.get("type")
        usual = {"time": "T", "channel": "C"}
        letter = usual.get(str(kind), name.upper() or "?")
        axes.append((letter, str(said.get("unit") or "")))
    letters = [letter for letter, _ in axes]
    if len(set(letters)) < len(letters):
        raise _damaged(f"it has two axes of one name ({', '.join(letters)})")
    unknown = [letter for letter in letters if len(letter) != 1]
    if unknown:
        raise _damaged(f"its axis {unknown[0].lower()[:_SHOWN]!r} is unknown")
    return axes


def _scale(dataset: Json, one: Json, count: int) -> list[float]:
    scale = [1.0] * count
    for place in (dataset, one):
        for step in place.get("coordinateTransformations") or ():
            if isinstance(step, dict) and step.get("type") == "scale":
                factors = step.get("scale")
                if not isinstance(factors, list) or len(factors) != count:
                    raise _damaged("a scale does not fit its axes")
                scale = [
                    known * float(factor)
                    for known, factor in zip(scale, factors, strict=True)
                ]
    return scale


def _channels(attributes: Json, count: int) -> tuple[str, ...]:
    omero = attributes.get("omero")
    listed = omero.get("channels") if isinstance(omero, dict) else None
    if not isinstance(listed, list) or len(listed) != count:
        return ()
    names = tuple(
        str(channel.get("label", "")) if isinstance(channel, dict) else ""
        for channel in listed
    )
    return names if all(names) else ()


def _array(path: Path) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Return shape, chunks and pixel type of an array."""
    try:
        if (path / "zarr.json").is_file():
            facts = _json(path / "zarr.json")
            dtype = np.dtype(str(facts["data_type"]))
            chunks = facts["chunk_grid"]["configuration"]["chunk_shape"]
        elif (path / ".zarray").is_file():
            facts = _json(path / ".zarray")
            dtype = np.dtype(facts["dtype"])
            chunks = facts["chunks"]
        else:
            raise _damaged(f"the array {path.name!r} is missing")
        shape = tuple(int(length) for length in facts["shape"])
        sizes = tuple(int(length) for length in chunks)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(f"the array {path.name!r} cannot be understood") from error
    if dtype.kind not in "biufc" or min((*shape, *sizes), default=0) < 1:
        raise _damaged(f"the array {path.name!r} holds no pixels")
    return shape, sizes, dtype.newbyteorder("=").name


def _attributes(folder: Path) -> Json:
    """Return the attributes of a group; in Zarr 3 those of OME."""
    if (folder / "zarr.json").is_file():
        attributes = _json(folder / "zarr.json").get("attributes", {})
        ome = attributes.get("ome") if isinstance(attributes, dict) else None
        return ome if isinstance(ome, dict) else {}
    if (folder / ".zattrs").is_file():
        return _json(folder / ".zattrs")
    if not folder.is_dir():
        raise _damaged(f"{folder.name!r} is missing")
    return {}


def _json(path: Path) -> Json:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise _damaged(f"{path.name} is too long")
    try:
        facts = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _damaged(f"{path.parent.name}/{path.name} is no JSON") from error
    if not isinstance(facts, dict):
        raise _damaged(f"{path.parent.name}/{path.name} is no JSON object")
    return facts


def _inside(folder: Path, name: str) -> Path:
    """Return a place in a folder; paths that lead out of it are refused."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise _damaged(f"it names {name[:_SHOWN]!r}, which is no place inside it")
    return folder.joinpath(*parts)


def _damaged(reason: str) -> Refusal:
    return Refusal(f"is a damaged OME-Zarr: {reason}")
