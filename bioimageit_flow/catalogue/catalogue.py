"""All tools that are to be had on this machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bioimageit_flow.catalogue.index import Index, ListedTool, list_tools
from bioimageit_flow.catalogue.loading import ToolboxReader
from bioimageit_flow.catalogue.places import Place, default_places
from bioimageit_flow.errors import FlowError, ToolError
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import InstalledTool, Toolbox, ToolOrigin


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

    Places are read at the first question, of which `get` reads only the descriptors
    that may be meant. A tool that cannot be read is a line in `problems` and nothing
    else. Changed descriptors of known tools are noticed, new ones after `refresh`.

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
        self._index: Index | None = None
        self._listed: list[ListedTool] | None = None
        self._of_id: dict[str, Index] = {}
        self._reader = ToolboxReader()

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
        self._index, self._listed = None, None
        self._of_id.clear()
        self._reader = ToolboxReader()

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
        index = self._read_about(ref)
        if (found := index.find(ref)) is not None and index.is_stale(found):
            self.refresh()
            found = self._read_about(ref).find(ref)
        if found is None:
            raise self._unknown(self._read(), ref)
        return found.install()

    def search(self, query: str) -> list[InstalledTool]:
        """Return the tools that fit some words, the best first; one version of each.

        See `bioimageit_flow.catalogue.search.rank`.
        """
        from bioimageit_flow.catalogue.search import rank

        return rank(query, self.newest())

    def _read(self) -> Index:
        if self._index is None:
            self._index = Index(self._list())
        return self._index

    def _read_about(self, ref: str) -> Index:
        """Return what knows of one tool all that there is to know."""
        if self._index is not None:
            return self._index
        id_ = ref.partition("@")[0]
        if id_ not in self._of_id:
            listed = (one for one in self._list() if one.may_be(id_))
            self._of_id[id_] = Index(listed, self._reader)
        return self._of_id[id_]

    def _list(self) -> list[ListedTool]:
        if self._listed is None:
            self._listed = list(list_tools(self.places))
        return self._listed

    def _installed(self, refs: Iterable[str]) -> tuple[InstalledTool, ...]:
        index = self._read()
        tools: list[InstalledTool] = []
        for ref in refs:
            try:
                tools.append(index.by_ref[ref].install())
            except FlowError as error:  # its lock or library has gone since
                index.complain("broken-tool", error, index.by_ref[ref].folder)
        return tuple(tools)

    def _unknown(self, index: Index, ref: str) -> ToolError:
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
