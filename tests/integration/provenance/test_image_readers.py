"""Stamped images are opened by programs of others, and their OME-XML is valid."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.engine.lab import Lab
from tests.integration.provenance.foreign import make_environment, program

PACKAGES = ("ome-types", "bioio-ome-tiff", "bioio", "SimpleITK", "pillow", "tifffile")
READ = """
import json, sys
import SimpleITK, tifffile
from bioio_ome_tiff import Reader
from ome_types import from_tiff
from PIL import Image

path = sys.argv[1]
ome = from_tiff(path, validate=True)
reader = Reader(path)
pixels = tifffile.imread(path)
same = (SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path)) == pixels).all()
print(json.dumps({
    "annotations": [one.namespace for one in ome.structured_annotations],
    "size_um": ome.images[0].pixels.physical_size_x,
    "bioio": [reader.shape, bool((reader.data.squeeze() == pixels).all())],
    "itk": bool(same),
    "pillow": Image.open(path).size,
}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers")
    make_environment(folder, *PACKAGES)
    return program(folder, "python")


def test_stamped_image_is_valid_and_read_by_others(lab: Lab, python: Path) -> None:
    lab.import_images(1)
    (made,) = lab.run(lab.line()).results("add", "result")
    pixels = made.read_image().array

    said = subprocess.run(
        [str(python), "-W", "ignore", "-c", READ, str(made.path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout.splitlines()[-1])
    (namespace,) = found["annotations"]
    assert namespace.endswith("/stamp/1")
    assert found["bioio"] == [[1, 1, 1, *pixels.shape], True]
    assert found["itk"]
    assert found["pillow"] == list(reversed(pixels.shape))
