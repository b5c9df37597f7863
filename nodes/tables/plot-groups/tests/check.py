"""Checks of the figures that plot-groups wrote."""

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def _png_size(png: Path) -> tuple[int, int]:
    header = png.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n", "the PNG has no PNG signature"
    width, height = struct.unpack(">II", header[16:24])
    return width, height


def _texts(svg: Path) -> list[str]:
    root = ElementTree.fromstring(svg.read_bytes())
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


def shows_groups_and_p_value(
    tables: list[Path], test: Path, png: Path, svg: Path
) -> None:
    """Look for the words, which Matplotlib notes beside their outlines."""
    del tables, test
    assert _png_size(png) == (944, 944), f"80 mm at 300 dpi is not {_png_size(png)}"
    source = svg.read_text(encoding="utf-8")
    comments = re.findall(r"<!-- (.*?) -->", source, flags=re.DOTALL)
    for wanted in ("Spots", "Condition", "Spots per image", "control", "drug"):
        assert any(wanted in comment for comment in comments), f"{wanted!r} is missing"
    for wanted in ("(n = 8)", "(n = 7)", "Mann-Whitney U, p = 0.0012"):
        assert any(wanted in comment for comment in comments), f"{wanted!r} is missing"
    root = ElementTree.fromstring(source)
    points = [
        use
        for group in root.iter(f"{SVG}g")
        if group.get("id", "").startswith("PathCollection")
        for use in group.iter(f"{SVG}use")
    ]
    assert len(points) == 15, f"{len(points)} points are drawn, not 15"
    places = {(use.get("x"), use.get("y")) for use in points}
    assert len(places) == 15, "some points cover each other"
    assert "<dc:date>" not in source, "the SVG holds a date"


def texts_are_in_order(tables: list[Path], png: Path, svg: Path) -> None:
    """Look for the groups in the order of their values, each with its size."""
    del tables, png
    texts = _texts(svg)
    wanted = ["0", "(n = 1)", "2", "(n = 2)", "10", "(n = 1)", "dose"]
    joined = " | ".join(texts)
    assert joined.startswith(" | ".join(wanted)), f"the texts are {texts}"
    assert "Rows per item" in texts, f"the value axis has no label in {texts}"


def texts_are_literal(tables: list[Path], png: Path, svg: Path) -> None:
    """Look for names with dollar signs and angle brackets, unchanged."""
    del tables, png
    texts = _texts(svg)
    for wanted in ("$a_1$ & <i>", "Stärke 2 µm", "$x^2$ & <b>"):
        assert wanted in texts, f"{wanted!r} is not among {texts}"


def png_is_500_by_200(tables: list[Path], png: Path, svg: Path) -> None:
    """Compare with 5 x 2 inches at 100 dpi."""
    del tables, svg
    assert _png_size(png) == (500, 200), f"the PNG has {_png_size(png)} pixels"
