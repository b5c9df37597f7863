"""Memory and processor time of a container, read from its control group.

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
    memory : int or None
        Bytes when last looked at.
    kills : int
        How many of its processes the kernel has killed for want of memory.
    """

    memory_file: Path | None = None
    cpu_file: Path | None = None
    kills_file: Path | None = None
    peak_memory: int | None = None
    cpu_s: float | None = None
    memory: int | None = None
    now_file: Path | None = None
    kills: int = 0

    @property
    def is_short_of_memory(self) -> bool:
        """Whether the kernel has killed a process of it for want of memory."""
        return self.kills > 0

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
            if "memory" in names:
                memory = _ROOT / controllers / group
                usage.memory_file = memory / "memory.max_usage_in_bytes"
                usage.now_file = memory / "memory.usage_in_bytes"
                usage.kills_file = memory / "memory.oom_control"
            elif "cpuacct" in names:
                usage.cpu_file = _ROOT / controllers / group / "cpuacct.usage"
            elif not controllers:  # version 2, here alone or beside version 1
                unified = _ROOT / group
                usage.memory_file = usage.memory_file or unified / "memory.peak"
                usage.now_file = usage.now_file or unified / "memory.current"
                usage.kills_file = usage.kills_file or unified / "memory.events"
                usage.cpu_file = usage.cpu_file or unified / "cpu.stat"
        return usage

    def sample(self) -> None:
        """Read the group again; what cannot be read keeps its last value."""
        peak = _number(self.memory_file)
        if peak is not None:
            self.peak_memory = max(peak, self.peak_memory or 0)
        # Nanoseconds in version 1, microseconds in version 2.
        nanoseconds = _number(self.cpu_file)
        microseconds = _number(self.cpu_file, "usage_usec")
        if microseconds is not None:
            self.cpu_s = microseconds / 1e6
        elif nanoseconds is not None:
            self.cpu_s = nanoseconds / 1e9
        self.memory = _number(self.now_file)
        self.kills = max(self.kills, _number(self.kills_file, "oom_kill") or 0)


def _number(path: Path | None, name: str = "") -> int | None:
    """Return the number in a file, or in its line with a name."""
    if path is None:
        return None
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError:
        return None
    found = (line.split() for line in lines)
    values = (words[-1] for words in found if words[:-1] == ([name] if name else []))
    return next((int(value) for value in values if value.isdigit()), None)
