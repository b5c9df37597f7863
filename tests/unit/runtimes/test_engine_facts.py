from pathlib import Path
from typing import Any

import pytest

from bioimageit_flow.runtimes.engine_facts import (
    ContainerUser,
    EngineFacts,
    container_user,
    delegated_limits,
    read_facts,
)

URL = "unix:///var/run/docker.sock"
LIMITS = {"MemoryLimit": True, "SwapLimit": True, "CpuCfsQuota": True}
DOCKER = {"Version": "27.3.1", "Components": [{"Name": "Engine"}]}
PODMAN = {"Version": "5.2.0", "Components": [{"Name": "Podman Engine"}]}


def _facts(version: dict[str, Any], *security: str, **info: object) -> EngineFacts:
    return read_facts(URL, {"SecurityOptions": list(security), **info}, version)


def test_facts_of_docker() -> None:
    facts = _facts(
        DOCKER,
        "name=seccomp,profile=builtin",
        "name=cgroupns",
        NCPU=8,
        MemTotal=2**34,
        Driver="overlay2",
        DockerRootDir="/var/lib/docker",
        Images=3,
        PidsLimit=True,
        Runtimes={"runc": {}, "nvidia": {}},
        **LIMITS,
    )
    assert facts == EngineFacts(
        kind="Docker",
        version="27.3.1",
        url=URL,
        storage_driver="overlay2",
        root_folder="/var/lib/docker",
        cpus=8,
        memory_bytes=2**34,
        images=3,
        gpu_runtime=True,
    )


def test_rootless_engine_without_delegated_controllers_limits_nothing() -> None:
    facts = _facts(DOCKER, "name=seccomp,profile=builtin", "name=rootless")
    assert facts.is_rootless
    assert facts.limits == frozenset()


def test_rootless_podman_says_so_in_its_own_way() -> None:
    facts = _facts(PODMAN, "name=seccomp", Rootless=True, CgroupVersion="1", **LIMITS)
    assert facts.is_rootless
    assert facts.limits == frozenset()  # whatever it claims


def test_ordinary_user_limits_what_is_delegated(tmp_path: Path) -> None:
    everything = frozenset({"memory", "swap", "cpu", "pids"})
    assert delegated_limits("1", tmp_path) == frozenset()
    assert delegated_limits("2", tmp_path) == everything  # nothing is known
    (tmp_path / "cgroup.controllers").write_text("memory pids\n", "ascii")
    assert delegated_limits("2", tmp_path) == {"memory", "swap", "pids"}


def test_empty_answers_are_survived() -> None:
    facts = read_facts(URL, {}, {})
    assert facts.kind == "Docker"
    assert facts.cpus == 1


def test_devices_by_cdi_are_found() -> None:
    devices = [{"Source": "cdi", "ID": "nvidia.com/gpu=0"}]
    assert _facts(DOCKER, DiscoveredDevices=devices).gpu_runtime


@pytest.mark.parametrize(
    ("facts", "caller", "groups", "user"),
    [
        # An engine with root's rights: the caller, or nobody for root.
        (
            _facts(DOCKER),
            (1000, 1001),
            (27, 1001, 50),
            ContainerUser("1000:1001", groups=("27", "50")),
        ),
        (_facts(DOCKER), (0, 0), (0,), ContainerUser("65532:65532", hands_over=True)),
        (_facts(PODMAN), (0, 0), (0,), ContainerUser("65532:65532", hands_over=True)),
        (
            _facts(DOCKER, "name=userns"),
            (1000, 1000),
            (),
            ContainerUser("1000:1000", namespace="host"),
        ),
        # Without root's rights: root inside is the caller outside.
        (_facts(DOCKER, "name=rootless"), (1000, 1000), (27,), ContainerUser("0:0")),
        (
            _facts(PODMAN, "name=rootless"),
            (1000, 1000),
            (27,),
            ContainerUser("1000:1000", namespace="keep-id"),
        ),
        # Docker Desktop shares folders in its own way; Windows has no numbers.
        (
            _facts(DOCKER, OperatingSystem="Docker Desktop"),
            (501, 20),
            (),
            ContainerUser("65532:65532"),
        ),
        (_facts(DOCKER), None, (), ContainerUser("65532:65532")),
    ],
)
def test_user_of_a_job(
    facts: EngineFacts,
    caller: tuple[int, int] | None,
    groups: tuple[int, ...],
    user: ContainerUser,
) -> None:
    assert container_user(facts, caller, groups) == user


def test_group_of_root_is_never_given() -> None:
    assert container_user(_facts(DOCKER), (1000, 1000), (0, 27)).groups == ("27",)
