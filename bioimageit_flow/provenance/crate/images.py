"""Container images in a crate: files that ``docker save`` wrote, with checksums."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.provenance.crate.graph import Graph, Ref, local, ref

FOLDER = "images"
_FORM = "application/x-tar"


@dataclass(frozen=True, slots=True)
class SavedImage:
    """An image on its way into a crate.

    Attributes
    ----------
    file_name : str
        Of its file.
    pieces : iterable of bytes
        What is in the file; can be gone through once.
    """

    file_name: str
    pieces: Iterable[bytes]


SaveImage = Callable[[RuntimeUsed], SavedImage | None]
"""Gives an image that jobs ran in; None where it is not to be had any more."""


def image_id(used: RuntimeUsed) -> str:
    """Return the id of the image that jobs ran in; empty if they ran in none."""
    kind, _, digest = used.identity.partition(" ")
    return local("image", digest) if kind == "image" else ""


def add_image_file(
    graph: Graph, path: str, used: RuntimeUsed, sha256: str, size: int
) -> Ref:
    """Describe the file of an image."""
    entity = graph.add(
        path,
        "File",
        name=f"Image {used.place}",
        description="What `docker load` takes: jobs of this crate ran in it.",
        encodingFormat=_FORM,
        sha256=sha256,
        contentSize=str(size),
        about=ref(image_id(used)),
    )
    graph.extend("./", "hasPart", [entity])
    return entity


def is_image_file(id_: str, entity: Mapping[str, object]) -> bool:
    """Say whether an entity of a crate is the file of an image."""
    return id_.startswith(f"{FOLDER}/") and entity.get("encodingFormat") == _FORM
