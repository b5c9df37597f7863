import math

import pytest

from bioimageit_flow.formats.calibration import (
    duration_s,
    imagej_time_step_s,
    imagej_um,
    length_um,
    resolution_um,
)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (65, "nm", 0.065),
        ("0.1", "µm", 0.1),
        (0.1, "\u03bcm", 0.1),
        (0.1, "\\u00B5m", 0.1),
        (2, "micron", 2.0),
        (2, " Micrometer ", 2.0),
        (1, "mm", 1000.0),
        (1, "pixel", None),
        (1, "", None),
        (0, "um", None),
        (-1, "um", None),
        (math.inf, "um", None),
        (math.nan, "um", None),
        ("x", "um", None),
        (None, "um", None),
        (5e-324, "nm", None),
    ],
)
def test_lengths(value: object, unit: str, expected: float | None) -> None:
    assert length_um(value, unit) == expected


def test_durations() -> None:
    assert duration_s(500, "ms") == 0.5
    assert duration_s(2, "min") == 120
    assert duration_s(2, "parsec") is None


def test_resolution_in_centimetres_is_a_calibration() -> None:
    assert resolution_um({"x": 1e5, "y": 5e4}, 3) == {"x": 0.1, "y": 0.2}


@pytest.mark.parametrize("dpi", [72, 96, 300, 600, 2400])
def test_print_resolution_says_nothing(dpi: float) -> None:
    assert resolution_um({"x": dpi, "y": dpi}, 2) == {}
    assert resolution_um({"x": dpi / 2.54, "y": dpi / 2.54}, 3) == {}
    assert imagej_um({"unit": "inch"}, {"x": dpi, "y": dpi}, 2) == {}


def test_resolution_without_unit_or_value_says_nothing() -> None:
    assert resolution_um({"x": 10, "y": 10}, 1) == {}
    assert resolution_um({"x": 0, "y": 0}, 3) == {}


def test_imagej_unit_and_spacing() -> None:
    metadata = {"unit": "\\u00B5m", "spacing": -3.0}
    sizes = imagej_um(metadata, {"x": 10.0, "y": 10.0}, 1)
    assert sizes == {"x": 0.1, "y": 0.1, "z": 3.0}


def test_imagej_pixels_are_not_calibrated() -> None:
    assert imagej_um({"unit": "pixel", "spacing": 2.0}, {"x": 1.0, "y": 1.0}, 1) == {}
    assert imagej_um({}, {"x": 1.0, "y": 1.0}, 1) == {}


def test_imagej_frame_interval() -> None:
    assert imagej_time_step_s({"finterval": 2.5}) == 2.5
    assert imagej_time_step_s({"finterval": 2, "tunit": "min"}) == 120
    assert imagej_time_step_s({}) is None
