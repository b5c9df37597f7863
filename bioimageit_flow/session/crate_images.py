"""The container images of a crate: written into it, and given to the engine.

They are known by content: an image goes into a crate only if it is the very one that
jobs ran in, and out of it only if it is one that the crate says they ran in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.provenance.crate.images import SavedImage, SaveImage
from bioimageit_flow.provenance.crate.reading import RunCrate
from bioimageit_flow.session.shared_images import SharedImage, image_files

if TYPE_CHECKING:
    from bioimageit_flow.session.machine import Session

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ImageOffer:
    """An image of a crate that the engine of this machine lacks."""

    reference: str
    size: int

    def __str__(self) -> str:
        return f"{self.reference} ({format_bytes(self.size)})"


Allow = Callable[[Sequence[ImageOffer]], bool]
"""Asked before images of a crate are given to the engine."""


def saving(session: "Session", report: Report = lambda _line: None) -> SaveImage:
    """Return what gives the images that jobs ran in to the writer of a crate.

    Raises
    ------
    RuntimeUnavailableError
        If no engine answers, now or when an image is asked for.
    """
    files = image_files(session)

    def save(used: RuntimeUsed) -> SavedImage | None:
        name, _, tag = used.place.rpartition(":")
        digest = used.identity.partition(" ")[2]
        if "@" in used.place or not name:
            report(f"{used.place} is got from its registry by digest.")
            return None
        spec = ContainerSpec(image=name, tag=tag)
        if not files.has(spec.reference, digest):
            report(f"{used.place} is no longer here as it was, and does not go along.")
            return None
        report(f"Packing {spec.reference}: {format_bytes(files.size(spec) or 0)}")
        return SavedImage(SharedImage(spec, None).file_name, files.save(spec))

    return save


def take_images(
    session: "Session", crate: RunCrate, allow: Allow, report: Report
) -> None:
    """Give the engine the images of a crate that it lacks, if that is allowed.

    Nothing that is here is replaced: where a name stands for another image, that one is
    used, and the certificate tells of it.

    Raises
    ------
    DataError
        If a file of an image is damaged, is none, or holds an image that no job of the
        crate ran in.
    RuntimeUnavailableError
        If the engine does not answer.
    """
    from bioimageit_flow.runtimes.image_files import images_in

    if not crate.images:
        return
    broken = [one for one in crate.damages if one.path in crate.images]
    if broken:
        raise _hostile(str(broken[0]))
    wanted = {
        (tool.identity.partition(" ")[2], tool.detail.partition(";")[0])
        for tool in crate.recipe.tools
        if tool.identity.startswith("image ")
    }
    lacking = []
    files = image_files(session)
    for inner in crate.images:
        path = crate.path(inner)
        for image in images_in(path):
            told = {(image.id, reference) for reference in image.references}
            if not told or not told <= wanted:
                names = ", ".join(image.references) or "an image without a name"
                raise _hostile(f"{inner} holds {names}, in which no job ran")
            here = [files.is_same(image, one) for one in image.references]
            if False in here:
                report(
                    f"{image.references[0]} stands for another image here: that one "
                    "is used."
                )
            elif None in here:
                size = path.stat().st_size
                lacking.append((path, ImageOffer(image.references[0], size)))
    offers = [offer for _, offer in lacking]
    if not offers or not allow(offers):
        return
    for path, offer in lacking:
        report(f"Loading {offer}")
        files.load(path)


def _hostile(why: str) -> DataError:
    return DataError(
        f"The images of the crate were not taken: {why}.",
        remedy="It was changed or damaged; ask for the crate anew, or have its images "
        "left alone (`--images leave`).",
    )
