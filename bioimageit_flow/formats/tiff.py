"""TIFF, OME-TIFF and ImageJ's TIFF, read by tifffile.

Flavours for which tifffile would follow references to other files, or parse XML other
than OME-XML, are read as plain TIFF.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from tifffile import TiffFile, TiffPageSeries

from bioimageit_flow.formats.axes import flow_axes
from bioimageit_flow.formats.calibration import (
    imagej_time_step_s,
    imagej_um,
    resolution_um,
)
from bioimageit_flow.formats.image import Image
from bioimageit_flow.formats.memory import require_memory
from bioimageit_flow.formats.ome_xml import (
    OmeImage,
    looks_like_ome,
    plain_ome,
    read_ome,
)
from bioimageit_flow.formats.planes import Planes
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.regions import Regions, regions_of_planes
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.formats.tiff_planes import ByteOrder, tiff_planes
from bioimageit_flow.formats.tiff_structure import (
    SIGNATURES,
    TiffStructure,
    check_structure,
)
from bioimageit_flow.formats.tifffile_log import tifffile_silenced
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_NO_UNIT = 1


class TiffReader:
    """Reads TIFF in all its flavours that tifffile knows."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like a TIFF."""
        return sample.head[:4] in SIGNATURES

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says; several images are `DataInfo.series`."""
        with sample.path.open("rb") as stream, _opened(stream, sample) as tiff:
            infos = tiff.infos()
        first = infos[0]
        return replace(first, series=tuple(infos)) if len(infos) > 1 else first

    def verify(self, sample: Sample) -> None:
        """Nothing more to check: `probe` looks at every page."""

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels of one image."""
        with sample.path.open("rb") as stream, _opened(stream, sample) as tiff:
            return tiff.image(selector, max_bytes)

    @contextmanager
    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> Iterator[Planes]:
        """Open one image, or a smaller copy of it, plane by plane."""
        with sample.path.open("rb") as stream, _opened(stream, sample) as tiff:
            yield tiff.planes(stream, selector, least)

    @contextmanager
    def open_regions(self, sample: Sample, selector: str) -> Iterator[Regions]:
        """Open one image with its pyramid, to read parts of planes."""
        with sample.path.open("rb") as stream, _opened(stream, sample) as tiff:
            yield tiff.regions(stream, sample.path, selector)


