"""A folder with `tool.yaml` -> an `InstalledTool`."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bioimageit_flow.catalogue.content import code_hash, trust_hash
from bioimageit_flow.catalogue.descriptor import (
    TOOL_FILE,
    TOOLBOX_FILE,
    DescriptorError,
    read_tool,
    read_toolbox,
)
from bioimageit_flow.errors import FlowError, ToolError
from bioimageit_flow.model.tool import InstalledTool, Tool, Toolbox, ToolOrigin

_LEVELS_UP = 2


@dataclass(frozen=True, slots=True)
class FoundTool:
    """The descriptors of a tool, read, and where they lie.

    Attributes
    ----------
    tool : Tool
        What ``tool.yaml`` says.
    folder : Path
        Where it lies.
    toolbox : Toolbox or None
        What ``toolbox.yaml`` says, if there is one.
    toolbox_folder : Path
        Where that lies; the folder of the tool when it stands alone.
    origin : str
        Where it was found.
    """

    tool: Tool
    folder: Path
    toolbox: Toolbox | None
    toolbox_folder: Path
    origin: ToolOrigin

    def install(self) -> InstalledTool:
        """Return the tool with its files; they are hashed when a hash is asked for.

        Raises
        ------
        ToolError
            If the lock or the library that a descriptor names is not there.
        """
        box = self.toolbox
        container = self.tool.container or (box.container if box else None)
        environment = self.tool.environment or (box.environment if box else None)
        library_name = box.library if box else None
        lock = environment and self._inner(environment, "environment")
        library = library_name and self._inner(library_name, "library")
        return InstalledTool(
            tool=self.tool,
            folder=self.folder,
            toolbox_folder=self.toolbox_folder,
            origin=self.origin,
            code_sha256=partial(code_hash, self.folder, library or None),
            trust_sha256=partial(
                trust_hash,
                self.folder,
                self.toolbox_folder,
                library or None,
                lock or None,
                container,
            ),
            container=container,
            lock=lock or None,
            library=library or None,
            toolbox=box,
        )

    def _inner(self, name: str, key: str) -> Path:
        path = self.toolbox_folder / name
        is_there = path.is_dir() if key == "library" else path.is_file()
        source = self._source(key)
        if not is_there:
            what = "folder" if key == "library" else "file"
            raise DescriptorError(
                source,
                f"'{key}' is {name!r}, but there is no such {what} in "
                f"{self.toolbox_folder}",
                remedy="Paths are relative to the folder of the toolbox.",
            )
        if not path.resolve().is_relative_to(self.toolbox_folder.resolve()):
            raise DescriptorError(
                source,
                f"'{key}' is {name!r}, a link that leaves {self.toolbox_folder}",
                remedy="Put a copy in its place.",
            )
        return path

    def _source(self, key: str) -> Path:
        if key == "environment" and self.tool.environment:
            return self.folder / TOOL_FILE
        return self.toolbox_folder / TOOLBOX_FILE


class ToolboxReader:
    """Reads each ``toolbox.yaml`` once, and gives its error to each of its tools."""

    def __init__(self) -> None:
        self._read: dict[Path, Toolbox | FlowError] = {}

    def above(self, folder: Path) -> tuple[Toolbox | None, Path]:
        """Return the toolbox of a tool's folder, and the folder of that toolbox.

        Looks in the folder itself and up to two levels above it, since versions of a
        tool may lie side by side. A tool without toolbox is its own.
        """
        for candidate in (folder, *list(folder.parents)[:_LEVELS_UP]):
            path = candidate / TOOLBOX_FILE
            if path not in self._read:
                if not path.is_file():
                    continue
                try:
                    self._read[path] = read_toolbox(path)
                except FlowError as error:
                    self._read[path] = error
            known = self._read[path]
            if isinstance(known, FlowError):
                raise known
            return known, candidate
        return None, folder


def find_tool(
    folder: Path, origin: ToolOrigin = "folder", reader: ToolboxReader | None = None
) -> FoundTool:
    """Read the descriptors of a tool and its toolbox.

    Parameters
    ----------
    folder : Path
        The folder of ``tool.yaml``.
    origin : str
        Where it was found.
    reader : ToolboxReader, optional
        Knows the toolboxes read so far.

    Raises
    ------
    ToolError
        If there is no ``tool.yaml``, or a descriptor is wrong.
    NewerVersionError
        If a descriptor is of a schema that this version does not know.
    """
    folder = folder.absolute()
    if not (folder / TOOL_FILE).is_file():
        raise ToolError(
            f"There is no {TOOL_FILE} in {folder}.",
            remedy="Name the folder of a tool; `bioimageit-flow tools new` makes one.",
        )
    tool = read_tool(folder / TOOL_FILE)
    box, box_folder = (reader or ToolboxReader()).above(folder)
    if box is not None and box.id != tool.toolbox:
        raise DescriptorError(
            folder / TOOL_FILE,
            f"'id' is {tool.id!r}, but the tool lies in the toolbox {box.id!r} "
            f"({box_folder})",
            remedy=f"Call it {box.id}/{tool.id.partition('/')[2]}, or move its folder.",
        )
    return FoundTool(tool, folder, box, box_folder, origin)


def load_tool(folder: Path, origin: ToolOrigin = "folder") -> InstalledTool:
    """Return the tool of a folder; errors are those of `find_tool`."""
    return find_tool(folder, origin).install()
