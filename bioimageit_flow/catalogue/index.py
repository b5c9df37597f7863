"""What the descriptors of some places say, read all or only about one tool.

A run asks for a few tools by their ids. Reading a descriptor takes milliseconds,
looking whether it has an id in it takes none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bioimageit_flow.catalogue.descriptor import MAX_BYTES, TOOL_FILE, TOOLBOX_FILE
from bioimageit_flow.catalogue.loading import FoundTool, ToolboxReader, find_tool
from bioimageit_flow.catalogue.places import Place, tool_folders
from bioimageit_flow.catalogue.versions import precedence
from bioimageit_flow.errors import FlowError, ToolError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import ToolOrigin

_Stamp = tuple[int, int] | None

_ESCAPED = re.compile(rb"\\[xuU/\r\n]")
"""What stands in a text of YAML for characters that an id may have."""


@dataclass(slots=True)
class ListedTool:
    """A folder with a ``tool.yaml``, or a place that has none because it is not there.

    Attributes
    ----------
    error : ToolError or None
        Why the place cannot be looked at.
    """

    place: Place
    folder: Path
    error: ToolError | None = None
    _text: bytes | None = field(default=None, repr=False)

    def may_be(self, id_: str) -> bool:
        """Say whether the descriptor may be that of a tool, without reading it.

        Only where a text of YAML escapes characters by number, a slash or the end of a
        line can it be an id that is not written there.
        """
        if self.error is not None:
            return False
        if self._text is None:
            try:
                with (self.folder / TOOL_FILE).open("rb") as file:
                    self._text = file.read(MAX_BYTES + 1)
            except OSError:
                return True  # whoever reads it says why it cannot be read
        return id_.encode() in self._text or bool(_ESCAPED.search(self._text))


def list_tools(places: Iterable[Place]) -> Iterator[ListedTool]:
    """Yield the folders with a descriptor, in the order in which they win."""
    for place in places:
        try:
            for folder in tool_folders(place):
                yield ListedTool(place, folder)
        except ToolError as error:
            yield ListedTool(place, place.folder, error)


class Index:
    """What descriptors said at one moment.

    Parameters
    ----------
    listed : iterable of ListedTool
        What to read, in the order in which they win.
    reader : ToolboxReader, optional
        Knows the toolboxes read so far.

    Attributes
    ----------
    by_ref : dict of FoundTool
        Tools by ``toolbox/name@version``.
    versions : dict of tuple of str
        The versions of each tool, the newest first.
    problems : list of Problem
        What cannot be read, and what hides another.
    """

    def __init__(
        self, listed: Iterable[ListedTool], reader: ToolboxReader | None = None
    ) -> None:
        self.by_ref: dict[str, FoundTool] = {}
        self.versions: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []
        self._stamps: dict[Path, _Stamp] = {}
        reader = reader or ToolboxReader()
        for one in listed:
            if one.error is None:
                self._add_tool(one.folder, one.place.origin, reader)
            else:
                self.complain("missing-folder", one.error, one.folder)
        by_id: dict[str, list[str]] = {}
        for found in self.by_ref.values():
            by_id.setdefault(found.tool.id, []).append(found.tool.version)
        self.versions = {
            id_: tuple(sorted(versions, key=precedence, reverse=True))
            for id_, versions in by_id.items()
        }

    def find(self, ref: str) -> FoundTool | None:
        """Return a tool by its id, perhaps with a version; None if it is unknown."""
        id_, _, version = ref.partition("@")
        versions = self.versions.get(id_, ())
        if not version and versions:
            version = versions[0]
        return self.by_ref.get(f"{id_}@{version}")

    def is_stale(self, found: FoundTool) -> bool:
        """Say whether a descriptor of a tool has changed since it was read."""
        return any(
            _stamp(path) != self._stamps.get(path) for path in _descriptors(found)
        )

    def _add_tool(
        self, folder: Path, origin: ToolOrigin, reader: ToolboxReader
    ) -> None:
        try:
            found = find_tool(folder, origin, reader)
            found.install()
        except FlowError as error:
            self.complain("broken-tool", error, folder)
            return
        for path in _descriptors(found):
            self._stamps[path] = _stamp(path)
        ref = found.tool.ref
        if (first := self.by_ref.setdefault(ref, found)) is not found:
            if first.folder.samefile(folder):
                return  # two places name the same folder
            self.problems.append(
                Problem(
                    "duplicate-tool",
                    Severity.WARNING,
                    f"{ref} in {folder} is hidden by the {first.origin} tool of the "
                    f"same id and version in {first.folder}.",
                    item=str(folder),
                    fix="Give it another id or version.",
                )
            )

    def complain(self, code: str, error: FlowError, folder: Path) -> None:
        """Note an error about a folder, once."""
        problem = Problem(
            code, Severity.WARNING, error.message, item=str(folder), fix=error.remedy
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _descriptors(found: FoundTool) -> tuple[Path, Path]:
    return found.folder / TOOL_FILE, found.toolbox_folder / TOOLBOX_FILE


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
