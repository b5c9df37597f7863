"""Which graphics processors jobs of this machine can use (NVIDIA)."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.protocol import Availability

LISTING = Path("/proc/driver/nvidia/gpus")
"""One folder per GPU, where NVIDIA's driver is loaded (Linux)."""

_ASK_WITHIN_S = 10


def visible_gpus(listing: Path = LISTING) -> tuple[str, ...]:
    """Return the numbers of the GPUs that this process may use, as texts.

    As for every CUDA program, ``CUDA_VISIBLE_DEVICES`` says which, where it is set.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        chosen = [one.strip() for one in named.split(",")]
        wanted = tuple(one for one in chosen if one and one != "-1")
        return wanted if wanted and _count(listing) else ()
    return tuple(str(number) for number in range(_count(listing)))


def without_missing_gpu(
    tool: InstalledTool, availability: Availability
) -> InstalledTool:
    """Return a tool that asks for no GPU where it may do without and there are too few.

    Parameters
    ----------
    availability : Availability
        What the runtime that was chosen says of the tool.
    """
    needs = tool.tool.resources
    there = availability.gpus
    if there is None or there >= needs.gpu or not needs.gpu_optional:
        return tool
    changes = {"resources": needs.without_gpu()}
    return replace(tool, tool=tool.tool.model_copy(update=changes))


def _count(listing: Path) -> int:
    try:
        return sum(1 for _ in listing.iterdir())
    except OSError:
        return _count_asked()


def _count_asked() -> int:
    """Ask NVIDIA's own program, on systems that list nothing (Windows)."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        done = subprocess.run(
            [program, "--list-gpus"],
            capture_output=True,
            text=True,
            timeout=_ASK_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(line.startswith("GPU ") for line in done.stdout.splitlines())
