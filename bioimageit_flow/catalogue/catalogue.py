"""All tools that are to be had on this machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bioimageit_flow.catalogue.descriptor import TOOL_FILE, TOOLBOX_FILE
from bioimageit_flow.catalogue.loading import FoundTool, ToolboxReader, find_tool
from bioimageit_flow.catalogue.places import Place, default_places, tool_folders
from bioimageit_flow.catalogue.versions import precedence
from bioimageit_flow.errors import FlowError, ToolError
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import InstalledTool, Toolbox, ToolOrigin

_Stamp = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class InstalledToolbox:
    """A toolbox with its tools.

    Attributes
    ----------
    id, name, summary : str
        From ``toolbox.yaml``; the name is the id where there is none.
    folder : Path
        Where ``toolbox.yaml`` lies, or the tool that stands alone.
    descriptor : Toolbox or None
        What ``toolbox.yaml`` says.
    tools : tuple of InstalledTool
        The newest version of each.
    """

    id: str
    name: str
    summary: str
    folder: Path
    origin: ToolOrigin
    descriptor: Toolbox | None
    tools: tuple[InstalledTool, ...]


class Catalogue:
    """The tools of some places; the first place wins.

    Places are read at the first question. A tool that cannot be read is a line in
    `problems` and nothing else. Changed descriptors of known tools are noticed, new
    ones after `refresh`.

    Parameters
    ----------
    places : sequence of Place
        Where to look, in the order in which they win.
    problems : iterable of Problem, optional
        What is known to be wrong already.

    Examples
    --------
    >>> catalogue = Catalogue.default()
    >>> catalogue.get("skimage/gaussian").tool.name
    'Gaussian blur'
    """

    def __init__(
        self, places: Sequence[Place], problems: Iterable[Problem] = ()
    ) -> None:
        self.places = tuple(places)
        self._known_problems = tuple(problems)
        self._index: _Index | None = None

    @classmethod
    def default(cls, extra: Iterable[Path | str] = ()) -> "Catalogue":
        """Return the catalogue of this machine.

        The places are the built-in tools, the user's folder, the folders named in
        ``BIOIMAGEIT_FLOW_TOOLS``, the extra ones given here, and those of plug-ins.
        """
        return cls(*default_places(Path(folder) for folder in extra))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Tools that cannot be read, hidden by another, and places that are missing."""
        return (*self._known_problems, *self._read().problems)

    def refresh(self) -> None:
        """Look at all places again at the next question."""
        self._index = None

    def tools(self) -> tuple[InstalledTool, ...]:
        """Return all tools in all versions, by id, the newest version first."""
        return self._installed(
            f"{id_}@{version}"
            for id_, versions in sorted(self._read().versions.items())
            for version in versions
        )

    def newest(self) -> tuple[InstalledTool, ...]:
        """Return the newest version of each tool, by id."""
        return self._installed(
            f"{id_}@{versions[0]}"
            for id_, versions in sorted(self._read().versions.items())
        )

    def toolboxes(self) -> tuple[InstalledToolbox, ...]:
        """Return the toolboxes, by id."""
        by_id: dict[str, list[InstalledTool]] = {}
        for tool in self.newest():
            by_id.setdefault(tool.tool.toolbox, []).append(tool)
        return tuple(_toolbox(id_, tools) for id_, tools in sorted(by_id.items()))

    def toolbox(self, id_: str) -> InstalledToolbox:
        """Return one toolbox.

        Raises
        ------
        ToolError
            If there is none of that id.
        """
        boxes = {box.id: box for box in self.toolboxes()}
        if id_ not in boxes:
            raise ToolError(
                f"There is no toolbox {id_!r}.", remedy=_suggestion(id_, list(boxes))
            )
        return boxes[id_]

    def versions(self, id_: str) -> tuple[str, ...]:
        """Return the versions of a tool, the newest first; empty if it is unknown."""
        return self._read().versions.get(id_, ())

    def get(self, ref: str) -> InstalledTool:
        """Return a tool.

        Its hashes are of its files as they are when they are first asked for, so a tool
        should be asked for anew for each run.

        Parameters
        ----------
        ref : str
            ``toolbox/name@version``, or ``toolbox/name`` for the newest version.

        Raises
        ------
        ToolError
            If there is no such tool or version; names those that come close.
        """
        index = self._read()
        if (found := index.find(ref)) is not None and index.is_stale(found):
            self.refresh()
            index = self._read()
            found = index.find(ref)
        if found is None:
            raise self._unknown(index, ref)
        return found.install()

    def search(self, query: str) -> list[InstalledTool]:
        """Return the tools that fit some words, the best first; one version of each.

        See `bioimageit_flow.catalogue.search.rank`.
        """
        from bioimageit_flow.catalogue.search import rank

        return rank(query, self.newest())

    def _read(self) -> "_Index":
        if self._index is None:
            self._index = _Index(self.places)
        return self._index

    def _installed(self, refs: Iterable[str]) -> tuple[InstalledTool, ...]:
        index = self._read()
        tools: list[InstalledTool] = []
        for ref in refs:
            try:
                tools.append(index.by_ref[ref].install())
            except FlowError as error:  # its lock or library has gone since
                index.complain("broken-tool", error, index.by_ref[ref].folder)
        return tuple(tools)

    def _unknown(self, index: "_Index", ref: str) -> ToolError:
        id_, _, version = ref.partition("@")
        if version and id_ in index.versions:
            return ToolError(
                f"There is no version {version} of the tool {id_}.",
                remedy=f"There are: {', '.join(index.versions[id_])}.",
            )
        name = id_.rpartition("/")[2]
        broken = [
            problem.text
            for problem in index.problems
            if problem.code == "broken-tool" and name in Path(problem.item).parts
        ]
        if broken:
            return ToolError(
                f"The tool {id_!r} cannot be read.", remedy=" ".join(broken)
            )
        return ToolError(
            f"There is no tool {id_!r}.", remedy=_suggestion(id_, list(index.versions))
        )


