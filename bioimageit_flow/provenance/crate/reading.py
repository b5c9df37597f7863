"""Reads a crate that anybody may have made.

A crate is looked at before anything of it is used. What is in it is told by name where
it is missing or was altered; nothing outside its folder is ever opened.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.provenance.crate.about import METADATA
from bioimageit_flow.provenance.crate.images import is_image_file
from bioimageit_flow.provenance.crate.recipe import RECIPE, Recipe, is_away, read_recipe

MAX_METADATA = 512_000_000
MAX_ENTITIES = 5_000_000
_CRATE = "https://w3id.org/ro/crate/"
_RUN = "https://w3id.org/ro/wfrun/provenance/"
_SHOWN = 5

Entity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of a crate that is not what the crate says.

    Attributes
    ----------
    path : str
        In the crate.
    what : str
        ``missing`` or ``altered``.
    """

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} is {self.what}"


@dataclass(frozen=True, slots=True)
class RunCrate:
    """A crate that was looked at, with one of its runs.

    Attributes
    ----------
    damages : tuple of Damage
        Files that are not what the crate says.
    images : tuple of str
        Files of container images in it.
    """

    folder: Path
    name: str
    recipe: Recipe
    damages: tuple[Damage, ...]
    images: tuple[str, ...] = ()

    def path(self, inner: str) -> Path:
        """Return where a file of the crate lies; see `inner_path`."""
        return inner_path(self.folder, inner)

    def is_whole(self, inner: str) -> bool:
        """Say whether a file is there and as the crate says."""
        return all(one.path != inner for one in self.damages)


def read_crate(folder: Path, run: str = "") -> RunCrate:
    """Read a crate with one of its runs.

    Parameters
    ----------
    folder : Path
        The crate.
    run : str
        The beginning of the id of the run, where the crate has several.

    Raises
    ------
    DataError
        If it is no crate, is of a profile that is not known here, contradicts itself,
        names what lies outside of it, or holds no recipe; says what by name.
    NewerVersionError
        If a newer version of the program wrote it.
    """
    entities = read_entities(folder)
    _check_profile(entities)
    _check_circles(entities)
    inner = _recipe_path(entities, folder, run)
    recipe = read_recipe(inner_path(folder, inner))
    damages = tuple(_damages(folder, entities, recipe))
    if any(one.path == inner for one in damages):
        raise DataError(
            f"The recipe of the crate, {inner}, was altered.",
            remedy="Ask for the crate anew, and do not trust it.",
        )
    root = entities["./"]
    images = tuple(unquote(i) for i, one in entities.items() if is_image_file(i, one))
    name = str(root.get("name", folder.name))
    return RunCrate(folder, name, recipe, damages, images)


def read_entities(folder: Path) -> dict[str, Entity]:
    """Return the entities of a crate by ``@id``; errors are those of `read_crate`."""
    path = folder / METADATA
    if path.is_symlink() or not path.is_file():
        raise DataError(
            f"{folder} is no RO-Crate: it has no {METADATA}.",
            remedy="Name the folder or zip file that `export crate` wrote.",
        )
    size = path.stat().st_size
    if size > MAX_METADATA:
        raise _refused(folder, f"its {METADATA} has {size} bytes, far too many")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(folder, f"its {METADATA} is no JSON ({error})") from error
    graph = value.get("@graph") if isinstance(value, dict) else None
    if not isinstance(graph, list) or len(graph) > MAX_ENTITIES:
        raise _refused(folder, f"its {METADATA} has no graph")
    entities: dict[str, Entity] = {}
    for entity in graph:
        id_ = entity.get("@id") if isinstance(entity, dict) else None
        if not isinstance(id_, str):
            raise _refused(folder, "it has an entity without @id")
        if id_ in entities:
            raise _refused(folder, f"it tells of {_short(id_)} twice")
        entities[id_] = entity
    if "./" not in entities:
        raise _refused(folder, "it has no root")
    return entities


def inner_path(folder: Path, inner: str) -> Path:
    """Return where a path of a crate lies.

    Raises
    ------
    DataError
        If it is absolute, climbs, or goes over a link.
    """
    pure = PurePosixPath(inner)
    parts = inner.rstrip("/").split("/")
    if (
        not inner
        or pure.is_absolute()
        or any(part in ("", ".", "..") for part in parts)
        or any(mark in inner for mark in ("\\", ":", "\0"))
    ):
        raise _refused(folder, f"{_short(inner)!r} leads out of it")
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise _refused(folder, f"{_short(inner)!r} is a link")
    return path


def types_of(entity: Entity) -> tuple[str, ...]:
    """Return the types of an entity."""
    return tuple(str(one) for one in _list(entity.get("@type")))


def ids(value: object) -> list[str]:
    """Return the ids that a property refers to."""
    return [
        one["@id"]
        for one in _list(value)
        if isinstance(one, dict) and isinstance(one.get("@id"), str)
    ]


