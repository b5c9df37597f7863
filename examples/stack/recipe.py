"""Z stacks of nuclei in a tissue, with their true number and volumes.

Four stacks of 28 planes of 128 x 128 pixels. Planes are three times as far apart as
pixels are wide, and the blur is longer along Z than in the plane, as in every
microscope.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from numpy.random import RandomState

_EXAMPLES = str(Path(__file__).resolve().parents[1])
if _EXAMPLES not in sys.path:  # the image model stands beside the examples
    sys.path.append(_EXAMPLES)

from example_data import ExampleData, write_image, write_table  # noqa: E402
from image_model import (  # noqa: E402
    Camera,
    Optics,
    blurred,
    ellipsoid,
    gaussian_transfer,
    spread_positions,
)

SEED = 2027
STACKS = 4
SHAPE = (28, 128, 128)
OPTICS = Optics(
    wavelength_um=0.52,
    numerical_aperture=1.2,
    pixel_um=0.2,
    plane_um=0.6,
    refractive_index=1.333,
)
VOXEL_UM = (OPTICS.plane_um, OPTICS.pixel_um, OPTICS.pixel_um)
CAMERA = Camera()
PHOTONS = 60.0  # per voxel of a nucleus
SPREAD = 0.1  # between nuclei: standard deviation of the logarithm
HAZE_PHOTONS = 8.0
RADIUS_UM = (1.8, 2.5)
DISTANCE_UM = 5.4  # of two centres: the nuclei lie apart, some only just
FEWEST, MOST = 5, 9
CHANNEL = "DNA"


def make(folder: Path, *, seed: int = SEED) -> ExampleData:
    """Write the images and the truth about them.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist. Gets ``images/`` with 4 OME-TIFFs (ZYX),
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
    sigmas = [OPTICS.sigma_planes, OPTICS.sigma_px, OPTICS.sigma_px]
    transfer = gaussian_transfer(SHAPE, sigmas)
    images: list[Path] = []
    truth: list[tuple[object, ...]] = []
    objects: list[tuple[object, ...]] = []
    for number in range(1, STACKS + 1):
        name = f"stack_{number}.ome.tif"
        count = int(random.randint(FEWEST, MOST + 1))
        places = spread_positions(
            count,
            SHAPE,
            margin=RADIUS_UM[1] + OPTICS.plane_um,
            distance=DISTANCE_UM,
            voxel=VOXEL_UM,
            random=random,
        )
        light = np.full(SHAPE, HAZE_PHOTONS)
        volumes: list[float] = []
        for index, place in enumerate(places, start=1):
            radii_um = random.uniform(*RADIUS_UM, size=3)
            angle = random.uniform(0, math.pi)
            cover = ellipsoid(SHAPE, place, radii_um / VOXEL_UM, angle)
            light += cover * PHOTONS * math.exp(random.normal(0.0, SPREAD))
            volumes.append(4 / 3 * math.pi * float(np.prod(radii_um)))
            objects.append((name, index, *map(float, place), volumes[-1]))
        images.append(folder / "images" / name)
        write_image(
            images[-1],
            CAMERA.expose(blurred(light, transfer), random),
            "ZYX",
            dict(zip("ZYX", VOXEL_UM, strict=True)),
            [CHANNEL],
        )
        truth.append((name, number, count, float(np.mean(volumes))))
    write_table(folder / "truth.csv", ["file", "stack", "nuclei", "volume_um3"], truth)
    write_table(
        folder / "objects.csv",
        ["file", "nucleus", "z", "y", "x", "volume_um3"],
        objects,
    )
    return ExampleData(tuple(images), folder / "truth.csv", folder / "objects.csv")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    make(given.folder, seed=given.seed)


if __name__ == "__main__":
    main()
