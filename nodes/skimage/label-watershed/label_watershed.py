"""Number the objects of a mask, splitting those that touch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from frames import frames, inner_axes, map_frames
from lengths import in_pixels, voxel
from numpy.typing import NDArray
from ome_image import (
    Image,
    label_dtype,
    read_image,
    read_labels,
    refuse_colour,
    write_image,
)
from peaks import find_peaks
from refusal import refuse
from scipy import ndimage
from skimage.measure import label
from skimage.morphology import remove_small_holes
from skimage.segmentation import relabel_sequential, watershed

Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Splitter:
    """How the objects of a frame are found and split.

    Attributes
    ----------
    is_splitting : bool
        Whether touching objects are split.
    min_distance : float
        Smallest distance between two centres, in the unit of `step`.
    step : tuple of float
        Length of a pixel along each axis.
    smoothing : tuple of float
        Sigma of the smoothing before centres are looked for, in pixels along each axis.
    connectivity : int
        1 where pixels are neighbours by faces only, else the number of dimensions.
    """

    is_splitting: bool
    min_distance: float
    step: tuple[float, ...]
    smoothing: tuple[float, ...]
    connectivity: int

    def label(self, mask: NDArray[np.bool_], signal: NDArray[Any] | None) -> Labels:
        """Return the objects of a mask, numbered from 1.

        Without a signal, an object is cut where it is narrow; with one, where it is
        narrow or dark.
        """
        objects = label(mask, connectivity=self.connectivity)
        if not self.is_splitting or not objects.any():
            return np.asarray(objects, np.int32)
        relief = ndimage.distance_transform_edt(mask, sampling=self.step)
        relief = ndimage.gaussian_filter(relief, self.smoothing)
        if signal is not None:
            smooth = ndimage.gaussian_filter(signal.astype(np.float64), self.smoothing)
            relief *= smooth - smooth.min()
        relief *= mask
        centres = find_peaks(relief, 0.0, self.min_distance, self.step)
        seeds = np.zeros(mask.shape, np.int32)
        order = np.lexsort(centres.T[::-1])  # number objects from the top left
        seeds[tuple(centres[order].T)] = np.arange(1, len(centres) + 1)
        split = watershed(-relief, seeds, mask=mask, connectivity=self.connectivity)
        # a small object beside a high summit has lost its centre, not its place
        unreached = label(mask & (split == 0), connectivity=self.connectivity)
        split[unreached > 0] = unreached[unreached > 0] + len(centres)
        return np.asarray(split, np.int32)


def run(
    *,
    mask: Path,
    labels: Path,
    split: bool,
    min_distance: float,
    smoothing: float,
    length_unit: str,
    min_size: int,
    max_hole: int,
    border: str,
    connectivity: str,
    stack: str,
    intensity: Path | None = None,
) -> None:
    """Write a label image: 0 is background, each object has a number of its own."""
    source = read_labels(mask, "mask")
    inner = inner_axes(source, stack)
    distances = in_pixels(source, min_distance, length_unit, inner)
    splitter = Splitter(
        is_splitting=split,
        min_distance=distances[-1],
        step=voxel(source, inner),
        smoothing=in_pixels(source, smoothing, length_unit, inner),
        connectivity=1 if connectivity == "face" else len(inner),
    )
    signals = _signals(intensity, source, inner)

    def number(frame: NDArray[Any]) -> Labels:
        filled = frame != 0
        if max_hole:
            filled = remove_small_holes(filled, max_size=max_hole)
        objects = splitter.label(filled, next(signals))
        kept = np.bincount(objects.ravel()) >= max(min_size, 1)
        if border == "remove":
            for edge in (0, -1):
                kept[objects[..., edge, :]] = False
                kept[objects[..., edge]] = False
        kept[0] = False
        numbered, *_ = relabel_sequential(np.where(kept[objects], objects, 0))
        return np.asarray(numbered)

    objects = map_frames(number, source, inner, np.uint32)
    dtype = label_dtype(int(objects.data.max()))
    write_image(labels, objects.with_data(objects.data.astype(dtype)), compress=True)


def _signals(
    intensity: Path | None, mask: Image, inner: str
) -> Iterator[NDArray[Any] | None]:
    """Yield the intensity of each frame of a mask, or nothing but None."""
    if intensity is None:
        while True:
            yield None
    image = read_image(intensity, "intensity")
    refuse_colour(image, "intensity")
    if not image.is_like(mask):
        refuse(
            f"Input 'intensity' is {image.described()} but the mask is "
            f"{mask.described()}: wire the image that the mask was made from."
        )
    for _, frame in frames(image, inner, is_progress_shown=False):
        yield frame


if __name__ == "__main__":
    main(run)
