"""How a tool is packaged: authors, image, worker, and what a job of it needs."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from bioimageit_flow.model.described import Described, InnerPath
from bioimageit_flow.model.units import parse_bytes, parse_seconds

# Classes of ASCII: with all letters of Unicode, counted, it would take 12 MiB.
_TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"


class Author(Described):
    """Who wrote a tool.

    Attributes
    ----------
    name : str
        Full name.
    orcid : str
        Such as ``0000-0002-1825-0097``.
    affiliation : str
        Where they work.
    """

    name: str
    orcid: str = ""
    affiliation: str = ""


class ContainerSpec(Described):
    """The image a tool runs in.

    Attributes
    ----------
    image : str
        Name of the image, without tag.
    tag : str
        Tag of the image; put it in quotes.
    digest : str
        Registry digest ``sha256:...`` once resolved.
    build : str or None
        Build context, a folder with a Dockerfile, relative to the toolbox's folder.
    published : bool
        Whether a registry has the image; when not, it is built and never pulled.
    """

    image: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9._:/-]*$")]
    tag: Annotated[str, StringConstraints(pattern=_TAG)] = "latest"
    digest: Annotated[
        str, StringConstraints(pattern=r"^([a-z0-9]+:[0-9a-f]{32,})?$")
    ] = ""
    build: InnerPath | None = None
    published: bool = True

    @property
    def reference(self) -> str:
        """The name by which an engine knows the image."""
        if self.digest:
            return f"{self.image}@{self.digest}"
        return f"{self.image}:{self.tag}"


class WorkerSpec(Described):
    """How a warm worker calls the tool (see DESIGN section 6).

    Attributes
    ----------
    function : str
        ``module:function``; the module is a file of the tool's folder or the library.
    mode : str
        ``fork``: each job in a child of a process with the libraries loaded. ``reuse``:
        all jobs in one process. ``spawn``: a new process per job.
    preload : tuple of str
        Modules to import once.
    """

    function: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$"),
    ]
    mode: Literal["fork", "reuse", "spawn"] = "fork"
    preload: tuple[str, ...] = ()


class Resources(Described):
    """What a job needs, and the limits it is held to.

    Attributes
    ----------
    cpu : int
        Processor cores.
    memory : str
        Such as ``2 GiB``; a job that takes more is stopped.
    gpu : int
        Graphics processors; without them no job is started, but for ``gpu_optional``.
    gpu_optional : bool
        Whether the tool does its work on the processor too, only slower. Where there is
        no GPU it is then given none, and ``gpu`` is 0 in its ``job.json``.
    time : str
        Such as ``10 min``; a job that takes longer is stopped.
    network : bool
        Whether a job needs the network; the user has to allow it.
    """

    cpu: Annotated[int, Field(ge=1, le=1024)] = 1
    memory: str = "2 GiB"
    gpu: Annotated[int, Field(ge=0, le=64)] = 0
    gpu_optional: bool = False
    time: str = "1 h"
    network: bool = False

    @field_validator("memory")
    @classmethod
    def _is_size(cls, text: str) -> str:
        if parse_bytes(text) == 0:
            raise ValueError("a job cannot run in no memory")
        return text

    @field_validator("time")
    @classmethod
    def _is_time(cls, text: str) -> str:
        if parse_seconds(text) == 0:
            raise ValueError("a job cannot run in no time")
        return text

    @model_validator(mode="after")
    def _option_has_gpu(self) -> "Resources":
        if self.gpu_optional and not self.gpu:
            raise ValueError("'gpu_optional' says nothing without 'gpu'")
        return self

    @property
    def lacks_gpu(self) -> bool:
        """Whether a GPU is wanted, and done without: see `without_gpu`."""
        return self.gpu_optional and not self.gpu

    def without_gpu(self) -> "Resources":
        """Return the needs of a job that does without the GPU it may do without."""
        return self.model_copy(update={"gpu": 0})

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return parse_bytes(self.memory)

    @property
    def time_s(self) -> float:
        """The time limit in seconds."""
        return parse_seconds(self.time)
