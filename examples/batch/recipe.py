"""Small images for the examples of batch semantics: what matters is in their names.

Each example gets a folder per dataset. The images are noise around a few bright pixels;
nothing about their content is of interest.
"""

import argparse
import sys
from pathlib import Path

from numpy.random import RandomState

_EXAMPLES = str(Path(__file__).resolve().parents[1])
if _EXAMPLES not in sys.path:
    sys.path.append(_EXAMPLES)

from example_data import write_image  # noqa: E402

SEED = 7
SHAPE = (32, 32)
PIXEL_UM = 0.1

NAMES = {
    "psf_for_all/images": [f"cell_{n}" for n in range(1, 6)],
    "psf_for_all/psf": ["bead"],
    "nuclei_and_spots/nuclei": [
        f"dapi_{well}_f{field}" for well in ("A01", "A02", "B01") for field in (1, 2)
    ],
    "nuclei_and_spots/spots": [
        f"gfp_{well}_f{field}" for field in (2, 1) for well in ("B01", "A02", "A01")
    ],
    "plates/images": [
        f"p{plate}_{well}_f{field}"
        for plate in (1, 2)
        for well in ("A01", "A02", "B01")
        for field in (1, 2, 3, 4)
    ],
    "before_after/before": [f"before_patient{n}" for n in (1, 2, 3, 4)],
    "before_after/after": [f"after_patient{n}" for n in (4, 2, 1, 3)],
    "sweep/images": [f"{c}_{n}" for c in ("control", "drug") for n in (1, 2, 3)],
}
"""Names of the images of each dataset of each example."""


def make(folder: Path, *, seed: int = SEED) -> dict[str, list[Path]]:
    """Write the images of all examples.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.
    seed : int
        Other seeds give other images.

    Returns
    -------
    dict
        The images by ``example/dataset``.
    """
    random = RandomState(seed)
    made: dict[str, list[Path]] = {}
    for place, names in NAMES.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        made[place] = [folder / place / f"{name}.ome.tif" for name in names]
        for path in made[place]:
            pixels = random.poisson(100, SHAPE).astype("uint16")
            for y, x in random.randint(4, 28, (5, 2)):
                pixels[y - 1 : y + 2, x - 1 : x + 2] += 400
            write_image(path, pixels, "YX", {"X": PIXEL_UM, "Y": PIXEL_UM})
    return made


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    make(given.folder, seed=given.seed)


if __name__ == "__main__":
    main()
