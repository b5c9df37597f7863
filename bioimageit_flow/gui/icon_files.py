"""The few icons that a style sheet needs as files."""

from bioimageit_flow.gui.icons import svg, svg_file
from bioimageit_flow.gui.theme import Theme


def icon_files(theme: Theme) -> dict[str, str]:
    """Return the paths of icons in a theme's colours, as a style sheet has them."""
    return {
        "icon_down": svg_file(svg("down", theme.muted)),
        "icon_right": svg_file(svg("right", theme.muted)),
        "icon_check": svg_file(svg("check", theme.accent_text)),
        "icon_close": svg_file(svg("close", theme.muted)),
        "icon_float": svg_file(svg("float", theme.muted)),
    }
