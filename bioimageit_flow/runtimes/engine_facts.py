"""What is known of a container engine, and the user that its jobs run as."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65532
"""The user of jobs whose caller is root: no account of the host has this number."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What an engine says of itself.

    Attributes
    ----------
    kind : str
        ``Docker`` or ``Podman``.
    url : str
        Where it listens.
    is_rootless : bool
        Whether it runs without root's rights.
    is_remapped : bool
        Whether it shifts user ids by default (dockerd's ``userns-remap``).
    is_desktop : bool
        Whether it runs in a virtual machine that shares folders with this one.
    has_selinux : bool
        Whether SELinux guards the files of the host.
    limits : frozenset of str
        What it can limit: ``memory``, ``swap``, ``cpu``, ``pids``.
    root_folder : str
        Where it keeps its images.
    cpus, memory_bytes, images
        Processors, memory and number of images it has.
    gpu_runtime : bool
        Whether NVIDIA's container runtime is set up.
    """

    kind: str
    version: str
    url: str
    is_rootless: bool = False
    is_remapped: bool = False
    is_desktop: bool = False
    has_selinux: bool = False
    limits: frozenset[str] = frozenset({"memory", "swap", "cpu", "pids"})
    storage_driver: str = ""
    root_folder: str = ""
    os: str = ""
    cpus: int = 1
    memory_bytes: int = 0
    images: int = 0
    gpu_runtime: bool = False


@dataclass(frozen=True, slots=True)
class ContainerUser:
    """Who a job is inside its container.

    Attributes
    ----------
    user : str
        ``uid:gid``.
    namespace : str
        User namespace to ask for; empty for the engine's own choice.
    groups : tuple of str
        Further groups, so that files shared with one of the caller's can be read.
    hands_over : bool
        Whether the output folder has to be given to that user, and taken back.
    """

    user: str
    namespace: str = ""
    groups: tuple[str, ...] = ()
    hands_over: bool = False


def read_facts(
    url: str, info: Mapping[str, Any], version: Mapping[str, Any]
) -> EngineFacts:
    """Return the facts in an engine's answers to ``/info`` and ``/version``."""
    components = version.get("Components") or [{}]
    is_podman = "podman" in str(components[0].get("Name", "")).lower()
    security = [str(option) for option in info.get("SecurityOptions") or ()]
    keys = {
        "memory": "MemoryLimit",
        "swap": "SwapLimit",
        "cpu": "CpuCfsQuota",
        "pids": "PidsLimit",
    }
    system = str(info.get("OperatingSystem", ""))
    is_rootless = any("rootless" in option for option in security)
    is_rootless |= bool(info.get("Rootless"))  # as Podman has it
    limits = frozenset(name for name, key in keys.items() if info.get(key))
    if is_podman and is_rootless:  # which claims what only root could do
        limits &= delegated_limits(str(info.get("CgroupVersion", "")))
    devices = str(info.get("DiscoveredDevices") or "")  # CDI
    return EngineFacts(
        kind="Podman" if is_podman else "Docker",
        version=str(version.get("Version", "?")),
        url=url,
        is_rootless=is_rootless,
        is_remapped=any(option.startswith("name=userns") for option in security),
        is_desktop="Docker Desktop" in system,
        has_selinux=any("selinux" in option for option in security),
        limits=limits,
        storage_driver=str(info.get("Driver", "")),
        root_folder=str(info.get("DockerRootDir", "")),
        os=system,
        cpus=int(info.get("NCPU") or 1),
        memory_bytes=int(info.get("MemTotal") or 0),
        images=int(info.get("Images") or 0),
        gpu_runtime="nvidia" in (info.get("Runtimes") or {}) or "nvidia" in devices,
    )


def delegated_limits(version: str, group: Path | None = None) -> frozenset[str]:
    """Return what an ordinary user of this machine may limit.

    Parameters
    ----------
    version : str
        Of the control groups: only version 2 lets users limit anything.
    group : Path, optional
        The user's own group; where there is none, everything is taken for allowed.
    """
    if version == "1":
        return frozenset()
    if group is None:
        uid = os.getuid() if hasattr(os, "getuid") else 0
        group = Path(f"/sys/fs/cgroup/user.slice/user-{uid}.slice/user@{uid}.service")
    try:
        words = set((group / "cgroup.controllers").read_text("ascii").split())
    except OSError:
        words = {"memory", "cpu", "pids"}
    if "memory" in words:
        words.add("swap")
    return frozenset(words & {"memory", "swap", "cpu", "pids"})


def container_user(
    facts: EngineFacts, caller: tuple[int, int] | None, groups: tuple[int, ...] = ()
) -> ContainerUser:
    """Return the user of a job, so that it has few rights and its files many.

    Parameters
    ----------
    caller : tuple of int or None
        User and group of this process; None where the system has no such numbers.
    groups : tuple of int
        Further groups of this process.

    Notes
    -----
    Root inside a rootless engine is the caller outside. Rootless Podman maps the
    caller's number to itself with ``keep-id``. An engine with root's rights knows the
    numbers of the host.
    """
    if facts.is_rootless:
        if facts.kind == "Podman" and caller is not None:
            return ContainerUser(f"{caller[0]}:{caller[1]}", namespace="keep-id")
        return ContainerUser("0:0")
    # With shifted ids the caller's number would be somebody else's.
    namespace = "host" if facts.is_remapped else ""
    if caller is None or facts.is_desktop:
        return ContainerUser(f"{NOBODY}:{NOBODY}", namespace=namespace)
    uid, gid = caller
    if uid == 0:
        return ContainerUser(f"{NOBODY}:{NOBODY}", namespace=namespace, hands_over=True)
    others = tuple(str(group) for group in sorted(set(groups) - {gid, 0}))
    return ContainerUser(f"{uid}:{gid}", namespace=namespace, groups=others)


def this_caller() -> tuple[tuple[int, int] | None, tuple[int, ...]]:
    """Return user and group of this process, and its further groups."""
    if not hasattr(os, "getuid"):
        return None, ()
    return (os.getuid(), os.getgid()), tuple(os.getgroups())
