"""What is needed to run one job anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.executors.staging import StagedInput
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.packaging import Resources
from bioimageit_flow.model.parameter import ParameterValue
from bioimageit_flow.model.run import RuntimeUsed


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is needed to run one job anywhere.

    Attributes
    ----------
    inputs : mapping of str to tuple of StagedInput
        By port, in group order.
    seed : int
        For tools that draw random numbers.
    log : Path
        Where the output of the process goes.
    folder : Path
        Where the job works; removed by the caller.
    resources : Resources or None
        What the job gets, where it is not what its tool asks for, such as more memory
        for another attempt.
    """

    id: str
    run: str
    node: str
    tool: InstalledTool
    used: RuntimeUsed
    inputs: Mapping[str, tuple[StagedInput, ...]]
    parameters: Mapping[str, ParameterValue]
    seed: int
    log: Path
    folder: Path
    resources: Resources | None = None

    @property
    def needs(self) -> Resources:
        """What the job gets, and is held to."""
        return self.tool.tool.resources if self.resources is None else self.resources

    @property
    def program(self) -> str:
        """The program that its command starts."""
        return str(self.tool.tool.command[0])
