"""Peak memory and processor time of a container, read from its control group.

Works where the engine shares this machine's kernel and the files can be read; elsewhere
nothing is known. What a job used in its last moments may be missed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ROOT = Path("/sys/fs/cgroup")


@dataclass(slots=True)
class Usage:
    """What a container has used so far.

    Attributes
    ----------
    peak_memory : int or None
        Bytes, with the files that the kernel keeps in memory for it.
    cpu_s : float or None
        Processor seconds of all its processes.
    """

    memory_file: Path | None = None
    cpu_file: Path | None = None
    peak_memory: int | None = None
    cpu_s: float | None = None

    @classmethod
    def of_process(cls, pid: int, container: str) -> Self:
        """Find the control group of a container by its first process.

        Parameters
        ----------
        pid : int
            As the engine gives it; another process where the engine runs in a virtual
            machine.
        container : str
            Id, which must stand in the name of the group.
        """
        try:
            lines = Path(f"/proc/{pid}/cgroup").read_text("ascii").splitlines()
        except (OSError, ValueError):
            return cls()
        usage = cls()
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if container not in path:
                continue
            group = path.lstrip("/")
            names = controllers.split(",")
            if controllers == "":  # version 2
                usage.memory_file = _ROOT / group / "memory.peak"
                usage.cpu_file = _ROOT / group / "cpu.stat"
            elif "memory" in names:
                usage.memory_file = _ROOT.joinpath(
                    "memory", group, "memory.max_usage_in_bytes"
                )
            elif "cpuacct" in names:
                usage.cpu_file = _ROOT / controllers / group / "cpuacct.usage"
        return usage

    def sample(self) -> None:
        """Read the group again; what cannot be read keeps its last value."""
        peak = _first_number(self.memory_file)
        if peak is not None:
            self.peak_memory = max(peak, self.peak_memory or 0)
        cpu = _first_number(self.cpu_file)
        if cpu is not None and self.cpu_file is not None:
            # usage_usec in version 2, nanoseconds in version 1
            self.cpu_s = cpu / (1e6 if self.cpu_file.name == "cpu.stat" else 1e9)


def _first_number(path: Path | None) -> int | None:
    if path is None:
        return None
    try:
        words = path.read_text("ascii").split()
    except OSError:
        return None
    return next((int(word) for word in words if word.isdigit()), None)
