"""Fields of two-channel nuclei in two conditions, with their true number and signal.

Twelve fields of 256 x 256 pixels with two channels: DNA, and a protein that enters the
nucleus when a drug is given. Some nuclei touch, as they do in a dish.
"""

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

_EXAMPLES = str(Path(__file__).resolve().parents[1])
if _EXAMPLES not in sys.path:  # the image model stands beside the examples
    sys.path.append(_EXAMPLES)

from example_data import ExampleData, write_image, write_table  # noqa: E402
from image_model import (  # noqa: E402
    Camera,
    Optics,
    blurred,
    ellipsoid,
    filtered,
    gaussian_transfer,
    haze,
)

SEED = 2027
FIELDS_PER_CONDITION = 6
SIGNAL_PHOTONS = {"control": 60.0, "drug": 120.0}  # per pixel of a nucleus
SHAPE = (256, 256)
CHANNELS = ("DNA", "protein")
DNA_OPTICS = Optics(wavelength_um=0.46, numerical_aperture=0.75, pixel_um=0.325)
SIGNAL_OPTICS = Optics(wavelength_um=0.525, numerical_aperture=0.75, pixel_um=0.325)
CAMERA = Camera()
DNA_PHOTONS = 150.0
SPREAD = 0.12  # between nuclei: standard deviation of the logarithm
TEXTURE = 0.12  # within a nucleus: standard deviation relative to the mean
DNA_HAZE, SIGNAL_HAZE = 10.0, 15.0
RADIUS_PX = (12.0, 16.0)
LARGEST_RATIO = 1.25  # of the two radii
FEWEST, MOST = 9, 14
SHARE_TOUCHING = 0.3
MARGIN_PX = 4.0
GAP_PX = 4.0


@dataclass(frozen=True, slots=True)
class Nucleus:
    """An ellipse; radii in pixels, before its rotation by an angle in radians."""

    y: float
    x: float
    radii: tuple[float, float]
    angle: float

    @property
    def reach(self) -> float:
        """The larger radius."""
        return max(self.radii)

    def radius_towards(self, direction: float) -> float:
        """Return the distance from the centre to the outline, along an angle."""
        turned = direction + self.angle
        along_y, along_x = math.sin(turned), math.cos(turned)
        return 1 / math.hypot(along_y / self.radii[0], along_x / self.radii[1])

    def gap_to(self, other: "Nucleus") -> float:
        """Return the gap along the line that joins the centres; negative: overlap."""
        direction = math.atan2(other.y - self.y, other.x - self.x)
        distance = math.hypot(other.y - self.y, other.x - self.x)
        mine = self.radius_towards(direction)
        return distance - mine - other.radius_towards(direction + math.pi)

    @property
    def is_inside(self) -> bool:
        """Whether it keeps the margin to the borders of the field."""
        edge = self.reach + MARGIN_PX
        return all(
            edge <= place <= size - 1 - edge
            for place, size in zip((self.y, self.x), SHAPE, strict=True)
        )


def make(folder: Path, *, seed: int = SEED) -> ExampleData:
    """Write the images and the truth about them.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist. Gets ``images/`` with 12 OME-TIFFs (CYX),
        ``truth.csv`` and ``objects.csv``.
    seed : int
        Other seeds give other images of the same kind.

    Returns
    -------
    ExampleData
        The files.
    """
    (folder / "images").mkdir(parents=True, exist_ok=True)
    random = RandomState(seed)
    images: list[Path] = []
    truth: list[tuple[object, ...]] = []
    objects: list[tuple[object, ...]] = []
    for condition, level in SIGNAL_PHOTONS.items():
        for field in range(1, FIELDS_PER_CONDITION + 1):
            name = f"{condition}_field{field}.ome.tif"
            nuclei = _place(int(random.randint(FEWEST, MOST + 1)), random)
            pixels, found = _field(nuclei, level, random)
            images.append(folder / "images" / name)
            size = {"X": DNA_OPTICS.pixel_um, "Y": DNA_OPTICS.pixel_um}
            write_image(images[-1], pixels, "CYX", size, CHANNELS)
            mean_area, mean_signal = np.mean(found, axis=0).tolist()
            truth.append((name, condition, field, len(nuclei), mean_area, mean_signal))
            objects += [
                (name, number, nucleus.y, nucleus.x, *values)
                for number, (nucleus, values) in enumerate(
                    zip(nuclei, found, strict=True), start=1
                )
            ]
    columns = ["file", "condition", "field", "nuclei", "area_um2", "intensity"]
    write_table(folder / "truth.csv", columns, truth)
    columns = ["file", "nucleus", "y", "x", "area_um2", "intensity"]
    write_table(folder / "objects.csv", columns, objects)
    return ExampleData(tuple(images), folder / "truth.csv", folder / "objects.csv")


