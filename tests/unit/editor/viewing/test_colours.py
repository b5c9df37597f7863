"""Pixels become the colours that were asked for."""

import numpy as np
import pytest

from bioimageit_flow.editor.viewing.contrast import (
    ChannelLook,
    Limits,
    composite,
    full_limits,
    histogram_of,
    intensity,
    limits_of,
    looks_of,
)
from bioimageit_flow.editor.viewing.label_colours import borders, colours_of, overlay


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_limits_are_black_and_full(dtype: type[np.generic]) -> None:
    pixels = np.array([[0, 50, 100, 150, 200]]).astype(dtype)
    shown = intensity(pixels, Limits(50, 150))
    assert shown.tolist() == [[0, 0, 128, 255, 255]]


def test_values_that_are_no_numbers_are_black() -> None:
    pixels = np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32)
    assert intensity(pixels, Limits(0, 1)).tolist() == [[0, 255, 0, 255]]
    assert limits_of(pixels) == Limits(1.0, 2.0)


def test_few_extreme_pixels_do_not_take_the_contrast() -> None:
    pixels = np.full((100, 100), 100, np.uint16)
    pixels[:50] = 200
    pixels[0, 0] = 65_535
    assert limits_of(pixels) == Limits(100, 200)
    assert full_limits(pixels) == Limits(100, 65_535)


def test_channels_are_added_in_their_colours_and_left_out_when_off() -> None:
    full = np.array([[255]], np.uint8)
    limits = Limits(0, 255)
    green = ChannelLook("a", "#00ff00", limits)
    magenta = ChannelLook("b", "#ff00ff", limits)
    assert composite([full, full], [green, magenta]).tolist() == [[[255, 255, 255]]]
    off = ChannelLook("b", "#ff00ff", limits, is_on=False)
    assert composite([full, full], [green, off]).tolist() == [[[0, 255, 0]]]
    half = np.array([[51]], np.uint8)
    assert composite([half], [green]).tolist() == [[[0, 51, 0]]]


def test_a_colour_picture_is_shown_as_it_is() -> None:
    pixels = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    look = ChannelLook("RGB", limits=Limits(0, 255))
    assert composite([pixels], [look]).tolist() == pixels.tolist()


def test_channels_have_different_colours_and_names_are_heard() -> None:
    looks = looks_of(3, ["GFP", "DAPI", "other"])
    assert [look.colour for look in looks[:2]] == ["#00ff00", "#0099ff"]
    assert len({look.colour for look in looks}) == 3
    assert looks_of(1)[0].colour == "#ffffff"


def test_histogram_counts_every_pixel() -> None:
    pixels = np.array([[3, 3, 4, 9]], np.uint8)
    counts = histogram_of(pixels)
    assert (counts.low, counts.high) == (2.5, 9.5)
    assert counts.counts.tolist() == [2, 1, 0, 0, 0, 0, 1]


LABELS = np.zeros((7, 9), np.uint16)
LABELS[1:6, 1:6] = 3
LABELS[2:5, 6:8] = 8


def test_objects_have_colours_of_their_own_and_the_ground_none() -> None:
    shown = overlay(LABELS, opacity=0.4)
    assert shown[0, 0].tolist() == [0, 0, 0, 0]
    assert shown[3, 3, :3].tolist() == colours_of(np.array(3)).tolist()
    assert shown[3, 6, :3].tolist() == colours_of(np.array(8)).tolist()
    assert shown[3, 3].tolist() != shown[3, 6].tolist()
    assert shown[3, 3, 3] == 102


def test_outlines_leave_the_inside_free() -> None:
    shown = overlay(LABELS, outline=True)
    assert shown[3, 3, 3] == 0
    assert shown[1, 1, 3] == 255
    assert borders(LABELS)[3, 5]  # where two objects touch
    assert not borders(LABELS)[0, 0]


def test_the_chosen_object_has_a_white_outline_that_hides_all() -> None:
    shown = overlay(LABELS, chosen=8, opacity=0.3)
    assert shown[2, 6].tolist() == [255, 255, 255, 255]
    assert shown[1, 1].tolist() != [255, 255, 255, 255]