def _check_profile(entities: Mapping[str, Entity]) -> None:
    descriptor = entities.get(METADATA, {})
    said = ids(descriptor.get("conformsTo"))
    if not any(one.startswith(_CRATE) for one in said):
        told = ", ".join(map(_short, said)) or "nothing"
        raise DataError(
            f"The crate says that it conforms to {told}, which is no RO-Crate.",
            remedy="Ask for a Workflow Run RO-Crate (Provenance Run Crate).",
        )
    profiles = ids(entities["./"].get("conformsTo"))
    if not any(one.startswith(_RUN) for one in profiles):
        told = ", ".join(map(_short, profiles)) or "no profile"
        raise DataError(
            f"The crate is of a profile that cannot be run again here: {told}.",
            remedy="Ask for a Workflow Run RO-Crate (Provenance Run Crate).",
        )


def _check_circles(entities: Mapping[str, Entity]) -> None:
    """Refuse data that are made of themselves, or made twice."""
    above: dict[str, list[str]] = {}
    for entity in entities.values():
        if "CreateAction" not in types_of(entity):
            continue
        tool = ids(entity.get("instrument"))
        if tool and "ComputationalWorkflow" in types_of(entities.get(tool[0], {})):
            continue
        for made in ids(entity.get("result")):
            if made in above:
                raise DataError(
                    f"The crate contradicts itself: two jobs made {_short(made)}.",
                    remedy="It was changed after it was made; do not trust it.",
                )
            above[made] = ids(entity.get("object"))
    done: set[str] = set()
    for start in above:
        _walk(start, above, done)


def _walk(start: str, above: Mapping[str, list[str]], done: set[str]) -> None:
    on_the_way: set[str] = set()
    pending: list[tuple[str, Iterator[str]]] = []

    def enter(one: str) -> None:
        on_the_way.add(one)
        pending.append((one, iter(above.get(one, ()))))

    if start not in done:
        enter(start)
    while pending:
        current, parents = pending[-1]
        parent = next(parents, None)
        if parent is None:
            pending.pop()
            on_the_way.discard(current)
            done.add(current)
        elif parent in on_the_way:
            raise DataError(
                f"The crate contradicts itself: {_short(parent)} is made of itself.",
                remedy="It was changed after it was made; do not trust it.",
            )
        elif parent not in done:
            enter(parent)


def _recipe_path(entities: Mapping[str, Entity], folder: Path, run: str) -> str:
    found = [
        unquote(id_)
        for id_ in entities
        if PurePosixPath(id_).name == RECIPE and not id_.startswith(("#", "http"))
    ]
    if not found:
        raise DataError(
            f"{folder.name} says what was done, but has no {RECIPE}: it cannot be run "
            "again by itself.",
            remedy="Ask for a crate that BioImageIT Flow exported.",
        )
    if run:
        chosen = [
            one for one in found if PurePosixPath(one).parent.name.startswith(run)
        ]
        if len(found) == 1 and not chosen:
            chosen = found
    else:
        chosen = found
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(PurePosixPath(one).parent.name[:8] for one in found)
    what = "several runs fit" if chosen else f"it has no run {run!r}"
    raise DataError(
        f"Of {folder.name} {what}.", remedy=f"Choose one with --run: {names}."
    )


def _damages(
    folder: Path, entities: Mapping[str, Entity], recipe: Recipe
) -> Iterable[Damage]:
    """Hash every file of which the crate says the hash."""
    wanted: dict[str, str] = {}
    for id_, entity in entities.items():
        is_file = {"File", "Dataset"} & set(types_of(entity))
        if not is_file or not isinstance(entity.get("sha256"), str):
            continue
        wanted[unquote(id_).rstrip("/")] = entity["sha256"]
    wanted |= {one.path: one.file_sha256 for one in recipe.given}
    wanted |= {one.path: one.file_sha256 for one in recipe.results}
    for tool in recipe.tools:
        for place in (tool.folder, tool.toolbox_folder):
            if place:
                _check_tree(folder, inner_path(folder, place))
    for inner, digest in wanted.items():
        if is_away(inner):
            continue
        path = inner_path(folder, inner)
        if not path.exists():
            yield Damage(inner, "missing")
        elif hash_content(path).sha256 != digest:
            yield Damage(inner, "altered")


def _check_tree(folder: Path, place: Path) -> None:
    for base, names, files in os.walk(place):
        for name in (*names, *files):
            path = Path(base, name)
            if path.is_symlink():
                inner = path.relative_to(folder).as_posix()
                raise _refused(folder, f"{_short(inner)!r} is a link")


def told(damages: Iterable[Damage]) -> str:
    """Return damages in a sentence, the first ones by name."""
    listed = [str(one) for one in damages]
    more = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _refused(folder: Path, why: str) -> DataError:
    return DataError(
        f"The crate {folder.name} was not opened: {why}.",
        remedy="It was changed or damaged; ask for it anew, and do not trust it.",
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
