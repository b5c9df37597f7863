"""Stacks cut across: what is seen from the front (XZ) and from the side (ZY)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bioimageit_flow.editor.viewing.contrast import ChannelLook, composite
from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.frames import Drawn, LabelLook
from bioimageit_flow.editor.viewing.label_colours import overlay
from bioimageit_flow.editor.viewing.pieces import Position, index_of
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.session.viewing import ImageSource, Window

Pixels = NDArray[Any]
Across = Literal["Y", "X"]
"""The axis that a cut stands on: a row (seen as XZ) or a column (seen as ZY)."""

_MOST_ALONG = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A cut through a stack, where it belongs.

    Attributes
    ----------
    image, labels : Drawn or None
        Pictures in pixels of the image; a plane is `depth_px` of them thick.
    depth_px : float
        How many pixels of a plane the distance of two planes is.
    """

    image: Drawn | None
    labels: Drawn | None
    depth_px: float


def depth_px(info: DataInfo) -> float:
    """Return the distance of two planes in pixels of a plane; 1 if it is not known."""
    sizes = info.pixel_size_um
    if "z" in sizes and sizes.get("x"):
        return sizes["z"] / sizes["x"]
    return 1.0


def cut(
    exhibit: Exhibit,
    position: Position,
    across: Across,
    at: int,
    looks: Sequence[ChannelLook],
    label_look: LabelLook,
    go_on: Callable[[], bool] = lambda: True,
) -> Cut | None:
    """Cut a stack at a row or a column of the image; None if it was broken off.

    Only that row or column of each plane is asked for, and every n-th pixel of it
    where it is longer than a screen.
    """
    thick = depth_px(exhibit.info)
    image = labels = None
    if exhibit.image is not None:
        planes: list[Pixels] = []
        for channel in range(exhibit.channels):
            if planes and not looks[channel].is_on:
                planes.append(planes[0])
                continue
            read = _read(exhibit.image, position, across, at, channel, go_on)
            if read is None:
                return None
            planes.append(read)
        pixels = composite(planes, list(looks[: len(planes)]))
        length = exhibit.image.width if across == "Y" else exhibit.image.height
        image = _placed(pixels, across, length, thick)
    source = exhibit.labels
    if source is not None and (label_look.is_on or exhibit.image is None):
        scale_y, scale_x = exhibit.label_scale
        place = int((at + 0.5) / (scale_y if across == "Y" else scale_x))
        read = _read(source, position, across, place, 0, go_on)
        if read is None:
            return None
        drawn = overlay(
            read[..., 0] if read.ndim == 3 else read,
            outline=label_look.outline,
            chosen=label_look.chosen,
            opacity=1.0 if exhibit.image is None else label_look.opacity,
        )
        length_px = source.width * scale_x if across == "Y" else source.height * scale_y
        labels = _placed(drawn, across, length_px, thick)
    return Cut(image, labels, thick)


def _read(
    source: ImageSource,
    position: Position,
    across: Across,
    at: int,
    channel: int,
    go_on: Callable[[], bool],
) -> Pixels | None:
    length = source.width if across == "Y" else source.height
    step = -(-length // _MOST_ALONG)
    most = source.height if across == "Y" else source.width
    here = min(max(at, 0), most - 1)
    lines = []
    for z in range(source.length("Z")):
        if not go_on():
            return None
        index = index_of(source, {**position, "Z": z}, channel)
        thin = (here, here + 1)
        if across == "Y":
            piece = source.read(Window(index, thin, (0, length), step))
        else:
            piece = source.read(Window(index, (0, length), thin, step))
        if piece is None:
            return None
        lines.append(piece.array[0] if across == "Y" else piece.array[:, 0])
    return np.stack(lines, axis=0 if across == "Y" else 1)


def _placed(pixels: Pixels, across: Across, length: float, thick: float) -> Drawn:
    if across == "Y":
        return Drawn(pixels, 0, 0, length, pixels.shape[0] * thick)
    return Drawn(pixels, 0, 0, pixels.shape[1] * thick, length)
