"""What ``doctor`` says of the container engine, proven where it can be."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.container_job import run_container
from bioimageit_flow.runtimes.engine import Engine, engine_failure
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS
from bioimageit_flow.runtimes.engine_facts import EngineFacts
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.protocol import NOT_STARTED, Finding, JobProcess
from bioimageit_flow.runtimes.strays import find_strays

_OURS = "bioimageit-flow/"
_LITTLE_DISK = 10 * 2**30
_LITTLE_MEMORY = 4 * 2**30
_PROBED_IMAGES = 4


def examine(engine: Engine) -> list[Finding]:
    """Look at the engine from all sides.

    Raises
    ------
    RuntimeUnavailableError
        If it does not answer.
    """
    facts = engine.facts()
    try:
        images = engine.api().images()
    except ENGINE_ERRORS as error:
        raise engine_failure(error, "listing its images") from error
    strays = find_strays(engine)
    findings = [
        _engine_finding(facts),
        _limits_finding(facts),
        _images_finding(images),
        *_disk_findings(facts),
        _machine_finding(facts),
        _gpu_finding(facts),
        probe(engine, images),
    ]
    if strays:
        findings.append(
            Finding(
                "left-over containers",
                False,
                f"{len(strays)} containers were left behind by runs that were killed.",
                "They are removed when the next run starts.",
            )
        )
    return findings


def _engine_finding(facts: EngineFacts) -> Finding:
    rights = "without root's rights" if facts.is_rootless else "with root's rights"
    return Finding(
        "container engine",
        True,
        f"{facts.kind} {facts.version}, {rights}, at {facts.url} ({facts.os}); "
        f"storage driver {facts.storage_driver}.",
    )


def _limits_finding(facts: EngineFacts) -> Finding:
    missing = [name for name in ("memory", "cpu", "pids") if name not in facts.limits]
    if not missing:
        return Finding("limits", True, "Memory, processors and processes of jobs.")
    return Finding(
        "limits",
        False,
        f"The engine cannot limit what jobs use of: {', '.join(missing)}.",
        "Use control groups version 2 and delegate their controllers to your user: "
        "https://rootlesscontaine.rs/getting-started/common/cgroup2/.",
    )


def _images_finding(images: list[dict[str, Any]]) -> Finding:
    ours = sorted(
        f"{tag} ({format_bytes(int(image.get('Size') or 0))})"
        for image in images
        for tag in image.get("RepoTags") or ()
        if tag.removeprefix("localhost/").startswith(_OURS)
    )
    if ours:
        return Finding("images", True, f"{', '.join(ours)}; {len(images)} in all.")
    return Finding(
        "images",
        False,
        f"No image of a built-in toolbox among {len(images)}.",
        "Build them: `bioimageit-flow tools build --all`.",
    )


def _disk_findings(facts: EngineFacts) -> list[Finding]:
    free = None if facts.is_desktop else _free_bytes(Path(facts.root_folder or "/"))
    if free is None:
        return []
    text = f"{format_bytes(free)} free for images in {facts.root_folder}."
    if free >= _LITTLE_DISK:
        return [Finding("engine disk", True, text)]
    return [
        Finding(
            "engine disk",
            False,
            text,
            "Free some: `docker system prune` removes what is unused.",
        )
    ]


def _free_bytes(folder: Path) -> int | None:
    """Return the free bytes of a disk, asked at the nearest folder we may enter."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None


def _machine_finding(facts: EngineFacts) -> Finding:
    text = f"{format_bytes(facts.memory_bytes)} and {facts.cpus} processors for jobs."
    if facts.memory_bytes >= _LITTLE_MEMORY or not facts.memory_bytes:
        return Finding("engine memory", True, text)
    return Finding(
        "engine memory",
        False,
        text,
        "Give the engine more (in Docker Desktop: Settings, Resources).",
    )


