"""Which runtimes there are, and which one a tool runs in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from bioimageit_flow.errors import PluginError, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.plugins import installed
from bioimageit_flow.runtimes.protocol import (
    Availability,
    Finding,
    Readiness,
    Runtime,
)

AUTO = "auto"
CONTAINER = "container"
ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Choice:
    """The runtime chosen for a tool.

    Attributes
    ----------
    reason : str
        Which one and why, as a sentence.
    is_trusted : bool
        Whether the tool was taken for trusted.
    """

    runtime: Runtime
    availability: Availability
    reason: str
    is_trusted: bool


@dataclass(slots=True)
class _Refusals:
    """Why runtimes were passed over, for the sentence that says so."""

    reasons: list[str] = field(default_factory=list)
    remedies: list[str] = field(default_factory=list)

    def add(self, reason: str, remedy: str) -> None:
        for texts, text in ((self.reasons, reason), (self.remedies, remedy)):
            if text and text not in texts:
                texts.append(text)


def load_runtimes() -> list[Runtime]:
    """Return every installed runtime, not connected to anything yet.

    The entry points of the group ``bioimageit_flow.runtimes`` name callables without
    parameters. One that cannot be used is left out; `broken_runtimes` says why.
    """
    return _load()[0]


def broken_runtimes() -> list[Finding]:
    """Say which installed runtimes cannot be used, and why, for ``doctor``."""
    return _load()[1]


def _load() -> tuple[list[Runtime], list[Finding]]:
    loaded: dict[str, Runtime] = {}
    broken: list[Finding] = []
    for plugin in installed("runtimes"):
        whose = f"The runtime {plugin.name!r} of {plugin.distribution}"
        remedy = f"Update or uninstall {plugin.distribution}."
        try:
            runtime = cast("Callable[[], Runtime]", plugin.load())()
            name = runtime.name
        except PluginError as error:
            broken.append(Finding("plug-in", False, error.message, error.remedy))
        except Exception as error:  # noqa: BLE001 - other people's code may raise all
            said = f"{type(error).__name__}: {error}"
            text = f"{whose} cannot be made: {said}."
            broken.append(Finding("plug-in", False, text, remedy))
        else:
            if name in loaded:
                text = f"{whose} has the name of another and is not used."
                broken.append(Finding("plug-in", False, text, remedy))
            else:
                loaded[name] = runtime
    return list(loaded.values()), broken


def choose(
    tool: InstalledTool, wanted: str, runtimes: Sequence[Runtime], is_trusted: bool
) -> Choice:
    """Choose the runtime of a tool, without downloading anything.

    Parameters
    ----------
    wanted : str
        ``auto``, or the name of a runtime, which is then taken or refused.
    runtimes : sequence of Runtime
        As `load_runtimes` gives them.
    is_trusted : bool
        Whether the tool is built in or trusted by its content hash. ``auto`` runs no
        other tool where nothing keeps it from the rest of the machine.

    Raises
    ------
    RuntimeUnavailableError
        If there is none; says why not and what helps.
    """
    if wanted != AUTO:
        return _choose_named(tool, wanted, runtimes, is_trusted=is_trusted)
    refusals = _Refusals()
    for runtime in _in_order(runtimes):
        found = _consider(tool, runtime, refusals, is_trusted=is_trusted)
        if found is not None:
            why = f" ({refusals.reasons[0].rstrip('.')})" if refusals.reasons else ""
            reason = f"{_sentence(tool, runtime, found)}{why}."
            return Choice(runtime, found, reason, is_trusted)
    raise _none_left(tool, refusals)


def _in_order(runtimes: Sequence[Runtime]) -> list[Runtime]:
    """Return the runtimes that ``auto`` considers: the container engine first.

    Other people's runtimes come next, if they isolate jobs; the environment is last.
    """
    ranks = {CONTAINER: 0, ENVIRONMENT: 2}
    considered = [
        runtime
        for runtime in runtimes
        if runtime.is_isolated or runtime.name == ENVIRONMENT
    ]
    return sorted(considered, key=lambda one: (ranks.get(one.name, 1), one.name))


def _consider(
    tool: InstalledTool, runtime: Runtime, refusals: _Refusals, *, is_trusted: bool
) -> Availability | None:
    available = runtime.availability(tool)
    if available.readiness is Readiness.UNAVAILABLE:
        # What a container-only tool needs was said by the container runtime already.
        is_absent = runtime.name == ENVIRONMENT and tool.lock is None
        refusals.add(available.reason, "" if is_absent else available.remedy)
        return None
    if not runtime.is_isolated and not is_trusted:
        refusals.add(
            f"The tool {tool.ref} is not trusted, and the {runtime.name} runtime keeps "
            "it from nothing.",
            "Use a container engine, or look at the tool and trust it "
            f"(`bioimageit-flow trust {tool.tool.id}`).",
        )
        return None
    return available


def _choose_named(
    tool: InstalledTool,
    wanted: str,
    runtimes: Sequence[Runtime],
    *,
    is_trusted: bool,
) -> Choice:
    named = {one.name: one for one in runtimes}
    runtime = named.get(wanted)
    if runtime is None:
        known = ", ".join([AUTO, *sorted(named)])
        raise RuntimeUnavailableError(
            f"There is no runtime {wanted!r}.", remedy=f"Choose one of: {known}."
        )
    available = runtime.availability(tool)
    if available.readiness is Readiness.UNAVAILABLE:
        refusals = _Refusals()
        refusals.add(available.reason, available.remedy)
        raise _none_left(tool, refusals)
    reason = f"{_sentence(tool, runtime, available)}, as asked for"
    if not runtime.is_isolated and not is_trusted:
        reason += " though it is not trusted and nothing isolates it"
    return Choice(runtime, available, f"{reason}.", is_trusted)


def _sentence(tool: InstalledTool, runtime: Runtime, available: Availability) -> str:
    detail = f" {available.used.detail}" if available.used else ""
    return f"{tool.ref} runs in: {runtime.name}{detail}"


def _none_left(tool: InstalledTool, refusals: _Refusals) -> RuntimeUnavailableError:
    """Return the error that says why no runtime is left, in the order of trying."""
    why = " ".join(refusals.reasons) or "No runtime is installed."
    return RuntimeUnavailableError(
        f"{tool.ref} cannot run here. {why}", remedy=" Or: ".join(refusals.remedies)
    )
