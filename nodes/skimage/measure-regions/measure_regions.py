"""Measure the objects of a label image: one row per object."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from command_line import main
from csv_table import Cell, write_table
from frames import frames
from numpy.typing import NDArray
from ome_image import Image, read_image, read_labels, refuse_colour
from refusal import refuse
from skimage.measure import regionprops_table

Columns = dict[str, NDArray[Any]]

_SQUARE_TOLERANCE = 0.01
_LENGTHS = ("perimeter_crofton", "axis_major_length", "axis_minor_length")
_SHAPE = (*_LENGTHS, "eccentricity", "solidity")


def run(*, labels: Path, table: Path, intensity: Path | None = None) -> None:
    """Write size, place, shape and brightness of every object of every frame."""
    objects = read_labels(labels, "labels")
    inner = "ZYX" if "Z" in objects.axes else "YX"
    channels = {} if intensity is None else _channels(intensity, objects)
    walks = {
        suffix: frames(channel, inner, is_progress_shown=False)
        for suffix, channel in channels.items()
    }
    columns: list[str] = []
    rows: list[dict[str, Cell]] = []
    for place, frame in frames(objects, inner):
        measured = measure(frame, objects.calibration.pixel_size_um, inner)
        for suffix, walk in walks.items():
            _, signal = next(walk)
            measured |= measure_intensity(frame, measured["label"], signal, suffix)
        where: dict[str, Cell] = {axis.lower(): at for axis, at in place.items()}
        columns = ["label", *where, *(name for name in measured if name != "label")]
        rows += [
            where | {name: values[index].item() for name, values in measured.items()}
            for index in range(len(measured["label"]))
        ]
    write_table(table, columns, rows)


def measure(
    labels: NDArray[Any], pixel_size_um: Mapping[str, float], axes: str
) -> Columns:
    """Return label, size, centre, bounding box and, in two dimensions, the shape.

    Parameters
    ----------
    labels : ndarray of int
        One frame; 0 is background.
    pixel_size_um : mapping of str to float
        Micrometres are given as well where the pixel size is known along all axes.
    axes : str
        ``YX`` or ``ZYX``.
    """
    is_flat = axes == "YX"
    found = regionprops_table(
        labels.astype(np.int64),
        properties=("label", "area", "centroid", "bbox", *(_SHAPE if is_flat else ())),
    )
    sizes = [pixel_size_um[axis] for axis in axes if axis in pixel_size_um]
    is_calibrated = len(sizes) == len(axes)
    content, power = ("area", 2) if is_flat else ("volume", 3)
    pixels = found["area"].astype(np.int64)
    columns: Columns = {"label": found["label"], f"{content}_px": pixels}
    if is_calibrated:
        columns[f"{content}_um{power}"] = pixels * math.prod(sizes)
    for index, axis in enumerate(axes):
        columns[axis.lower()] = found[f"centroid-{index}"]
    if is_calibrated:
        for index, axis in enumerate(axes):
            columns[f"{axis.lower()}_um"] = found[f"centroid-{index}"] * sizes[index]
    for index, axis in enumerate(axes):
        columns[f"{axis.lower()}_min"] = found[f"bbox-{index}"]
        columns[f"{axis.lower()}_max"] = found[f"bbox-{index + len(axes)}"] - 1
    lengths = {"equivalent_diameter": _diameter(pixels, len(axes))}
    if is_flat:
        names = ("perimeter", "major_axis", "minor_axis")
        lengths |= zip(names, (found[name] for name in _LENGTHS), strict=True)
    is_square = is_calibrated and max(sizes) <= min(sizes) * (1 + _SQUARE_TOLERANCE)
    for name, length in lengths.items():
        if is_flat or not is_calibrated:
            columns[f"{name}_px"] = length
        if is_square or (is_calibrated and name == "equivalent_diameter"):
            columns[f"{name}_um"] = length * math.prod(sizes) ** (1 / len(axes))
    if is_flat:
        columns["eccentricity"] = found["eccentricity"]
        columns["solidity"] = found["solidity"]
        columns["circularity"] = _circularity(pixels, lengths["perimeter"])
    return columns


def measure_intensity(
    labels: NDArray[Any], index: NDArray[Any], signal: NDArray[Any], suffix: str
) -> Columns:
    """Return the mean, standard deviation, smallest, largest and sum of each object.

    `index` holds the labels of the frame in ascending order.
    """
    inside = labels != 0
    order = np.argsort(labels[inside], kind="stable")
    values = signal[inside][order].astype(np.float64)
    sorted_labels = labels[inside][order]
    first = np.searchsorted(sorted_labels, index)
    count = np.searchsorted(sorted_labels, index, side="right") - first
    if not len(index):
        sums = means = lowest = highest = deviations = np.empty(0)
    else:
        sums = np.add.reduceat(values, first)
        means = sums / count
        lowest = np.minimum.reduceat(values, first)
        highest = np.maximum.reduceat(values, first)
        squares = (values - np.repeat(means, count)) ** 2
        deviations = np.sqrt(np.add.reduceat(squares, first) / count)
    return {
        f"intensity_mean{suffix}": means,
        f"intensity_std{suffix}": deviations,
        f"intensity_min{suffix}": lowest,
        f"intensity_max{suffix}": highest,
        f"intensity_sum{suffix}": sums,
    }


def _diameter(pixels: NDArray[Any], dimensions: int) -> NDArray[Any]:
    """Return the diameter of the disc or ball of the same content."""
    if dimensions == 2:
        return np.asarray(np.sqrt(4 * pixels / math.pi))
    return np.asarray(np.cbrt(6 * pixels / math.pi))


def _circularity(pixels: NDArray[Any], perimeter: NDArray[Any]) -> NDArray[Any]:
    """Return 4 pi area / perimeter^2, at most 1: 1 for a disc, 0 for a line."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.minimum(4 * math.pi * pixels / perimeter**2, 1.0))


def _channels(path: Path, labels: Image) -> dict[str, Image]:
    """Return the images to measure by the suffix of their columns.

    Where only the intensity has channels, each gives columns of its own.
    """
    image = read_image(path, "intensity")
    refuse_colour(image, "intensity")
    channels = {"": image}
    if "C" in image.axes and "C" not in labels.axes:
        along = image.axes.index("C")
        channels = {
            f"_c{number}": image.without_axis("C", image.data.take(number, along))
            for number in range(image.size("C"))
        }
    for channel in channels.values():
        if not channel.is_like(labels):
            refuse(
                f"Input 'intensity' is {image.described()} but the labels are "
                f"{labels.described()}: wire the image that the labels were made from."
            )
    return channels


if __name__ == "__main__":
    main(run)