def _gpu_finding(facts: EngineFacts) -> Finding:
    has_gpu = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")
    if facts.gpu_runtime:
        return Finding("GPU", True, "Containers can use the NVIDIA GPU.")
    if has_gpu:
        return Finding(
            "GPU",
            False,
            "This machine has an NVIDIA GPU that containers cannot use.",
            "Install the NVIDIA Container Toolkit: "
            "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/.",
        )
    return Finding("GPU", True, "None found; tools that need one cannot run here.")


def probe(engine: Engine, images: list[dict[str, Any]]) -> Finding:
    """Prove that a job reads its input, and that its output is the caller's.

    Parameters
    ----------
    images : list of dict
        As the engine lists them; a small one with a shell is taken.
    """
    candidates = sorted(
        (image for image in images if image.get("RepoTags")),
        key=lambda image: (
            not any(_OURS in tag for tag in image["RepoTags"]),
            int(image.get("Size") or 0),
        ),
    )
    for image in candidates[:_PROBED_IMAGES]:
        try:
            finding = _probe_with(engine, str(image["Id"]), str(image["RepoTags"][0]))
        except FlowError as error:
            return Finding("isolation", False, error.message, error.remedy)
        except OSError as error:
            return Finding(
                "isolation",
                False,
                f"It could not be proven that files of jobs come out right: {error}.",
                "See whether the folder of temporary files (TMPDIR) can be written.",
            )
        if finding is not None:
            return finding
    return Finding(
        "isolation",
        False,
        "It could not be proven that files of jobs come out right: no image to try.",
        "Build one: `bioimageit-flow tools build --all`.",
    )


_PROBE = (
    "cat /job/in/text/0.txt > /job/out/text/0.txt || exit 3; "
    "if (echo x > /job/in/text/0.txt) 2>/dev/null; then exit 4; fi; "
    "if (echo x > /etc/probe) 2>/dev/null; then exit 5; fi"
)
_PROBE_FAULTS = {
    3: "a job cannot read its input or write its output",
    4: "a job can change its input",
    5: "a job can change its image",
}


def _probe_with(engine: Engine, image: str, tag: str) -> Finding | None:
    """Run the probe in an image; None if the image has no shell."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="bioimageit-flow-probe-") as name:
        folder = Path(name)
        for part in ("in/text", "out/text", "tool"):
            (folder / part).mkdir(parents=True)
        (folder / "in/text/0.txt").write_text(secret, "ascii")
        process = JobProcess(
            name=f"probe-{secret[:12]}",
            tool=_probe_tool(folder / "tool"),
            used=RuntimeUsed("container", f"image {image}", tag),
            folder=folder,
            command=("sh", "-c", _PROBE),
            log=folder / "log",
            memory_bytes=2**28,
            time_s=60,
            labels={f"{LABEL}.run": "probe"},
        )
        outcome = run_container(engine, image, process)
        if outcome.exit_code == NOT_STARTED:
            return None
        fault = _PROBE_FAULTS.get(outcome.exit_code or 0, "")
        if outcome.exit_code != 0 and not fault:
            fault = f"a job ended with {outcome.exit_code}"
        written = folder / "out/text/0.txt"
        if not fault and written.read_text("ascii") != secret:
            fault = "what a job writes does not arrive"
        if not fault and hasattr(os, "getuid") and written.stat().st_uid != os.getuid():
            fault = "what a job writes belongs to another user"
    if fault:
        return Finding(
            "isolation",
            False,
            f"In a container of {tag}, {fault}.",
            "Put temporary files on a local disk that the engine can enter (TMPDIR).",
        )
    return Finding(
        "isolation",
        True,
        f"A container of {tag} read its input, could not change it, and what it wrote "
        "belongs to you.",
    )


def _probe_tool(folder: Path) -> InstalledTool:
    nothing = Sha256("0" * 64)
    tool = Tool.model_validate(
        {
            "schema": "bioimageit-flow/tool/1",
            "id": "doctor/probe",
            "version": "1.0.0",
            "name": "Probe",
            "summary": "Reads and writes a file.",
            "command": ["sh"],
            "outputs": {"text": {"kind": "file", "format": "text"}},
        }
    )
    return InstalledTool(tool, folder, folder, "built-in", nothing, nothing)
