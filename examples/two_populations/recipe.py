"""Images of fluorescent spots in two conditions, with the true number of spots.

Forty images of 128 x 128 pixels, twenty of cells without and twenty of cells with a
drug that makes more vesicles. The number of vesicles in an image is drawn from a
Poisson distribution; some images have none.
"""

import argparse
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
    airy_transfer,
    blurred_points,
    haze,
    spread_positions,
)

SEED = 2027
IMAGES_PER_CONDITION = 20
MEAN_SPOTS = {"control": 3.0, "drug": 7.0}
SHAPE = (128, 128)
OPTICS = Optics(wavelength_um=0.52, numerical_aperture=1.4, pixel_um=0.065)
CAMERA = Camera()
PHOTONS = 500.0  # of a spot, typically
PHOTONS_SPREAD = 0.2  # standard deviation of its logarithm
HAZE_PHOTONS = 12.0  # per pixel
MARGIN_PX = 6.0
DISTANCE_PX = 5.0  # of two spots: about four standard deviations of the PSF


def make(folder: Path, *, seed: int = SEED) -> ExampleData:
    """Write the images and the truth about them.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist. Gets ``images/`` with 40 OME-TIFFs,
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
    transfer = airy_transfer(SHAPE, OPTICS)
    images: list[Path] = []
    truth: list[tuple[object, ...]] = []
    objects: list[tuple[object, ...]] = []
    for condition, mean in MEAN_SPOTS.items():
        for replicate in range(1, IMAGES_PER_CONDITION + 1):
            count = int(random.poisson(mean))
            places = spread_positions(
                count, SHAPE, margin=MARGIN_PX, distance=DISTANCE_PX, random=random
            )
            photons = PHOTONS * np.exp(random.normal(0.0, PHOTONS_SPREAD, count))
            light = blurred_points(places, photons, transfer, SHAPE)
            light += haze(SHAPE, HAZE_PHOTONS, 0.25, random)
            name = f"{condition}_{replicate:02d}.ome.tif"
            images.append(folder / "images" / name)
            size = {"X": OPTICS.pixel_um, "Y": OPTICS.pixel_um}
            write_image(images[-1], CAMERA.expose(light, random), "YX", size)
            truth.append((name, condition, replicate, count))
            objects += [
                (name, number, float(y), float(x), float(amount))
                for number, ((y, x), amount) in enumerate(
                    zip(places, photons, strict=True), start=1
                )
            ]
    write_table(
        folder / "truth.csv", ["file", "condition", "replicate", "spots"], truth
    )
    write_table(folder / "objects.csv", ["file", "spot", "y", "x", "photons"], objects)
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
