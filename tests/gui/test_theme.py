"""Colours that everybody can read, whatever the theme."""

import pytest

from bioimageit_flow.editor.scene import COLOURS, NodeStatus
from bioimageit_flow.gui.theme import (
    CONTRAST,
    DARK,
    LIGHT,
    MAX_FONT_SCALE,
    THEMES,
    Theme,
    theme_of,
)
from bioimageit_flow.model.kinds import Kind

READABLE = 4.5  # WCAG 2.2, text; 3 for lines and shapes
VISIBLE = 3.0


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_texts_can_be_read(theme: Theme) -> None:
    grounds = (theme.window, theme.panel, theme.raised, theme.field)
    pairs = [(ink, on) for on in grounds for ink in (theme.text, theme.muted)]
    pairs += [(theme.accent_text, theme.accent), (theme.text, theme.chosen)]
    pairs += [(theme.node_text, theme.node), (theme.node_muted, theme.node)]
    pairs += [(theme.error, theme.panel), (theme.warning, theme.panel)]

    bad = {pair: ratio for pair in pairs if (ratio := contrast(*pair)) < READABLE}

    assert bad == {}


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_kind_can_be_seen_and_told_apart(theme: Theme) -> None:
    assert set(theme.kinds) == set(Kind)
    assert len(set(theme.kinds.values())) == len(Kind)
    assert set(theme.frames) == set(COLOURS)
    assert set(theme.statuses) == set(NodeStatus)
    dim = {
        kind: ratio
        for kind, colour in theme.kinds.items()
        if (ratio := contrast(colour, theme.canvas)) < VISIBLE
    }

    assert dim == {}


def test_system_choice_follows_the_desktop() -> None:
    assert theme_of("system", is_system_dark=True) == DARK
    assert theme_of("system", is_system_dark=False) == LIGHT
    assert theme_of("contrast", is_system_dark=False) == CONTRAST
    assert theme_of("never heard of", is_system_dark=True) == DARK


def test_size_of_text_stays_readable() -> None:
    assert DARK.scaled(9).font_scale == MAX_FONT_SCALE
