"""The tool descriptor: what `tool.yaml` and `toolbox.yaml` say.

The pydantic models are the truth; their JSON Schemas are exported by
``bioimageit-flow schema``. Unknown keys are an error, except those that begin with
``x-``, which are kept.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bioimageit_flow.model.command import Argument, placeholders
from bioimageit_flow.model.ids import Sha256, ToolRef
from bioimageit_flow.model.kinds import FORMATS, Kind
from bioimageit_flow.model.parameter import Parameter, ParameterType, ParameterValue
from bioimageit_flow.model.units import parse_bytes, parse_seconds

TOOL_SCHEMA = "bioimageit-flow/tool/1"
TOOLBOX_SCHEMA = "bioimageit-flow/toolbox/1"

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
PORT = r"[a-z][a-z0-9_]*"
VERSION = r"[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?"

_AXES = re.compile(r"\*|(?!.*(.).*\1)[TZCYXS]+")


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; known are {', '.join(FORMATS)}")
    return name


def _known_axes(axes: str) -> str:
    if not _AXES.fullmatch(axes):
        raise ValueError(f"{axes!r} is neither '*' nor different letters of TZCYXS")
    return axes


def _inside(path: str) -> str:
    parts = Path(path).parts
    if not path or Path(path).is_absolute() or ".." in parts or "\\" in path:
        raise ValueError(f"{path!r} is not a path inside the folder of the tool")
    return path


FormatName = Annotated[str, AfterValidator(_known_format)]
Axes = Annotated[str, AfterValidator(_known_axes)]
InnerPath = Annotated[str, AfterValidator(_inside)]
PortKey = Annotated[str, StringConstraints(pattern=f"^{PORT}$")]


class Described(BaseModel):
    """A part of a descriptor: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    @model_validator(mode="after")
    def _only_x_extras(self) -> "Described":
        for key in self.model_extra or {}:
            if not key.startswith("x-"):
                known = ", ".join(type(self).model_fields)
                raise ValueError(f"the key {key!r} is not known here (known: {known})")
        return self


class Author(Described):
    """Who wrote a tool."""

    name: str
    orcid: str = ""
    affiliation: str = ""


class ContainerSpec(Described):
    """The image a tool runs in.

    Attributes
    ----------
    digest : str
        Registry digest ``sha256:...`` once resolved.
    build : str or None
        Build context relative to the toolbox, holding a Dockerfile.
    published : bool
        Whether a registry has the image; when not, it is built and never pulled.
    """

    image: str
    tag: str = "latest"
    digest: str = ""
    build: str | None = None
    published: bool = True

    @property
    def reference(self) -> str:
        """The name by which an engine knows the image."""
        if self.digest:
            return f"{self.image}@{self.digest}"
        return f"{self.image}:{self.tag}"


class WorkerSpec(Described):
    """How a warm worker calls the tool (see DESIGN section 6)."""

    function: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")]
    mode: Literal["fork", "reuse", "spawn"] = "fork"
    preload: tuple[str, ...] = ()


class InputPort(Described):
    """What a tool takes on one port."""

    kind: Kind
    axes: tuple[Axes, ...] = ()
    formats: tuple[FormatName, ...] = ()
    takes: Literal["item", "group"] = "item"
    optional: bool = False
    use_for_all: bool = False
    label: str = ""
    help: str = ""


class OutputPort(Described):
    """What a tool gives on one port."""

    kind: Kind
    format: FormatName
    like: str | None = None
    axes: Axes | None = None
    many: bool = False
    parts: str | None = None
    optional: bool = False
    label: str = ""
    help: str = ""

    @field_validator("parts")
    @classmethod
    def _has_part_group(cls, pattern: str | None) -> str | None:
        if pattern is not None and "part" not in re.compile(pattern).groupindex:
            raise ValueError("'parts' needs a named group (?P<part>...)")
        return pattern


class Resources(Described):
    """What a job needs, and the limits it is held to."""

    cpu: Annotated[int, Field(ge=1, le=1024)] = 1
    memory: str = "2 GiB"
    gpu: Annotated[int, Field(ge=0, le=64)] = 0
    time: str = "1 h"
    network: bool = False

    @field_validator("memory")
    @classmethod
    def _is_size(cls, text: str) -> str:
        parse_bytes(text)
        return text

    @field_validator("time")
    @classmethod
    def _is_time(cls, text: str) -> str:
        parse_seconds(text)
        return text

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return parse_bytes(self.memory)

    @property
    def time_s(self) -> float:
        """The time limit in seconds."""
        return parse_seconds(self.time)


class TestInput(Described):
    """Where one input of a test comes from: a recipe, or a file of the tool."""

    __test__ = False

    recipe: Annotated[str, StringConstraints(pattern=r"^[^:]+\.py:\w+$")] | None = None
    file: InnerPath | None = None
    annotations: dict[str, bool | int | float | str] = {}

    @model_validator(mode="after")
    def _one_source(self) -> "TestInput":
        if (self.recipe is None) == (self.file is None):
            raise ValueError("a test input needs either 'recipe' or 'file'")
        return self


