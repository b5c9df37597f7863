"""Nikon ND2, read by the library ``nd2``: positions become images."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod

import numpy as np

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.image import Image, Pixels
from bioimageit_flow.formats.library import Foreign, imported
from bioimageit_flow.formats.planes import Index, Planes, whole_image
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.formats.selector import chosen_series
from bioimageit_flow.formats.sizes import named_axes
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_SIGNATURES = (b"\xda\xce\xbe\x0a", b"\x00\x00\x00\x0cjP  ")
_LOOPS = {
    "TimeLoop": "T",
    "NETimeLoop": "T",
    "ZStackLoop": "Z",
    "XYPosLoop": "P",
}


class Nd2Reader:
    """Reads ND2 of any positions, times, slices and channels."""

    version = "nd2/1"
    libraries: tuple[str, ...] = ("nd2",)

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like an ND2; an old one must be called so."""
        if sample.head.startswith(_SIGNATURES[0]):
            return True
        return sample.claim == "nd2" and sample.head.startswith(_SIGNATURES[1])

    def probe(self, sample: Sample) -> DataInfo:
        """Return what the header says; positions are `DataInfo.series`."""
        with _opened(sample) as file:
            infos = file.infos
        return replace(infos[0], series=infos) if len(infos) > 1 else infos[0]

    def verify(self, sample: Sample) -> None:
        """Check that the last frame can be read."""
        with _opened(sample) as file:
            file.frame(file.frame_count - 1)

    def read_image(self, sample: Sample, selector: str, max_bytes: int | None) -> Image:
        """Return the pixels of one position."""
        with self.open_planes(sample, selector) as planes:
            return whole_image(planes, max_bytes)

    @contextmanager
    def open_planes(
        self, sample: Sample, selector: str, least: int | None = None
    ) -> Iterator[Planes]:
        """Open one position; the format has no smaller copies."""
        with _opened(sample) as file:
            number = chosen_series(selector, len(file.infos))
            yield Planes(file.infos[number], lambda index: file.plane(number, index))


class _OpenNd2:
    """An open ND2 whose loops are understood."""

    def __init__(self, file: Foreign) -> None:
        self._file = file
        self._loops = [
            (_LOOPS.get(loop.type, loop.type), int(loop.count))
            for loop in file.experiment
        ]
        names = [name for name, count in self._loops if count > 1]
        if len(set(names)) < len(names):
            raise Refusal(
                f"has two loops of one kind ({', '.join(names)}), which T, Z and C "
                "cannot name",
                "Split it into files with one of them.",
            )
        self.frame_count = prod(count for _, count in self._loops)
        held = int(file.attributes.sequenceCount)
        if held < self.frame_count:
            raise Refusal(
                f"is incomplete: it promises {self.frame_count} frames and holds {held}"
            )
        if held > self.frame_count and self._loops:
            raise Refusal(
                f"holds {held} frames, but its header makes an image of "
                f"{self.frame_count} of them",
                EXPORT_AGAIN,
            )
        if held > 1 and not self._loops:
            self._loops, self.frame_count = [("T", held)], held
        self._held: tuple[int, Pixels] | None = None
        self.infos = self._infos()

    def plane(self, position: int, index: Index) -> Pixels:
        """Return one plane."""
        info = self.infos[position]
        assert info.axes is not None
        at = dict(zip(info.axes, index, strict=False)) | {"P": position}
        number = 0
        for name, count in self._loops:
            number = number * count + (at.get(name, 0) if count > 1 else 0)
        frame = self.frame(number)  # C, Y, X, S
        plane: Pixels = frame[at.get("C", 0)]
        if not info.axes.endswith("S"):
            plane = plane[..., 0]
        return plane

    def frame(self, number: int) -> Pixels:
        """Return one frame: channels, rows, columns, samples."""
        if self._held is None or self._held[0] != number:
            attributes = self._file.attributes
            channels, samples = self._channels_samples()
            array = np.asarray(self._file.read_frame(number))
            shape = (attributes.heightPx, attributes.widthPx)
            if samples > 1:
                array = array.reshape(channels, *shape, samples)
            else:
                array = array.reshape(channels, *shape)[..., np.newaxis]
            self._held = number, array
        return self._held[1]

    def _channels_samples(self) -> tuple[int, int]:
        attributes = self._file.attributes
        channels = int(attributes.channelCount or 1)
        samples = int(attributes.componentCount) // channels
        return (channels, samples) if samples in (3, 4) else (channels * samples, 1)

    def _infos(self) -> tuple[DataInfo, ...]:
        file = self._file
        channels, samples = self._channels_samples()
        sizes = {name: count for name, count in self._loops if name != "P"}
        sizes |= {"C": channels, "S": samples}
        sizes |= {"Y": file.attributes.heightPx, "X": file.attributes.widthPx or 0}
        order = "".join(name for name, _ in self._loops if name in "TZ") + "C"
        axes, shape = named_axes(sizes, order=order)
        voxel = file.voxel_size()
        pixel_size = {
            axis: length
            for axis in "xyz"
            if axis.upper() in axes
            and (length := length_um(getattr(voxel, axis), "um")) is not None
        }
        if pixel_size == {"x": 1.0, "y": 1.0} and not _is_calibrated(file):
            pixel_size = {}
        info = DataInfo(
            kind=Kind.IMAGE,
            format="nd2",
            axes=axes,
            shape=shape,
            dtype=np.dtype(file.dtype).name,
            pixel_size_um=pixel_size,
            time_step_s=_time_step(file) if "T" in axes else None,
            channels=_channel_names(file, channels),
        )
        count = dict(self._loops).get("P", 1)
        if count == 1:
            return (info,)
        return tuple(replace(info, title=f"position {n + 1}") for n in range(count))


@contextmanager
def _opened(sample: Sample) -> Iterator[_OpenNd2]:
    library = imported("nd2", "a Nikon ND2 file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with library.ND2File(sample.path) as file:
                yield _OpenNd2(file)
    except (Refusal, OSError):
        raise
    except Exception as error:
        if "ChunkMap signature" in str(error):  # it stands at the very end
            why = "is truncated: the list of its parts is missing at its end"
            raise Refusal(why, EXPORT_AGAIN) from error
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise Refusal(f"cannot be read as ND2: {reason}", EXPORT_AGAIN) from error


def _is_calibrated(file: Foreign) -> bool:
    channels = getattr(file.metadata, "channels", None) or ()
    return any(all(one.volume.axesCalibrated[:2]) for one in channels)


def _channel_names(file: Foreign, count: int) -> tuple[str, ...]:
    channels = getattr(file.metadata, "channels", None) or ()
    names = tuple(str(one.channel.name or "") for one in channels)
    return names if len(names) == count and all(names) else ()


def _time_step(file: Foreign) -> float | None:
    for loop in file.experiment:
        if loop.type == "TimeLoop":
            difference = getattr(loop.parameters, "periodDiff", None)
            average = getattr(difference, "avg", None)
            return duration_s(average or loop.parameters.periodMs, "ms")
    return None


READER = Nd2Reader()
