"""The tool descriptor: what `tool.yaml` and `toolbox.yaml` say.

The pydantic models are the truth; their JSON Schemas are exported by
``bioimageit-flow schema``. Unknown keys are an error, except those that begin with
``x-``, which are kept.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bioimageit_flow.model.command import (
    Argument,
    ArgumentField,
    Each,
    When,
    names_in,
    placeholders,
)
from bioimageit_flow.model.described import (
    NAME,
    PORT,
    VERSION,
    Axes,
    Described,
    FormatName,
    InnerPath,
    PortKey,
)
from bioimageit_flow.model.ids import ToolRef
from bioimageit_flow.model.installed import InstalledTool, ToolOrigin
from bioimageit_flow.model.packaging import (
    Author,
    ContainerSpec,
    Resources,
    WorkerSpec,
)
from bioimageit_flow.model.parameter import Parameter, ParameterType, ParameterValue
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.retry import RetryPolicy
from bioimageit_flow.model.trial import TestInput, ToolTest

__all__ = [
    "GIVEN",
    "NAME",
    "PORT",
    "RESERVED",
    "TOOLBOX_SCHEMA",
    "TOOL_SCHEMA",
    "VERSION",
    "Author",
    "Axes",
    "ContainerSpec",
    "Described",
    "FormatName",
    "InputPort",
    "InstalledTool",
    "OutputPort",
    "PortKey",
    "Resources",
    "RetryPolicy",
    "TestInput",
    "Tool",
    "ToolOrigin",
    "ToolTest",
    "Toolbox",
    "WorkerSpec",
]

TOOL_SCHEMA = "bioimageit-flow/tool/1"
TOOLBOX_SCHEMA = "bioimageit-flow/toolbox/1"

GIVEN = frozenset({"job", "annotations", "seed", "cpu"})
"""Placeholders that every command may use."""

RESERVED = frozenset({"job", "annotations", "item"})
"""Names that neither a port nor a parameter can have."""


class Tool(Described):
    """A tool descriptor, schema 1.

    Attributes
    ----------
    schema : str
        ``bioimageit-flow/tool/1``.
    id : str
        ``toolbox/name``; a workflow refers to ``id@version``.
    version : str
        A version number as semver.org has it, in quotes.
    name : str
        What people call it.
    summary : str
        What it does, in one sentence.
    help : str
        Markdown shown in the editor.
    authors : tuple of Author
        Who wrote it.
    licence : str
        SPDX name of the licence, such as ``BSD-3-Clause``.
    citations : tuple of str
        What to cite, such as ``doi:10.1109/34.87344``.
    keywords : tuple of str
        Words that a search finds it by.
    aliases : tuple of str
        Other names that people know it by.
    edam : dict
        Terms of the EDAM ontology, such as ``{operation: [operation_3443]}``.
    methods : str
        A sentence for the methods section of a paper; ``{parameter}`` is filled in.
    container : ContainerSpec or None
        The image it runs in; that of the toolbox by default.
    environment : str or None
        Lock file of the same libraries, relative to the folder of the toolbox, for
        machines without a container engine; that of the toolbox by default.
    command : tuple
        The arguments of the process, never a shell string; ``{port}`` and
        ``{parameter}`` are filled in.
    worker : WorkerSpec or None
        The Python function that a warm worker calls.
    isolation : str
        ``job`` gives each job a container of its own, also where a warm worker could
        run it.
    inputs : dict of InputPort
        What it takes.
    outputs : dict of OutputPort
        What it gives.
    parameters : dict of Parameter
        What the user can set.
    reads : tuple of str
        Annotation keys the tool is given; ``{parameter}`` for the keys that a parameter
        names, ``*`` for all.
    resources : Resources
        What a job needs.
    retry : RetryPolicy
        Which failed jobs are tried again.
    deterministic : bool
        Whether the same input gives the same bytes.
    tests : tuple of ToolTest
        Run by ``bioimageit-flow tools test``.

    Examples
    --------
    See ``nodes/skimage/gaussian/tool.yaml``.
    """

    schema_: Literal["bioimageit-flow/tool/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=f"^{NAME}/{NAME}$")]
    version: Annotated[str, StringConstraints(pattern=f"^{VERSION}$")]
    name: Annotated[str, StringConstraints(min_length=1)]
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
    environment: InnerPath | None = None
    command: Annotated[tuple[ArgumentField, ...], Field(min_length=1)]
    worker: WorkerSpec | None = None
    isolation: Literal["worker", "job"] = "worker"
    inputs: dict[PortKey, InputPort] = {}
    outputs: Annotated[dict[PortKey, OutputPort], Field(min_length=1)]
    parameters: dict[PortKey, Parameter] = {}
    reads: tuple[str, ...] = ()
    resources: Resources = Resources()
    retry: RetryPolicy = RetryPolicy()
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
        for name in (*ports, *self.parameters):
            if name in RESERVED:
                raise ValueError(f"{name!r} has a meaning of its own in commands")
        for name, port in self.outputs.items():
            if port.like is not None and port.like not in self.inputs:
                raise ValueError(f"output {name!r} is like {port.like!r}, no input")
        for key in self.reads:
            if key.startswith("{") and key not in {f"{{{n}}}" for n in self.parameters}:
                raise ValueError(f"'reads' names {key}, which is no parameter")
        return self

    @model_validator(mode="after")
    def _command_can_be_built(self) -> "Tool":
        groups = {
            f"{n}.list" for n, port in self.inputs.items() if port.takes == "group"
        }
        known = GIVEN | groups | {*self.inputs, *self.outputs, *self.parameters}
        for used in sorted(placeholders(self.command)):
            if used not in known:
                raise ValueError(f"the command uses {{{used}}}, which is nothing here")
        program = self.command[0]
        if not isinstance(program, str) or names_in(program):
            raise ValueError("the command must begin with the name of a program")
        for argument in self.command:
            for complaint in self._misuses(argument):
                raise ValueError(complaint)
        return self

    def _misuses(self, argument: Argument) -> Iterator[str]:
        unsure = self.without_value()
        match argument:
            case str():
                safe, texts = set(), [argument]
            case When(when=name, args=args):
                safe, texts = {name}, list(args)
                if name not in unsure | self._booleans():
                    yield (
                        f"the command has 'when: {name}', which is neither an optional "
                        "input nor a bool parameter"
                    )
            case Each(each=name, args=args):
                safe, texts = {name}, list(args)
                if name not in self.inputs or self.inputs[name].takes != "group":
                    yield f"the command has 'each: {name}', which is no group input"
        for name in {used.removesuffix(".list") for t in texts for used in names_in(t)}:
            if name in unsure - safe:
                yield (
                    f"the command uses {{{name}}}, which may have no value, outside of "
                    f"{{when: {name}, args: [...]}}"
                )

    def without_value(self) -> set[str]:
        """Return the names that may have no value in a job.

        They are the optional inputs, and the file parameters without a default.
        """
        ports = {name for name, port in self.inputs.items() if port.optional}
        return ports | {
            name
            for name, parameter in self.parameters.items()
            if parameter.type is ParameterType.FILE and parameter.default is None
        }

    def _booleans(self) -> set[str]:
        return {
            name
            for name, parameter in self.parameters.items()
            if parameter.type is ParameterType.BOOL
        }

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
    """A toolbox descriptor, schema 1: tools that share an image and an environment.

    Attributes
    ----------
    schema : str
        ``bioimageit-flow/toolbox/1``.
    id : str
        The first half of the ids of its tools.
    name : str
        What people call it; a category in the editor.
    summary : str
        What its tools are for, in one sentence.
    help : str
        Markdown shown in the editor.
    licence : str
        SPDX name of the licence; for tools that name none.
    authors : tuple of Author
        For tools that name none.
    citations : tuple of str
        What to cite for every tool.
    keywords : tuple of str
        Words that a search finds its tools by.
    container : ContainerSpec or None
        The image its tools run in.
    environment : str or None
        Lock file of the same libraries, for machines without a container engine.
    library : str or None
        Folder of modules that its tools share; on the ``PYTHONPATH`` of every job.
    """

    schema_: Literal["bioimageit-flow/toolbox/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
    name: Annotated[str, StringConstraints(min_length=1)]
    summary: str = ""
    help: str = ""
    licence: str = ""
    authors: tuple[Author, ...] = ()
    citations: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    container: ContainerSpec | None = None
    environment: InnerPath | None = None
    library: InnerPath | None = None