def _place(count: int, random: RandomState) -> list[Nucleus]:
    """Return nuclei that do not overlap; some touch one of the others."""
    nuclei: list[Nucleus] = []
    while len(nuclei) < count:
        size = random.uniform(*RADIUS_PX)
        ratio = math.sqrt(random.uniform(1.0, LARGEST_RATIO))
        radii, angle = (size / ratio, size * ratio), random.uniform(0, math.pi)
        if nuclei and random.random_sample() < SHARE_TOUCHING:
            partner = nuclei[random.randint(len(nuclei))]
            direction = random.uniform(0, 2 * math.pi)
            here = Nucleus(partner.y, partner.x, radii, angle)
            distance = partner.radius_towards(direction)
            distance += here.radius_towards(direction + math.pi) - 0.5
            new = Nucleus(
                partner.y + distance * math.sin(direction),
                partner.x + distance * math.cos(direction),
                radii,
                angle,
            )
            others = [nucleus for nucleus in nuclei if nucleus is not partner]
        else:
            y, x = random.uniform(0, SHAPE[0]), random.uniform(0, SHAPE[1])
            new, others = Nucleus(y, x, radii, angle), nuclei
        if new.is_inside and all(new.gap_to(other) > GAP_PX for other in others):
            nuclei.append(new)
    return nuclei


def _field(
    nuclei: list[Nucleus], level: float, random: RandomState
) -> tuple[NDArray[np.uint16], list[tuple[float, float]]]:
    """Return the two channels, and area (um2) and mean signal (grey) per nucleus."""
    dna = haze(SHAPE, DNA_HAZE, 0.2, random)
    signal = haze(SHAPE, SIGNAL_HAZE, 0.2, random)
    covers: list[NDArray[np.float64]] = []
    room = np.ones(SHAPE)
    for nucleus in nuclei:
        place = nucleus.y, nucleus.x
        cover = ellipsoid(SHAPE, place, nucleus.radii, nucleus.angle)
        covers.append(np.minimum(cover, room))  # no two nuclei share a place
        room -= covers[-1]
    textures = _texture(random), _texture(random)
    for cover in covers:
        dna += cover * textures[0] * DNA_PHOTONS * _brightness(random)
        signal += cover * textures[1] * level * _brightness(random)
    found = [
        (
            float(cover.sum()) * DNA_OPTICS.pixel_um**2,
            CAMERA.mean_grey(float(signal[cover > 0.5].mean())),
        )
        for cover in covers
    ]
    seen = [
        blurred(sample, gaussian_transfer(SHAPE, [optics.sigma_px] * 2))
        for sample, optics in ((dna, DNA_OPTICS), (signal, SIGNAL_OPTICS))
    ]
    return np.stack([CAMERA.expose(light, random) for light in seen]), found


def _texture(random: RandomState) -> NDArray[np.float64]:
    """Return relative brightness that varies over about five pixels, 1 on average."""
    waves = filtered(random.normal(size=SHAPE), gaussian_transfer(SHAPE, [2.0] * 2))
    return np.asarray(np.maximum(1 + waves * TEXTURE / waves.std(), 0))


def _brightness(random: RandomState) -> float:
    """Return the relative brightness of one nucleus."""
    return math.exp(random.normal(0.0, SPREAD))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    make(given.folder, seed=given.seed)


if __name__ == "__main__":
    main()
