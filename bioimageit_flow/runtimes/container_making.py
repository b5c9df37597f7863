"""Containers for jobs and workers: what they may do, and how they are made."""

import re
import sys
from typing import Any

from docker import APIClient
from docker.types import DeviceRequest, Mount, Ulimit

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.engine_facts import ContainerUser, EngineFacts
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.job_variables import job_variables
from bioimageit_flow.runtimes.protocol import JobProcess
from bioimageit_flow.runtimes.staging import Bind
from bioimageit_flow.runtimes.strays import owner_label

PIDS = 1024
"""Processes and threads that a job may have: room for a JVM, not for a fork bomb."""

LEAST_MEMORY = 6 * 2**20
"""Bytes; the engine refuses less."""

MISSING_PROGRAM = re.compile(
    r"executable file .*not found|no such file or directory|permission denied",
    re.IGNORECASE,
)
"""What an engine says when a command names no program of the image."""

_MOST_FILES = 2**20
_MOST_PROCESSES = 2**15
"""Podman gives itself no more than the usual number of process ids."""

_PREFIX = "bioimageit-flow-"


def other_binds(process: JobProcess, *, is_foreign: bool) -> list[Bind]:
    """Return what a job's container sees beside its inputs."""
    binds = [
        Bind(process.folder / "out", "/job/out", is_read_only=False),
        Bind(process.tool.folder, "/tool"),
    ]
    description = process.folder / "job.json"
    if description.exists():
        if is_foreign:
            description.chmod(0o644)
        binds.append(Bind(description, "/job/job.json"))
    if process.tool.library is not None:
        binds.append(Bind(process.tool.library, "/toolbox/lib"))
    return binds


def container_options(
    process: JobProcess, facts: EngineFacts, user: ContainerUser, binds: list[Bind]
) -> dict[str, Any]:
    """Return what the engine shall hold the container to."""
    memory = max(process.memory_bytes, LEAST_MEMORY)
    security = ["no-new-privileges"]
    if facts.has_selinux:
        # The other way is to relabel the caller's own files.
        security.append("label=disable")
    options: dict[str, Any] = {
        "mounts": [
            Mount(
                bind.target,
                str(bind.source.resolve()),
                type="bind",
                read_only=bind.is_read_only,
            )
            for bind in binds
        ],
        # Programs unpack libraries there and load them (Java, numba), hence exec. It
        # counts against the memory limit, as does /dev/shm.
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={memory // 2}"}
        | _closed_places(facts),
        "shm_size": memory // 2,
        "network_mode": None if process.network else "none",
        "ipc_mode": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": security,
        "init": True,
        "ulimits": [Ulimit(name="core", soft=0, hard=0), *_own_limits(facts)],
        "group_add": list(user.groups) or None,
        # What the process prints is taken off its stream; the engine keeps no copy,
        # which a talkative tool would let grow without bounds.
        "log_config": {"Type": "none"},
    }
    if "memory" in facts.limits:
        options["mem_limit"] = memory
        if "swap" in facts.limits:
            options["memswap_limit"] = memory  # memory and swap together: no swap
    if "cpu" in facts.limits:
        options["nano_cpus"] = min(process.cpu, facts.cpus) * 10**9
    if "pids" in facts.limits:
        options["pids_limit"] = PIDS
    if process.gpu:
        if facts.kind == "Podman":  # it would run the tool without a word, and no GPU
            raise RuntimeUnavailableError(
                f"{process.tool.ref} needs a GPU, which Podman does not give through "
                "its Docker-compatible socket.",
                remedy="Use Docker with the NVIDIA Container Toolkit.",
            )
        which: dict[str, Any] = (
            {"device_ids": list(process.gpu_ids)}
            if process.gpu_ids
            else {"count": process.gpu}
        )
        options["device_requests"] = [DeviceRequest(capabilities=[["gpu"]], **which)]
    return options


def _closed_places(facts: EngineFacts) -> dict[str, str]:
    """Return mounts in the place of those that Podman lets every container write.

    It puts a temporary file system on them where the root is read-only; what one job of
    a warm worker left there the next one would find.
    """
    if facts.kind != "Podman":
        return {}
    options = "ro,nosuid,nodev,noexec,mode=555,size=4k"
    return dict.fromkeys(("/run", "/var/tmp"), options)


def _own_limits(facts: EngineFacts) -> list[Ulimit]:
    """Return the limits of this process for containers of Podman.

    By itself it asks for more open files and processes than it may give where it lacks
    a right to (in a container, in some virtual machines), and starts nothing then.
    """
    if facts.kind != "Podman" or sys.platform == "win32":
        return []
    import resource

    most = {"nofile": _MOST_FILES, "nproc": _MOST_PROCESSES}
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    limits = []
    for name, kind in kinds.items():
        hard = resource.getrlimit(kind)[1]
        limit = most[name] if hard == resource.RLIM_INFINITY else min(hard, most[name])
        limits.append(Ulimit(name=name, soft=limit, hard=limit))
    return limits


def create_container(
    api: APIClient,
    image: str,
    process: JobProcess,
    options: dict[str, Any],
    user: ContainerUser,
    *,
    takes_input: bool = False,
) -> str:
    """Make a container, not started yet, and return its id; raises `ENGINE_ERRORS`.

    Parameters
    ----------
    options : dict
        As `container_options` gives them.
    takes_input : bool
        Whether its input stream is open, for as long as we are attached to it.
    """
    host = api.create_host_config(**options)
    if user.namespace:
        host["UsernsMode"] = user.namespace
    labels = {
        key if key.startswith(LABEL) else f"{LABEL}.{key}": str(value)
        for key, value in process.labels.items()
    }
    labels |= {f"{LABEL}.owner": owner_label(), f"{LABEL}.tool": process.tool.ref}
    library = None if process.tool.library is None else "/toolbox/lib"
    home = "/tmp"
    made = api.create_container(
        image,
        # The whole command: an entry point of the image has no part in it.
        entrypoint=list(process.command),
        name=_container_name(process.name),
        hostname="job",
        user=user.user,
        working_dir=home,
        environment=job_variables(cpu=process.cpu, home=home, library=library),
        labels=labels,
        host_config=host,
        stdin_open=takes_input,
    )
    return str(made["Id"])


def _container_name(name: str) -> str:
    clean = re.sub(r"[^A-Za-z0-9_.-]+", "-", name.removeprefix(_PREFIX))[:200]
    return f"{_PREFIX}{clean}"
