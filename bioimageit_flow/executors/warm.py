"""What lives for the length of a run: the warm workers of its runtimes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.protocol import Outcome, Runtime

Isolation = Literal["worker", "job"]
"""How far the jobs of one tool in one run are kept from each other.

``worker``: a process of its own in a container that stays for the run, or what else the
tool's worker says. ``job``: a container of its own.
"""


@contextmanager
def warm_run(
    run: str,
    used: Iterable[tuple[Runtime, InstalledTool, RuntimeUsed]],
    isolation: Isolation = "worker",
) -> Iterator[None]:
    """Let runtimes keep workers while a run lasts; none is left afterwards.

    Parameters
    ----------
    run : str
        Id of the run, which its jobs carry as a label.
    used : iterable of tuple
        Runtime, tool and what `Runtime.prepare` returned, in the order of the
        workflow.
    isolation : Isolation
        ``job`` keeps none at all; a tool can ask for that itself.
    """
    tools: dict[str, list[tuple[InstalledTool, RuntimeUsed]]] = {}
    runtimes: dict[str, Runtime] = {}
    for runtime, tool, version in used:
        runtimes[runtime.name] = runtime
        kept = tools.setdefault(runtime.name, [])
        is_warm = isolation == tool.tool.isolation == "worker"
        if is_warm and (tool, version) not in kept:
            kept.append((tool, version))
    for name, runtime in runtimes.items():
        if tools[name]:
            runtime.begin_run(run, tools[name])
    try:
        yield
    finally:
        for runtime in runtimes.values():
            runtime.end_run(run)


def how_it_ran(used: RuntimeUsed, outcome: Outcome) -> RuntimeUsed:
    """Return what is recorded of where a job ran: also how a worker ran it."""
    words = [used.detail, outcome.worker and f"warm worker ({outcome.worker})"]
    detail = "; ".join(word for word in (*words, outcome.note) if word)
    return replace(used, detail=detail)