class ToolTest(Described):
    """One test of a tool: inputs, parameters, and what is expected."""

    name: str = ""
    inputs: dict[str, TestInput | list[TestInput]] = {}
    parameters: dict[str, Any] = {}
    expect: dict[str, dict[str, Any]] = {}
    check: Annotated[str, StringConstraints(pattern=r"^[^:]+\.py:\w+$")] | None = None
    fails: str | None = None


class Tool(Described):
    """A tool descriptor, schema 1.

    Examples
    --------
    See ``nodes/skimage/gaussian/tool.yaml``.
    """

    schema_: Literal["bioimageit-flow/tool/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=f"^{NAME}/{NAME}$")]
    version: Annotated[str, StringConstraints(pattern=f"^{VERSION}$")]
    name: str
    summary: str
    help: str = ""
    authors: tuple[Author, ...] = ()
    licence: str = ""
    citations: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    edam: dict[str, list[str]] = {}
    methods: str = ""
    container: ContainerSpec | None = None
    environment: str | None = None
    command: Annotated[tuple[Argument, ...], Field(min_length=1)]
    worker: WorkerSpec | None = None
    inputs: dict[PortKey, InputPort] = {}
    outputs: Annotated[dict[PortKey, OutputPort], Field(min_length=1)]
    parameters: dict[PortKey, Parameter] = {}
    reads: tuple[str, ...] = ()
    resources: Resources = Resources()
    deterministic: bool = True
    tests: tuple[ToolTest, ...] = ()

    @property
    def ref(self) -> ToolRef:
        """``toolbox/name@version``."""
        return ToolRef(f"{self.id}@{self.version}")

    @property
    def toolbox(self) -> str:
        """Id of the toolbox."""
        return self.id.partition("/")[0]

    @property
    def takes_group(self) -> bool:
        """Whether some input waits for a group of items."""
        return any(port.takes == "group" for port in self.inputs.values())

    @field_validator("outputs")
    @classmethod
    def _names_differ(
        cls, outputs: dict[str, OutputPort], info: ValidationInfo
    ) -> dict[str, OutputPort]:
        for name in outputs:
            if name in info.data.get("inputs", {}):
                raise ValueError(f"an input and an output are both called {name!r}")
        return outputs

    @model_validator(mode="after")
    def _names_are_known(self) -> "Tool":
        ports = {*self.inputs, *self.outputs}
        for name in self.parameters:
            if name in ports:
                raise ValueError(f"a port and a parameter are both called {name!r}")
        for name, port in self.outputs.items():
            if port.like is not None and port.like not in self.inputs:
                raise ValueError(f"output {name!r} is like {port.like!r}, no input")
        known = {*ports, *self.parameters, "job", "annotations", "seed", "cpu"}
        known |= {f"{name}.list" for name in self.inputs}
        for used in placeholders(self.command):
            if used not in known:
                raise ValueError(f"the command uses {{{used}}}, which is nothing here")
        for key in self.reads:
            if key.startswith("{") and key.strip("{}") not in self.parameters:
                raise ValueError(f"'reads' names {key}, which is no parameter")
        return self

    def resolve(self, given: dict[str, Any]) -> dict[str, ParameterValue]:
        """Return the value of every parameter: the given ones, else the defaults.

        Parameters
        ----------
        given : dict
            Values by parameter name.

        Raises
        ------
        ValueError
            If a parameter is unknown or a value does not fit.
        """
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise ValueError(f"there is no parameter {name!r} (there are: {known})")
        resolved: dict[str, ParameterValue] = {}
        for name, parameter in self.parameters.items():
            value = given.get(name, parameter.default)
            if value is None and parameter.type is ParameterType.FILE:
                continue
            try:
                resolved[name] = parameter.check(value)
            except ValueError as error:
                raise ValueError(f"parameter {name!r}: {error}") from error
        return resolved

    def keys_read(
        self, parameters: dict[str, ParameterValue]
    ) -> tuple[str, ...] | None:
        """Return the annotation keys a job reads; None stands for all of them."""
        keys: list[str] = []
        for entry in self.reads:
            if entry == "*":
                return None
            if not entry.startswith("{"):
                keys.append(entry)
                continue
            value = parameters.get(entry[1:-1], "")
            named = value if isinstance(value, list) else [value]
            keys.extend(str(key) for key in named if key != "")
            if "*" in keys:
                return None
        return tuple(dict.fromkeys(keys))


class Toolbox(Described):
    """A toolbox descriptor, schema 1: tools that share an image and an environment."""

    schema_: Literal["bioimageit-flow/toolbox/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
    name: str
    summary: str = ""
    help: str = ""
    licence: str = ""
    authors: tuple[Author, ...] = ()
    citations: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    container: ContainerSpec | None = None
    environment: str | None = None
    library: InnerPath | None = None


ToolOrigin = Literal["built-in", "user", "folder", "plug-in"]


@dataclass(frozen=True, slots=True)
class InstalledTool:
    """A tool with the folders its files lie in.

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
    """

    tool: Tool
    folder: Path
    toolbox_folder: Path
    origin: ToolOrigin
    code_sha256: Sha256
    trust_sha256: Sha256
    container: ContainerSpec | None = None
    lock: Path | None = None
    library: Path | None = None

    @property
    def ref(self) -> ToolRef:
        """``toolbox/name@version``."""
        return self.tool.ref
