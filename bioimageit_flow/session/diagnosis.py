"""What ``doctor`` says: runtimes, plug-ins, tools, places on disk."""

import shutil
import sys
from typing import TYPE_CHECKING

import psutil
from platformdirs import user_cache_path

from bioimageit_flow import __version__
from bioimageit_flow.catalogue.places import user_folder
from bioimageit_flow.errors import FlowError
from bioimageit_flow.formats.library import INSTALL, lacking
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.plugins import Group, installed
from bioimageit_flow.runtimes.protocol import Finding
from bioimageit_flow.session.shared_folder import examine_share

if TYPE_CHECKING:
    from bioimageit_flow.session.machine import Session

MIN_FREE_BYTES = 5 * 2**30
MIN_MEMORY_BYTES = 4 * 2**30

_GROUPS: tuple[Group, ...] = ("tools", "readers", "runtimes", "stores", "executors")


def diagnose(session: "Session") -> list[Finding]:
    """Return every finding; never raises."""
    findings = [
        Finding(
            "program",
            True,
            f"BioImageIT Flow {__version__} on Python {sys.version.split()[0]}",
        ),
        _memory(),
        _disk(),
    ]
    for runtime in session.runtimes:
        findings += runtime.diagnose()
    findings += examine_share()
    findings += _tools(session)
    findings += _plugins()
    return findings


def _memory() -> Finding:
    total = psutil.virtual_memory().total
    is_good = total >= MIN_MEMORY_BYTES
    cpus = psutil.cpu_count() or 1
    text = f"{cpus} processors, {format_bytes(total)} of memory"
    remedy = "" if is_good else "Large images may need a machine with more memory."
    return Finding("machine", is_good, text, remedy)


def _disk() -> Finding:
    place = user_cache_path("bioimageit-flow")
    there = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(there).free
    is_good = free >= MIN_FREE_BYTES
    remedy = "" if is_good else "Free some space, or set BIOIMAGEIT_FLOW_CACHE."
    return Finding("disk", is_good, f"{format_bytes(free)} free at {place}", remedy)


def _tools(session: "Session") -> list[Finding]:
    tools = session.catalogue.tools()
    boxes = {tool.tool.toolbox for tool in tools}
    text = f"{len(tools)} tools in {len(boxes)} toolboxes; yours go to {user_folder()}"
    findings = [Finding("tools", True, text)]
    findings += [
        Finding("tools", False, problem.text, problem.fix)
        for problem in session.catalogue.problems
    ]
    return findings


def _plugins() -> list[Finding]:
    findings = []
    for group in _GROUPS:
        for plugin in installed(group):
            name = f"{group}: {plugin.name} ({plugin.distribution})"
            try:
                loaded = plugin.load()
            except FlowError as error:
                findings.append(Finding("plug-ins", False, error.message, error.remedy))
                continue
            text = f"{name} needs {missing}" if (missing := lacking(loaded)) else name
            remedy = f"{INSTALL}." if missing else ""
            findings.append(Finding("plug-ins", not missing, text, remedy))
    return findings
