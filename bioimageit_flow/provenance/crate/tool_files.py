"""The tools of a crate: descriptors, scripts and locks, so that nothing is missing.

They lie as they lay in their toolbox, with what the toolbox shares, and without the
tools that the run did not use.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.catalogue.descriptor import TOOL_FILE
from bioimageit_flow.model.tool import InstalledTool

FOLDER = "tools"


@dataclass(slots=True)
class ToolFiles:
    """Where the files of tools lie in a crate.

    Attributes
    ----------
    files : dict of str to Path
        Path in the crate -> file.
    folders, toolboxes : dict of str to str
        Reference of a tool -> its folder in the crate, and that of its toolbox.
    """

    files: dict[str, Path] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    toolboxes: dict[str, str] = field(default_factory=dict)
    _bases: dict[Path, str] = field(default_factory=dict)
    _chosen: set[Path] = field(default_factory=set)

    def add(self, tools: Iterable[InstalledTool]) -> list[str]:
        """Give the files of some tools their places; returns references of new ones.

        Raises
        ------
        ToolError, DataError
            If a file of a tool cannot be read, or is a link that leaves it.
        """
        new = [tool for tool in tools if tool.ref not in self.folders]
        self._chosen |= {tool.folder for tool in new}
        for tool in new:
            base = self._base(tool)
            inner = tool.folder.relative_to(tool.toolbox_folder).as_posix()
            self.folders[tool.ref] = base if inner == "." else f"{base}/{inner}"
            self.toolboxes[tool.ref] = base
        for folder in {tool.toolbox_folder for tool in new}:
            for path, source in self._files(folder):
                self.files[f"{self._bases[folder]}/{path}"] = source
        return [tool.ref for tool in new]

    def _base(self, tool: InstalledTool) -> str:
        folder = tool.toolbox_folder
        if folder not in self._bases:
            taken = {name.casefold() for name in self._bases.values()}
            stem = f"{FOLDER}/{tool.tool.toolbox}"
            if tool.folder == folder:  # a tool that stands alone
                stem = f"{stem}/{tool.tool.id.partition('/')[2]}"
            name, number = stem, 2
            while name.casefold() in taken:
                name, number = f"{stem}-{number}", number + 1
            self._bases[folder] = name
        return self._bases[folder]

    def _files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        def is_other(path: str) -> bool:
            place = folder / path
            return (place / TOOL_FILE).is_file() and place not in self._chosen

        yield from sorted(files_of(folder, is_other))
