"""A tool together with the files it consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bioimageit_flow.model.ids import Sha256, ToolRef
from bioimageit_flow.model.packaging import ContainerSpec

if TYPE_CHECKING:
    from bioimageit_flow.model.tool import Tool, Toolbox

ToolOrigin = Literal["built-in", "user", "folder", "plug-in"]


class LateHash:
    """A field that takes a hash, or a function that is asked for it on first use.

    Hashing reads every file of a tool, which a list of tools has no need of.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = f"_{name}"

    def __get__(self, instance: object | None, owner: type | None = None) -> Sha256:
        if instance is None:  # asked by `dataclass` for a default: there is none
            raise AttributeError(self._key)
        value: Sha256 | Callable[[], Sha256] = instance.__dict__[self._key]
        if callable(value):
            value = value()
            instance.__dict__[self._key] = value
        return value

    def __set__(self, instance: object, value: Sha256 | Callable[[], Sha256]) -> None:
        instance.__dict__[self._key] = value


@dataclass(frozen=True)
class InstalledTool:
    """A tool with the folders its files lie in.

    The two hashes can be given as functions; they are called once, when a hash is
    first asked for, and may then raise `ToolError` or `DataError`.

    Attributes
    ----------
    folder : Path
        The folder of ``tool.yaml``; a job sees it as ``/tool``.
    toolbox_folder : Path
        The folder of ``toolbox.yaml``, or that of the tool when it stands alone.
    library : Path or None
        Folder of shared modules; a job sees it as ``/toolbox/lib``.
    lock : Path or None
        The lock file of its environment.
    origin : str
        Where it was found.
    code_sha256 : Sha256
        Hash of all files that a job can run: scripts and the library.
    trust_sha256 : Sha256
        Hash of everything that decides what the tool may do: code, descriptor, lock.
    container : ContainerSpec or None
        The image it runs in; its ``build`` is relative to `toolbox_folder`.
    toolbox : Toolbox or None
        The descriptor of its toolbox, if there is one.
    """

    tool: "Tool"
    folder: Path
    toolbox_folder: Path
    origin: ToolOrigin
    code_sha256: LateHash = LateHash()
    trust_sha256: LateHash = LateHash()
    container: ContainerSpec | None = None
    lock: Path | None = None
    library: Path | None = None
    toolbox: "Toolbox | None" = None

    @property
    def ref(self) -> ToolRef:
        """``toolbox/name@version``."""
        return self.tool.ref
