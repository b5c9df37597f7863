"""What a run will take of the machine, as far as that can be told beforehand."""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.plan import Needs, NodePlan
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.protocol import Readiness
from bioimageit_flow.runtimes.registry import ENVIRONMENT, Choice

_BYTES_PER_PIXEL = 4
_SMALL_BYTES = 50_000
_FULL = 0.9
_GPU_REMEDY = (
    "Run it on a machine with an NVIDIA GPU; containers need the NVIDIA Container "
    "Toolkit too (`bioimageit-flow doctor` looks for both)."
)


def foresee(
    prepared: Prepared, nodes: Sequence[NodePlan], folder: Path
) -> tuple[Needs, list[Problem]]:
    """Return what a run needs, and a problem where the machine has less.

    Parameters
    ----------
    nodes : sequence of NodePlan
        How many jobs each node has.
    folder : Path
        Of the experiment.
    """
    running = {one.node: one.new + one.waiting for one in nodes}
    busy = [name for name in prepared.order if running.get(name)]
    memory = {
        name: prepared.tools[name].tool.resources.memory_bytes
        for name in busy
        if name in prepared.tools
    }
    needs = Needs(
        disk_bytes=_disk(prepared, running),
        free_bytes=_free(folder),
        memory_bytes=max(memory.values(), default=0),
    )
    return needs, [
        *_disk_problems(needs),
        *_memory_problems(memory),
        *_image_problems(prepared, busy),
        *_gpu_problems(prepared, busy),
    ]


def _disk(prepared: Prepared, running: Mapping[str, int]) -> int:
    pixels = number = 0
    for items in prepared.bound.items.values():
        for info in items.infos:
            if info.kind.is_pixels:
                pixels += math.prod(info.shape)
                number += 1
    image = _BYTES_PER_PIXEL * pixels // number if pixels else _SMALL_BYTES
    total = 0
    for name, jobs in running.items():
        if name not in prepared.tools:
            continue
        for port in prepared.tools[name].tool.outputs.values():
            total += jobs * (image if port.kind.is_pixels else _SMALL_BYTES)
    return total


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _disk_problems(needs: Needs) -> Iterator[Problem]:
    if needs.free_bytes is None or needs.disk_bytes < needs.free_bytes * _FULL:
        return
    yield Problem(
        "disk",
        Severity.WARNING,
        f"The results will take about {format_bytes(needs.disk_bytes)}, but "
        f"{format_bytes(needs.free_bytes)} are free.",
        fix="Free some space, or run a part of the items with --limit.",
    )


def _memory_problems(memory: Mapping[str, int]) -> Iterator[Problem]:
    total = psutil.virtual_memory().total
    for name, wanted in memory.items():
        if wanted > total:
            yield Problem(
                "memory",
                Severity.WARNING,
                f"A job of {name} may take {format_bytes(wanted)}, but this machine "
                f"has {format_bytes(total)}: its jobs run one at a time and may fail.",
                node=name,
                fix="Run it on a larger machine, or on smaller images.",
            )


def _image_problems(prepared: Prepared, busy: Sequence[str]) -> Iterator[Problem]:
    told: set[str] = set()
    for name in busy:
        choice = prepared.choices.get(name)
        if choice is None or choice.availability.readiness is not Readiness.OBTAINABLE:
            continue
        text = choice.availability.reason or f"What {name} needs is not here yet."
        if text not in told:
            told.add(text)
            yield Problem(
                "not-here-yet",
                Severity.INFO,
                text,
                node=name,
                fix="The run gets it before it starts.",
            )


def _or_environment(tool: InstalledTool, choice: Choice) -> str:
    if tool.lock is None or choice.runtime.name == ENVIRONMENT:
        return ""
    return " Its environment may find one: `--runtime environment`."


def _gpu_problems(prepared: Prepared, busy: Sequence[str]) -> Iterator[Problem]:
    for name in busy:
        tool, choice = prepared.tools.get(name), prepared.choices.get(name)
        if tool is None or choice is None:
            continue
        needs, there = tool.tool.resources, choice.availability.gpus
        if needs.lacks_gpu:
            yield Problem(
                "gpu",
                Severity.WARNING,
                f"{name} would use a GPU and finds none here, so that it runs on the "
                "processor, which may take far longer.",
                node=name,
                fix=_GPU_REMEDY,
            )
        elif there is not None and there < needs.gpu:
            few = f"only {there}" if there else "none"
            number = "a GPU" if needs.gpu == 1 else f"{needs.gpu} GPUs"
            yield Problem(
                "gpu",
                Severity.ERROR,
                f"{name} needs {number}, and its {choice.runtime.name} finds {few}.",
                node=name,
                fix=_GPU_REMEDY + _or_environment(tool, choice),
            )
