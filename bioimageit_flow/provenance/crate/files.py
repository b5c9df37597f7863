"""The files of a crate: where each item lies in it, and what is said of it."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from bioimageit_flow.model.data import Item, Location, LocationState, Produced
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.provenance.crate.edam import EDAM, NAMES
from bioimageit_flow.provenance.crate.graph import Graph, Ref, path_id, ref
from bioimageit_flow.provenance.crate.units import unit_properties


class Texts(Protocol):
    """Texts by key: a dict, or what waits in a file."""

    def get(self, key: str, /) -> str | None:
        """Return the text of a key; None if there is none."""

    def __contains__(self, key: object, /) -> bool: ...

    def __setitem__(self, key: str, value: str, /) -> None: ...


DataMode = Literal["copy", "reference", "in place"]

_FORMATS: Mapping[str, tuple[str, str]] = {
    "ome-tiff": ("image/tiff", "format_3727"),
    "tiff": ("image/tiff", "format_3591"),
    "ome-zarr": ("application/vnd+zarr", "format_3915"),
    "csv": ("text/csv", "format_3752"),
    "json": ("application/json", "format_3464"),
    "png": ("image/png", "format_3603"),
    "svg": ("image/svg+xml", "format_3604"),
    "text": ("text/plain", "format_2330"),
}


@dataclass(slots=True)
class CrateFiles:
    """Gives every item its own path in the crate and describes it there.

    Two items with the same bytes are two files, as each has its own origin.

    Attributes
    ----------
    mode : {"copy", "reference", "in place"}
        Whether the bytes go into the crate, are named where they lie, or lie in it
        already: the experiment is the crate.
    has_run_folders : bool
        Whether results lie in a folder for each run: a crate of several.
    units : mapping of str to str
        Units of annotations by key.
    paths : Texts
        By the id of an item its path in the crate, with forward slashes.
    taken : Texts
        By a path in small letters, or a URL, the item that has it.
    """

    mode: DataMode = "copy"
    has_run_folders: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    paths: Texts = field(default_factory=dict[str, str])
    taken: Texts = field(default_factory=dict[str, str])

    def url_of(self, item: Item, path: Path, location: Location) -> str:
        """Return by which id an item is known that is not copied; empty if it is.

        Bytes that were cleaned or deleted lie nowhere: their item is known by its uuid.
        """
        if location.state is not LocationState.PRESENT:
            return f"urn:uuid:{item.id}"
        end = "/" if item.content.is_folder else ""
        if self.mode == "in place" and not location.is_referenced:
            return path_id(location.path) + end
        return path.resolve().as_uri() + end if self.mode != "copy" else ""

    def add(self, graph: Graph, item: Item, location: Location, url: str = "") -> Ref:
        """Describe an item, unless that was done.

        Parameters
        ----------
        graph : Graph
            Where the entity goes; the root lists it as a part.
        item : Item
            The datum.
        location : Location
            Its file, whose hash is that of the stamped bytes.
        url : str
            Where its bytes lie, if they are only referenced.
        """
        path = self.paths.get(item.id) or self.new_path(item)
        id_ = url or path_id(path) + ("/" if item.content.is_folder else "")
        file = self._file_of_another(item, url)
        if file is not None:
            id_ = f"urn:uuid:{item.id}"
        known = id_ in graph
        described = graph.add(
            id_,
            "Dataset" if item.content.is_folder else "File",
            name=item.name,
            identifier=f"urn:uuid:{item.id}",
            description=_words(item),
            sha256=location.verify_sha256,
            contentSize=str(location.size),
            encodingFormat=_format(graph, item),
            variableMeasured=_annotations(graph, item, self.units),
            sameAs=file,
        )
        if not known:
            graph.extend("./", "hasPart", [described])
        return described

    def _file_of_another(self, item: Item, url: str) -> Ref | None:
        """Return the file that an item shares with one that was described before it.

        A result that was reused lies where the job put it that made it: the file is
        the datum of that job, which is the only one that made it.
        """
        if not url or url.startswith("urn:"):
            return None
        if url not in self.taken:
            self.taken[url] = item.id
        return None if self.taken.get(url) == item.id else ref(url)

    def new_path(self, item: Item) -> str:
        """Give an item its path; each is asked for once."""
        match item.origin:
            case Produced() if self.has_run_folders:
                inner = (safe_name(part) for part in item.dataset.split("/"))
                folder = f"results/{'/'.join(inner)}"
            case Produced(_, node, port, _):
                folder = f"results/{safe_name(node.replace('/', '_'))}/{port}"
            case _:
                folder = f"data/{safe_name(item.dataset)}"
        stem, dot, suffix = safe_name(item.name).partition(".")
        name, number = f"{stem}{dot}{suffix}", 2
        while f"{folder}/{name}".casefold() in self.taken:
            name, number = f"{stem}_{number}{dot}{suffix}", number + 1
        path = f"{folder}/{name}"
        self.taken[path.casefold()] = item.id
        self.paths[item.id] = path
        return path


def _format(graph: Graph, item: Item) -> list[str | Ref] | str | None:
    known = _FORMATS.get(item.info.format)
    if known is None:
        return mimetypes.guess_type(item.name)[0]
    media, term = known
    graph.add(EDAM + term, "WebSite", name=NAMES[term])
    return [media, ref(EDAM + term)]


def _annotations(graph: Graph, item: Item, units: Mapping[str, str]) -> list[Ref]:
    return [
        graph.add(
            f"#annotation/{item.id}/{path_id(key).replace('/', '%2F')}",
            "PropertyValue",
            name=key,
            value=str(value),
            **unit_properties(graph, units.get(key, "")),
        )
        for key, value in item.annotations.items()
    ]


def _words(item: Item) -> str:
    info = item.info
    words = [str(info.kind)]
    if info.axes:
        sizes = " x ".join(str(length) for length in info.shape)
        words.append(f"{info.axes} {sizes} {info.dtype}")
    if info.pixel_size_um:
        sizes = ", ".join(
            f"{axis} {size} um" for axis, size in info.pixel_size_um.items()
        )
        words.append(f"pixel size {sizes}")
    if item.selector:
        words.append(item.selector)
    return "; ".join(words)
