"""The image in which a job ran is told by its name, tag, registry and digest."""

import json
from pathlib import Path

import pytest

from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.provenance.crate.actions import add_image
from bioimageit_flow.provenance.crate.graph import Graph

DIGEST = "5e" * 32


@pytest.mark.parametrize(
    ("place", "name", "tag", "registry"),
    [
        ("lab/skimage:0.1", "lab/skimage", "0.1", "docker.io"),
        (f"lab/skimage:0.1@sha256:{DIGEST}", "lab/skimage", "0.1", "docker.io"),
        ("debian", "debian", None, "docker.io"),
        ("ghcr.io/lab:2", "ghcr.io/lab", "2", "ghcr.io"),
        ("host:5000/lab/a", "host:5000/lab/a", None, "host:5000"),
        ("localhost/a:1", "localhost/a", "1", "localhost"),
    ],
)
def test_image_is_told_in_parts(
    tmp_path: Path, place: str, name: str, tag: str | None, registry: str
) -> None:
    used = RuntimeUsed("container", f"image sha256:{DIGEST}", place)
    with Graph(tmp_path / "spool") as graph:
        found = add_image(graph, used)
        (entity,) = (json.loads("".join(pieces)) for pieces in graph.texts())

    assert found == {"@id": entity["@id"]}
    assert (entity["name"], entity.get("tag")) == (name, tag)
    assert (entity["registry"], entity["sha256"]) == (registry, DIGEST)


def test_environment_is_no_image(tmp_path: Path) -> None:
    with Graph(tmp_path / "spool") as graph:
        assert add_image(graph, RuntimeUsed("environment", "lock 12", "env")) is None