class _OpenTiff:
    """A TIFF whose structure is sound, opened by tifffile."""

    def __init__(
        self, tiff: TiffFile, structure: TiffStructure, ome: list[OmeImage], size: int
    ) -> None:
        self._tiff = tiff
        self._structure = structure
        self._ome = ome
        self._size = size
        self._series = list(tiff.series)
        self._check_header_fits()
        for series in self._series:
            self._check_planes(series)

    def infos(self) -> list[DataInfo]:
        return [self._info(number) for number in range(len(self._series))]

    def image(self, selector: str, max_bytes: int | None) -> Image:
        number = chosen_series(selector, len(self._series))
        series, info = self._series[number], self._info(number)
        page = series.keyframe
        segment = prod(page.chunks) * page.samplesperpixel * series.dtype.itemsize
        size = prod(info.shape) * series.dtype.itemsize
        require_memory(size + segment, max_bytes)
        array = np.asarray(series.asarray()).reshape(info.shape)
        assert info.axes is not None
        return Image(
            array,
            info.axes,
            pixel_size_um=info.pixel_size_um,
            time_step_s=info.time_step_s,
            channels=info.channels,
        )

    def planes(self, stream: BinaryIO, selector: str, least: int | None) -> Planes:
        number = chosen_series(selector, len(self._series))
        order: ByteOrder = ">" if self._tiff.byteorder == ">" else "<"
        return tiff_planes(
            stream, order, self._series[number], self._info(number), least
        )

    def regions(self, stream: BinaryIO, path: Path, selector: str) -> Regions:
        from bioimageit_flow.formats.tiff_regions import tiff_regions

        number = chosen_series(selector, len(self._series))
        order: ByteOrder = ">" if self._tiff.byteorder == ">" else "<"
        made = tiff_regions(path, order, self._series[number], self._info(number))
        if made is not None:
            return made
        planes = self.planes(stream, selector, None)
        require_memory(planes.plane_bytes)
        return regions_of_planes(planes)

    def _info(self, number: int) -> DataInfo:
        series = self._series[number]
        axes, shape = flow_axes(series.axes, series.shape)
        info = DataInfo(
            kind=Kind.IMAGE,
            format="ome-tiff" if self._ome else "tiff",
            axes=axes,
            shape=shape,
            dtype=series.dtype.name,
        )
        if self._ome:
            image = self._ome[number]
            return replace(
                info,
                pixel_size_um=image.pixel_size_um,
                time_step_s=image.time_step_s,
                channels=image.channels,
            )
        tags = series.keyframe.tags
        resolution = {
            axis: _ratio(tags.valueof(tag))
            for axis, tag in (("x", _X_RESOLUTION), ("y", _Y_RESOLUTION))
        }
        unit = tags.valueof(_RESOLUTION_UNIT, _NO_UNIT)
        unit = int(unit) if isinstance(unit, int) else _NO_UNIT
        metadata = self._tiff.imagej_metadata
        if metadata is None:
            return replace(info, pixel_size_um=resolution_um(resolution, unit))
        return replace(
            info,
            pixel_size_um=imagej_um(metadata, resolution, unit),
            time_step_s=imagej_time_step_s(metadata) if "T" in axes else None,
        )

    def _check_header_fits(self) -> None:
        """Refuse what tifffile did not understand: it would lose planes."""
        if not self._series:
            raise Refusal("holds no image")
        kinds = {series.kind for series in self._series}
        if self._ome and (kinds != {"ome"} or len(self._series) != len(self._ome)):
            raise Refusal("has OME-XML that does not fit its pixels")
        for flavour, is_meant in (
            ("imagej", self._tiff.is_imagej),
            ("shaped", self._tiff.is_shaped),
        ):
            if is_meant and not self._ome and kinds != {flavour}:
                raise Refusal(
                    "is incomplete: its header promises planes that it does not hold"
                )
        levels = [level for series in self._series for level in series.levels]
        used = sum(1 if level.is_truncated else len(level) for level in levels)
        if kinds & {"imagej", "shaped"} and used < self._structure.page_count:
            raise Refusal(
                f"has {self._structure.page_count} pages, but its header makes an "
                f"image of {used} of them"
            )

    def _check_planes(self, series: TiffPageSeries) -> None:
        """Check that an image does not promise more planes than there are.

        A hyperstack may have one page for many planes that follow one another.
        """
        page = series.keyframe
        promised = prod(series.shape)
        planes, rest = divmod(promised, max(prod(page.shape), 1))
        if rest or not promised:
            raise Refusal("has a header that does not fit its pixels")
        start = series.dataoffset
        if start is None:
            held = self._structure.page_count
        else:
            plane_bytes = max(promised // planes * series.dtype.itemsize, 1)
            held = (self._size - start) // plane_bytes
            if page.bitspersample % 8:
                held = max(held, self._structure.page_count)
        if planes > held:
            raise Refusal(
                f"is truncated: its header promises {planes} planes and it holds {held}"
            )


@contextmanager
def _opened(stream: BinaryIO, sample: Sample) -> Iterator[_OpenTiff]:
    """Open a TIFF, refusing what is damaged; map every error of tifffile."""
    structure = check_structure(stream, sample.size)
    ome: list[OmeImage] = []
    if looks_like_ome(structure.description):
        ome = read_ome(structure.description, structure.page_count, sample.path.name)
    stream.seek(0)
    try:
        with (
            tifffile_silenced(),
            np.errstate(all="ignore"),
            TiffFile(
                stream,
                name=sample.path.name,
                omexml=plain_ome(ome) if ome else None,
                _multifile=False,
                is_ome=bool(ome),
                is_avs=False,
                is_bif=False,
                is_eer=False,
                is_indica=False,
                is_mmstack=False,
                is_ndtiff=False,
                is_philips=False,
                is_qpi=False,
                is_scn=False,
            ) as tiff,
        ):
            yield _OpenTiff(tiff, structure, ome, sample.size)
    except (Refusal, OSError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise Refusal(f"cannot be read as a TIFF: {reason}", EXPORT_AGAIN) from error


def _ratio(value: object) -> float:
    """Return a rational tag as a number; 0 where it says nothing."""
    match value:
        case (int(over), int(under)) if under:
            return over / under
        case int() | float():
            return float(value)
        case _:
            return 0.0
