"""Make spot images with known positions: sample, blur, photon noise, camera."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

Places = NDArray[np.float64]

SIGMA_PX = 2.0
VOLUME_SIGMA_UM = (0.4, 0.2, 0.2)
VOLUME_STEP_UM = (0.3, 0.1, 0.1)


def truth() -> Places:
    """Return the places of the 50 spots of the flat images, in pixels (y, x)."""
    random = np.random.default_rng(7)
    cells = random.permutation(np.argwhere(np.ones((10, 10))))[:50]
    return np.asarray(13 + 25 * cells + random.uniform(-6, 6, (50, 2)))


def volume_truth() -> Places:
    """Return the places of the 12 spots of the volume, in pixels (z, y, x)."""
    random = np.random.default_rng(8)
    cells = np.argwhere(np.ones((3, 2, 2)))
    return np.asarray(
        [5, 16, 16] + cells * [8, 28, 28] + random.uniform(-1, 1, (12, 3))
    )


def bright_spots(path: Path) -> None:
    """Write peaks of 200 photons on 20: a signal to noise ratio of 13."""
    _write(path, _camera(_spots(truth(), 200) + 20), x=0.1, y=0.1)


def bright_spots_in_an_empty_field(path: Path) -> None:
    """Write the same within a field three times as large, which is 0."""
    data = np.zeros((256, 768), np.uint16)
    data[:, :256] = _camera(_spots(truth(), 200) + 20)
    _write(path, data)


def dim_spots(path: Path) -> None:
    """Write peaks of 40 photons on 20: a signal to noise ratio of 5."""
    _write(path, _camera(_spots(truth(), 40) + 20))


def spots_on_slope(path: Path) -> None:
    """Write the same spots on a background that rises from 1000 to 2000."""
    slope = np.linspace(1000, 2000, 256)
    noise = np.random.default_rng(1).normal(0, 5, (256, 256))
    _write(path, (_spots(truth(), 200) + slope + noise).astype(np.float32))


def dark_spots(path: Path) -> None:
    """Write spots that take 200 photons from 400."""
    _write(path, _camera(400 - _spots(truth(), 200)))


def two_heights(path: Path) -> None:
    """Write 10 spots of height 100 and 40 of height 50, with little noise."""
    places = truth()
    light = _spots(places[:10], 100) + _spots(places[10:], 50)
    noise = np.random.default_rng(1).normal(0, 1, light.shape)
    _write(path, (light + 10 + noise).astype(np.float32))


def noise(path: Path) -> None:
    """Write photon noise of 5 photons per pixel."""
    _write(path, _camera(np.full((512, 512), 5.0)))


def constant(path: Path) -> None:
    """Write a constant image."""
    _write(path, np.full((64, 64), 1000, np.uint16))


def one_spot_between_pixels(path: Path) -> None:
    """Write a spot midway between two rows, no noise."""
    light = 1000 * _spots(np.array([[20.5, 15.0]]), 1, (40, 40))
    _write(path, light.astype(np.float32))


def spots_in_volume(path: Path) -> None:
    """Write 12 spots in a stack, twice as long along Z, planes three pixels apart."""
    sigma = np.divide(VOLUME_SIGMA_UM, VOLUME_STEP_UM)
    light = _spots(volume_truth(), 150, (26, 60, 60), sigma) + 10
    _write(path, _camera(light), "ZYX", z=0.3, y=0.1, x=0.1)


def one_to_four_spots(path: Path) -> None:
    """Write 1 and 2 spots at the first time point, 3 and 4 at the second."""
    places = np.array([[16, 16], [16, 48], [48, 16], [48, 48]], float)
    frames = [_spots(places[:count], 200, (64, 64)) for count in (1, 2, 3, 4)]
    light = np.stack(frames).reshape(2, 2, 64, 64)
    _write(path, _camera(light + 20), "TCYX")


def pillar(path: Path) -> None:
    """Write a spot at the same place of each of five planes."""
    plane = _spots(np.array([[20.0, 20.0]]), 200, (40, 40))
    _write(path, _camera(np.stack([plane] * 5) + 20), "ZYX")


def colour_picture(path: Path) -> None:
    """Write a small RGB picture."""
    data = np.zeros((16, 20, 3), np.uint8)
    tifffile.imwrite(path, data, photometric="rgb", ome=False, metadata=None)


def text_file(path: Path) -> None:
    """Write text that somebody called .tif."""
    path.write_text("not an image\n", encoding="utf-8")


def _spots(
    places: Places,
    height: float,
    shape: tuple[int, ...] = (256, 256),
    sigma: Places | float = SIGMA_PX,
) -> NDArray[np.float64]:
    grid = np.moveaxis(np.indices(shape), 0, -1)
    light = np.zeros(shape)
    for place in places:
        light += height * np.exp(-(((grid - place) / sigma) ** 2).sum(-1) / 2)
    return light


def _camera(light: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Return an image with photon noise, offset 100 and read noise 1.5."""
    random = np.random.default_rng(42)
    counts = random.poisson(light) + random.normal(100, 1.5, light.shape)
    return counts.round().clip(0, 65535).astype(np.uint16)


def _write(path: Path, data: NDArray[Any], axes: str = "YX", **size_um: float) -> None:
    sizes = {f"PhysicalSize{axis.upper()}": size for axis, size in size_um.items()}
    metadata: dict[str, Any] = {"axes": axes} | sizes
    tifffile.imwrite(path, data, metadata=metadata, photometric="minisblack")
