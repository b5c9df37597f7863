"""What a tool asks of the machine is of a sane size."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.problem import Problem

_MIN_MEMORY = 64 * 2**20
_MAX_MEMORY = 512 * 2**30
_MIN_TIME_S = 10.0
_MAX_TIME_S = 7 * 86400.0
_MAX_CPU = 64


def check(subject: Subject) -> Iterator[Problem]:
    """Yield resources that are too small, too large, or need a word."""
    tool, needs = subject.tool, subject.tool.resources
    if needs.memory_bytes < _MIN_MEMORY:
        yield subject.warning(
            "resources-memory",
            f"{needs.memory} of memory is too little for most programs.",
            fix="Ask for 256 MiB at least; Python with libraries takes 200 MiB.",
        )
    if needs.memory_bytes > _MAX_MEMORY:
        yield subject.warning(
            "resources-memory",
            f"Few machines have {needs.memory} of memory.",
            fix="Ask for what one job needs, not for the largest.",
        )
    if not _MIN_TIME_S <= needs.time_s <= _MAX_TIME_S:
        short = needs.time_s < _MIN_TIME_S
        yield subject.warning(
            "resources-time",
            f"A limit of {needs.time} is {'short' if short else 'long'} for one job.",
            fix="Name the time after which a job has certainly gone wrong.",
        )
    if needs.cpu > _MAX_CPU:
        yield subject.warning(
            "resources-cpu",
            f"Few machines have {needs.cpu} cores.",
            fix="Ask for fewer.",
        )
    if needs.network and "network" not in tool.help.lower():
        yield subject.warning(
            "resources-network",
            "The tool asks for the network without saying why.",
            fix="Say in 'help' what it fetches; better, put that into the image.",
        )
    if needs.gpu and tool.worker is not None and tool.worker.mode == "fork":
        yield subject.error(
            "resources-gpu",
            "A process that uses CUDA cannot be forked.",
            fix="Write 'mode: reuse' or 'mode: spawn' in 'worker'.",
        )
    if not tool.deterministic:
        yield subject.info(
            "resources-deterministic",
            "The tool gives other bytes each time, so its results can never be cleaned "
            "up to save space.",
            fix="Use {seed} if it is random, and write no dates.",
        )
