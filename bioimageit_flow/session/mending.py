"""What ``doctor`` can mend itself, and the command for what it cannot."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from bioimageit_flow.catalogue.places import user_folder
from bioimageit_flow.errors import DataError
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.protocol import Finding, Readiness, Report
from bioimageit_flow.session.preferences import set_by_hand

if TYPE_CHECKING:
    from bioimageit_flow.runtimes.protocol import Runtime
    from bioimageit_flow.session.machine import Session

_COMMAND = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Mend:
    """Something that can be done about a finding.

    Attributes
    ----------
    words : str
        What it does, for a button.
    what : str
        What it does it to.
    carry_out : callable
        Does it; told a callable for lines of what goes on. Raises `FlowError`.
    """

    words: str
    what: str
    carry_out: Callable[[Report], object]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ``doctor`` says, with what can be done about it.

    Attributes
    ----------
    findings : tuple of Finding
        Line by line.
    mends : tuple of Mend
        What this program can do itself.
    """

    findings: tuple[Finding, ...]
    mends: tuple[Mend, ...]


def diagnose_and_mend(session: "Session") -> Diagnosis:
    """Return every finding, and what can be mended; never raises."""
    findings = tuple(_of_settings(one) for one in session.doctor())
    return Diagnosis(findings, tuple(mends(session)))


def _of_settings(finding: Finding) -> Finding:
    """Return what is said of an address that stands in the settings.

    Who typed it there knows nothing of the variable by which it takes effect.
    """
    name = "DOCKER_HOST"
    if name not in finding.remedy or name in set_by_hand() or not os.environ.get(name):
        return finding
    text = finding.text.replace(f" ({name})", "")
    remedy = "Start it, or correct its address under Runs and limits."
    return replace(finding, text=text, remedy=remedy)


def mends(session: "Session") -> list[Mend]:
    """Return what can be mended: images, environments, the folder of tools."""
    found: list[Mend] = []
    engine = _engine(session)
    for box in session.catalogue.toolboxes():
        tools = [
            one for one in session.catalogue.newest() if one.tool.toolbox == box.id
        ]
        if not tools:
            continue
        spec = tools[0].container  # its own, or that of its toolbox
        if engine is not None and spec is not None and spec.build is not None:
            if engine.availability(tools[0]).readiness is not Readiness.READY:
                found.append(_build(session, box.id))
            continue
        environment = _environment(session)
        if environment is None or tools[0].lock is None:
            continue
        state = environment.availability(tools[0])
        if state.readiness is Readiness.OBTAINABLE:
            found.append(_install(environment, session, box.id))
    folder = user_folder()
    if not folder.is_dir():
        found.append(Mend("Make the folder", str(folder), lambda _report: _make()))
    return found


def command_of(finding: Finding) -> str:
    """Return the command that a remedy names, to be copied; empty if it names none."""
    found = _COMMAND.search(finding.remedy)
    return found[1] if found else ""


def _engine(session: "Session") -> ContainerRuntime | None:
    for runtime in session.runtimes:
        if isinstance(runtime, ContainerRuntime):
            findings = runtime.diagnose()
            is_there = bool(findings) and findings[0].is_good
            return runtime if is_there else None
    return None


def _environment(session: "Session") -> "Runtime | None":
    return next((one for one in session.runtimes if one.name == "environment"), None)


def _build(session: "Session", toolbox: str) -> Mend:
    return Mend(
        "Build the image",
        toolbox,
        lambda report: session.build(toolbox, report=report),
    )


def _install(runtime: "Runtime", session: "Session", toolbox: str) -> Mend:
    tool = next(
        one for one in session.catalogue.newest() if one.tool.toolbox == toolbox
    )
    return Mend(
        "Install the environment",
        toolbox,
        lambda report: runtime.prepare(tool, report, Event()),
    )


def _make() -> None:
    folder = user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be made ({error.strerror}).",
            remedy="See that you may write there.",
        ) from error
