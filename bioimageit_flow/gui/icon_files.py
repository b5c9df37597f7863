"""The few icons that a style sheet needs as files."""

import tempfile
from functools import lru_cache
from pathlib import Path

from bioimageit_flow.gui.icons import svg
from bioimageit_flow.gui.theme import Theme


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bioimageit-flow-icons-")


def icon_files(theme: Theme) -> dict[str, str]:
    """Return the paths of icons in the colours of a theme, as a style sheet has them.

    A style sheet cannot draw: arrows and check marks are written once into a temporary
    folder that goes with the process.
    """
    texts = {
        "down": svg("down", theme.muted),
        "right": svg("right", theme.muted),
        "check": svg("check", theme.accent_text),
        "close": svg("close", theme.muted),
        "float": svg("float", theme.muted),
    }
    folder = Path(_folder().name)
    paths = {}
    for name, text in texts.items():
        path = folder / f"{theme.name}-{name}.svg"
        if not path.exists():
            path.write_text(text, encoding="utf-8")
        paths[f"icon_{name}"] = path.as_posix()
    return paths
