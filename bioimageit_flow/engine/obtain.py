"""Getting ready what the nodes of a run need: images pulled, environments installed."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.events import Observer, Preparing
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.protocol import Runtime
from bioimageit_flow.runtimes.registry import choose


@dataclass(frozen=True, slots=True)
class Obtained:
    """What a node runs in, for the whole run.

    Attributes
    ----------
    words : str
        What it is and why, for people.
    """

    runtime: Runtime
    used: RuntimeUsed
    words: str


def obtain(
    prepared: Prepared,
    runtimes: Sequence[Runtime],
    observe: Observer,
    cancel: Event,
) -> dict[str, Obtained]:
    """Return what each node runs in, with everything that it needs in place.

    Where the choice was free (``auto``) and an image cannot be pulled, the tool's
    environment is taken instead, and the words say so.

    Raises
    ------
    RuntimeUnavailableError
        If something cannot be had.
    Cancelled
        If `cancel` was set meanwhile.
    """
    by_tool: dict[str, Obtained] = {}
    obtained: dict[str, Obtained] = {}
    for node in prepared.order:
        tool, choice = prepared.tools[node], prepared.choices[node]
        if tool.ref not in by_tool:

            def report(text: str, node: str = node) -> None:
                observe(Preparing(node, text))

            try:
                used = choice.runtime.prepare(tool, report, cancel)
            except RuntimeUnavailableError as error:
                others = [one for one in runtimes if one.name != choice.runtime.name]
                if prepared.request.runtime != "auto" or not others:
                    raise
                try:
                    choice = choose(tool, "auto", others, choice.is_trusted)
                except RuntimeUnavailableError:
                    raise error from None
                used = choice.runtime.prepare(tool, report, cancel)
            detail = f" ({used.detail})" if used.detail else ""
            words = f"{choice.runtime.name}{detail}"
            by_tool[tool.ref] = Obtained(choice.runtime, used, words)
        obtained[node] = by_tool[tool.ref]
    return obtained
