"""Images as files: what an engine has is written, and what a file holds is taken."""

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.engine import Engine, engine_failure
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS
from bioimageit_flow.runtimes.engine_questions import Absent

_CHUNK = 4 * 1024 * 1024
_MOST_LISTED = 16_000_000
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FiledImage:
    """One image in a file that ``docker save`` wrote.

    Attributes
    ----------
    references : tuple of str
        ``name:tag``; what the engine will call it.
    id : str
        Hash of its configuration, ``sha256:...``; empty where the file does not say.
    """

    references: tuple[str, ...]
    id: str


class ImageFiles:
    """Writes and takes images.

    Parameters
    ----------
    engine : Engine
        Which has them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def size(self, spec: ContainerSpec) -> int | None:
        """Return how many bytes an image takes; None if the engine does not have it."""
        facts = self._facts(spec.reference)
        return None if facts is None else int(facts.get("Size") or 0)

    def save(self, spec: ContainerSpec) -> Iterator[bytes]:
        """Yield the bytes of a file of an image, under its name.

        Raises
        ------
        RuntimeUnavailableError
            If the engine does not answer, or does not have it.
        """
        doing = f"saving {spec.reference}"
        try:
            yield from self._engine.api().get_image(spec.reference, chunk_size=_CHUNK)
        except ENGINE_ERRORS as error:
            raise engine_failure(error, doing) from error

    def load(self, path: Path) -> None:
        """Give the engine the images of a file.

        Raises
        ------
        RuntimeUnavailableError
            If the engine does not answer, or does not take them.
        DataError
            If the file cannot be read.
        """
        doing = f"loading {path.name}"
        try:
            with path.open("rb") as file:
                said = self._engine.api().load_image(file)  # type: ignore[no-untyped-call]
                for line in said or ():
                    if isinstance(line, dict) and "error" in line:
                        raise DataError(
                            f"The engine does not take {path.name} ({line['error']}).",
                            remedy="The file may be damaged: ask for it anew.",
                        )
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}).") from error
        except ENGINE_ERRORS as error:
            raise engine_failure(error, doing) from error

    def has(self, reference: str, id_: str) -> bool:
        """Say whether the engine has an image of this id under a name."""
        facts = self._facts(reference)
        return facts is not None and str(facts.get("Id", "")) == id_

    def is_same(self, image: FiledImage, reference: str) -> bool | None:
        """Say whether the engine has the same image under a name; None if it has none.

        What cannot be told is not the same.
        """
        facts = self._facts(reference)
        if facts is None:
            return None
        return bool(image.id) and image.id == str(facts.get("Id", ""))

    def _facts(self, reference: str) -> dict[str, Any] | None:
        try:
            return self._engine.inspect_image(reference)
        except Absent:
            return None
        except ENGINE_ERRORS as error:
            raise engine_failure(error, f"looking for {reference}") from error


def images_in(path: Path) -> list[FiledImage]:
    """Return what a file that ``docker save`` wrote holds; nothing is taken from it.

    Raises
    ------
    DataError
        If it is no such file.
    """
    try:
        with tarfile.open(path, "r:") as file:
            member = file.getmember("manifest.json")
            source = file.extractfile(member)
            if source is None or member.size > _MOST_LISTED:
                raise _no_image(path)
            listed = json.loads(source.read(_MOST_LISTED))
            ids = [_id_of(file, str(one.get("Config", ""))) for one in listed]
        return [
            FiledImage(tuple(map(str, one.get("RepoTags") or ())), id_)
            for one, id_ in zip(listed, ids, strict=True)
        ]
    except (
        OSError,
        tarfile.TarError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise _no_image(path) from error


def _id_of(file: tarfile.TarFile, config: str) -> str:
    """Return the hash of the configuration, by which the engine will know the image.

    It is that of what the file holds, whatever the name of the file says: the
    configuration names the hashes of all layers, which the engine checks.
    """
    name = Path(config).name.removesuffix(".json")
    member = file.getmember(config)
    source = file.extractfile(member)
    if source is None or member.size > _MOST_LISTED or not _HEX.fullmatch(name):
        return ""
    digest = sha256(source.read(_MOST_LISTED)).hexdigest()
    return f"sha256:{digest}" if digest == name else ""


def _no_image(path: Path) -> DataError:
    return DataError(
        f"{path.name} is no file of an image.",
        remedy="Such files are written by `docker save` and `bioimageit-flow share`.",
    )
