"""Images that an engine has: which one a tool runs in.

`image_making` gets and builds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.engine import QUESTION_ERRORS, Engine, engine_failure
from bioimageit_flow.runtimes.engine_questions import Absent

LABEL = "org.bioimageit.flow"
"""Prefix of the labels of our images and containers."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the engine has.

    Attributes
    ----------
    id : str
        By which containers are made, so that a tag that moves changes nothing.
    used : RuntimeUsed
        Its identity: the registry's digest of a published image, else the id.
    """

    id: str
    used: RuntimeUsed


def find_image(engine: Engine, spec: ContainerSpec) -> Image | None:
    """Return a tool's image if the engine has it.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    try:
        facts = engine.inspect_image(spec.reference)
    except Absent:
        return None
    except QUESTION_ERRORS as error:
        raise engine_failure(error, f"looking for {spec.reference}") from error
    return describe_image(facts, spec)


def describe_image(facts: Mapping[str, Any], spec: ContainerSpec) -> Image:
    """Return what an image is, from the engine's description of it."""
    image_id = str(facts["Id"])
    if not image_id.startswith("sha256:"):  # as Podman has it
        image_id = f"sha256:{image_id}"
    digests = _registry_digests(facts, spec)
    identity = spec.digest if spec.digest in digests else next(iter(digests), image_id)
    return Image(
        image_id, RuntimeUsed("container", f"image {identity}", spec.reference)
    )


def _registry_digests(facts: Mapping[str, Any], spec: ContainerSpec) -> list[str]:
    if not spec.published and not spec.digest:
        # Some engines give what was built here a digest as well, others do so once it
        # is pushed: results would be computed again for nothing.
        return []
    wanted = _repository(spec.image)
    found = (str(entry).partition("@") for entry in facts.get("RepoDigests") or ())
    return [digest for name, _, digest in found if _repository(name) == wanted]


def resolve_image(engine: Engine, spec: ContainerSpec, used: RuntimeUsed) -> str:
    """Return the id of the image with an identity, whatever its tag says by now.

    Raises
    ------
    RuntimeUnavailableError
        If the engine has it no longer.
    """
    digest = used.identity.removeprefix("image ")
    for reference in (f"{spec.image}@{digest}", digest):
        try:
            return str(engine.inspect_image(reference)["Id"])
        except Absent:
            continue
        except QUESTION_ERRORS as error:
            raise engine_failure(error, f"looking for {reference}") from error
    raise RuntimeUnavailableError(
        f"The image {used.detail} ({digest[:19]}) was removed from the engine.",
        remedy="Start again: the image is then fetched, or built with "
        "`bioimageit-flow tools build`.",
    )


def _repository(name: str) -> str:
    """Return a repository's full name: ``python`` is ``docker.io/library/python``."""
    first, slash, _ = name.partition("/")
    is_host = slash and ("." in first or ":" in first or first == "localhost")
    if not is_host:
        name = f"docker.io/{name}" if slash else f"docker.io/library/{name}"
    return name
