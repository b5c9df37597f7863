from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.formats import check_output, probe
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]

MATPLOTLIB = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" version="1.1"><g><path d="M 0 0"/></g></svg>
"""
BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'


def test_svg_with_document_type(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(MATPLOTLIB)
    assert (probe(path).kind, probe(path).format) == (Kind.FILE, "svg")
    assert check_output(path, Kind.FILE, "svg", None).format == "svg"


def test_svg_is_no_image_to_be_read(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.svg"
    path.write_text(MATPLOTLIB)
    assert "no image can be read" in refused(lambda: probe(path, kind=Kind.IMAGE))


@pytest.mark.parametrize(
    "text", ["plain", "<html></html>", "<svg", BOMB, '<?xml encoding="x"?><svg/>']
)
def test_refuses_what_is_no_svg(tmp_path: Path, refused: Refused, text: str) -> None:
    path = tmp_path / "a.svg"
    path.write_text(text)
    assert "is not SVG" in refused(lambda: probe(path))


def test_whole_svg_is_checked_as_an_output(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.svg"
    path.write_text(MATPLOTLIB.replace("</svg>", ""))
    probe(path)
    assert "not SVG" in refused(lambda: check_output(path, Kind.FILE, "svg", None))


def test_refuses_svg_that_is_too_deep(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.svg"
    path.write_text("<svg>" + "<g>" * 5000 + "</g>" * 5000 + "</svg>")
    assert "too deep" in refused(lambda: check_output(path, Kind.FILE, "svg", None))


def test_html(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.html"
    path.write_text("\n<!doctype html><p>Report")
    assert (probe(path).kind, probe(path).format) == (Kind.FILE, "html")
    path.write_text("plain")
    assert "not HTML" in refused(lambda: probe(path))
