"""One tool in two versions, which differ in everything that an upgrade shows."""

from pathlib import Path

_OLD = """\
schema: bioimageit-flow/tool/1
id: lab/smooth
version: 1.0.0
name: Smooth
summary: Smooths an image.
licence: MIT
container: {image: lab/smooth, tag: "1.0"}
command: [smooth, "{image}", "{result}", "{sigma}", "{mode}"]
inputs:
  image: {kind: image, axes: [YX], formats: [ome-tiff]}
outputs:
  result: {kind: image, format: ome-tiff}
parameters:
  sigma: {type: float, default: 1.0, min: 0, max: 10, unit: px}
  mode: {type: text, default: same}
"""

_NEW = """\
schema: bioimageit-flow/tool/1
id: lab/smooth
version: 2.0.0
name: Smooth
summary: Smooths an image.
licence: GPL-3.0-only
container: {image: lab/smooth, tag: "2.0"}
command: [smooth, "{image}", "{result}", "{sigma}", "{passes}"]
inputs:
  image: {kind: image, axes: [YX, ZYX], formats: [ome-tiff]}
  mask: {kind: labels, formats: [ome-tiff], optional: true}
outputs:
  result: {kind: image, format: ome-tiff}
parameters:
  sigma: {type: float, default: 2.0, min: 0, max: 5, unit: px}
  passes: {type: int, default: 1}
"""


def two_versions(folder: Path) -> Path:
    """Write both versions of ``lab/smooth`` below a folder, and return it."""
    for name, text in (("old", _OLD), ("new", _NEW)):
        place = folder / name
        place.mkdir(parents=True)
        (place / "tool.yaml").write_text(text, encoding="utf-8")
    return folder