class _Index:
    """What was found in the places at one moment."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.by_ref: dict[str, FoundTool] = {}
        self.versions: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []
        self._stamps: dict[Path, _Stamp] = {}
        reader = ToolboxReader()
        for place in places:
            self._add_place(place, reader)
        by_id: dict[str, list[str]] = {}
        for found in self.by_ref.values():
            by_id.setdefault(found.tool.id, []).append(found.tool.version)
        self.versions = {
            id_: tuple(sorted(versions, key=precedence, reverse=True))
            for id_, versions in by_id.items()
        }

    def find(self, ref: str) -> FoundTool | None:
        id_, _, version = ref.partition("@")
        versions = self.versions.get(id_, ())
        if not version and versions:
            version = versions[0]
        return self.by_ref.get(f"{id_}@{version}")

    def is_stale(self, found: FoundTool) -> bool:
        return any(
            _stamp(path) != self._stamps.get(path) for path in _descriptors(found)
        )

    def _add_place(self, place: Place, reader: ToolboxReader) -> None:
        try:
            for folder in tool_folders(place):
                self._add_tool(folder, place.origin, reader)
        except ToolError as error:
            self.complain("missing-folder", error, place.folder)

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


def _toolbox(id_: str, tools: Sequence[InstalledTool]) -> InstalledToolbox:
    first = next((tool for tool in tools if tool.toolbox is not None), tools[0])
    box = first.toolbox
    return InstalledToolbox(
        id=id_,
        name=box.name if box else id_,
        summary=box.summary if box else "",
        folder=first.toolbox_folder,
        origin=first.origin,
        descriptor=box,
        tools=tuple(tools),
    )


def _suggestion(wanted: str, known: list[str]) -> str:
    near = get_close_matches(wanted, known, n=3, cutoff=0.6)
    name = wanted.rpartition("/")[2]
    near += [id_ for id_ in known if id_.endswith(f"/{name}") and id_ not in near]
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if not known:
        return "No tools are installed: see `bioimageit-flow doctor`."
    return "See `bioimageit-flow tools list`, or `tools search` with a word."
