"""What is asked of the engine for a job: the JSON that goes to it."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.container_making import (
    PIDS,
    container_options,
    create_container,
    other_binds,
)
from bioimageit_flow.runtimes.engine_facts import ContainerUser, EngineFacts
from bioimageit_flow.runtimes.environment_job import process_variables
from bioimageit_flow.runtimes.protocol import JobProcess
from bioimageit_flow.runtimes.worker_pool import key_of
from tests.unit.executors.job_bench import USED, tool

DOCKER = EngineFacts("Docker", "27.0", "unix:///nowhere", cpus=4, gpu_runtime=True)
USER = ContainerUser("65532:65532")


class NoEngine(APIClient):
    """A client that notes what it would send."""

    def __init__(self) -> None:
        super().__init__(base_url="http://localhost:1", version="1.41")
        self.sent: dict[str, Any] = {}

    def create_container_from_config(
        self, config: dict[str, Any], *_: object, **__: object
    ) -> dict[str, str]:
        """Note a container to be made."""
        self.sent = config
        return {"Id": "0"}


def process(folder: Path, **changes: Any) -> JobProcess:  # noqa: ANN401
    return JobProcess(
        name="job",
        tool=tool(folder),
        used=USED,
        folder=folder,
        command=("python", "run.py"),
        log=folder / "log",
        **({"memory_bytes": 2**30, "time_s": 60.0} | changes),
    )


def sent(job: JobProcess, facts: EngineFacts = DOCKER) -> dict[str, Any]:
    """Return the body of the request that makes a job's container."""
    api = NoEngine()
    binds = other_binds(job, is_foreign=False)
    options = container_options(job, facts, USER, binds)
    create_container(api, "sha256:0", job, options, USER)
    return api.sent


def test_every_promise_stands_in_the_request(tmp_path: Path) -> None:
    body = sent(process(tmp_path, cpu=2))
    host = body["HostConfig"]
    assert body["User"] == "65532:65532"
    assert body["Entrypoint"] == ["python", "run.py"]
    assert not any(text.startswith("PATH=") for text in body["Env"])
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Memory"] == host["MemorySwap"] == 2**30
    assert host["NanoCpus"] == 2 * 10**9
    assert host["PidsLimit"] == PIDS
    assert host["Init"] is True
    assert host["IpcMode"] == "private"
    assert "Privileged" not in host
    assert "Devices" not in host or not host["Devices"]
    assert "DeviceRequests" not in host
    assert not host.get("Binds")
    for mount in host["Mounts"]:
        assert mount["ReadOnly"] is (mount["Target"] != "/job/out")
        assert "docker.sock" not in mount["Source"]


def test_gpus_are_asked_for_by_number(tmp_path: Path) -> None:
    (request,) = sent(process(tmp_path, gpu=2))["HostConfig"]["DeviceRequests"]
    assert request["Count"] == 2
    assert not request["DeviceIDs"]
    assert request["Capabilities"] == [["gpu"]]


def test_gpus_that_the_executor_gave_are_asked_for_by_name(tmp_path: Path) -> None:
    job = process(tmp_path, gpu=2, gpu_ids=("1", "3"))
    (request,) = sent(job)["HostConfig"]["DeviceRequests"]
    assert request["DeviceIDs"] == ["1", "3"]
    assert not request["Count"]


def test_podman_refuses_a_gpu_instead_of_running_without(tmp_path: Path) -> None:
    podman = replace(DOCKER, kind="Podman")
    with pytest.raises(RuntimeUnavailableError, match="needs a GPU"):
        sent(process(tmp_path, gpu=1), podman)
    assert "DeviceRequests" not in sent(process(tmp_path), podman)["HostConfig"]


def test_worker_of_one_gpu_gets_no_job_of_another(tmp_path: Path) -> None:
    first, second = (
        process(tmp_path, gpu=1, gpu_ids=(number,)) for number in ("0", "1")
    )
    assert key_of(first) != key_of(second)
    assert key_of(first) == key_of(replace(second, gpu_ids=("0",)))


@pytest.mark.parametrize(
    ("gpu", "ids", "seen"), [(0, (), ""), (1, ("3",), "3"), (2, ("0", "2"), "0,2")]
)
def test_environment_shows_only_the_gpus_that_were_given(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpu: int,
    ids: tuple[str, ...],
    seen: str,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    job = process(tmp_path, gpu=gpu, gpu_ids=ids)
    variables = process_variables(job, tmp_path / "bin", tmp_path)
    assert variables["CUDA_VISIBLE_DEVICES"] == seen


def test_environment_that_knows_no_gpus_leaves_the_choice(tmp_path: Path) -> None:
    variables = process_variables(process(tmp_path, gpu=1), tmp_path, tmp_path)
    assert "CUDA_VISIBLE_DEVICES" not in variables


def test_network_is_there_only_where_it_was_asked_for(tmp_path: Path) -> None:
    host = sent(process(tmp_path, network=True))["HostConfig"]
    assert host.get("NetworkMode") != "none"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
def test_podman_gets_limits_that_it_can_give_and_no_writable_places(
    tmp_path: Path,
) -> None:
    import resource

    podman = EngineFacts("Podman", "4.3.1", "unix:///nowhere", cpus=4)
    host = sent(process(tmp_path), podman)["HostConfig"]
    limits = {one["Name"]: one["Hard"] for one in host["Ulimits"]}
    assert limits["core"] == 0
    for name in ("nofile", "nproc"):
        own = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
        assert limits[name] > 0
        assert own == resource.RLIM_INFINITY or limits[name] <= own
    assert host["Tmpfs"]["/var/tmp"].startswith("ro,")
    assert host["Tmpfs"]["/run"].startswith("ro,")
    docker = sent(process(tmp_path))["HostConfig"]
    assert list(docker["Tmpfs"]) == ["/tmp"]
    assert [one["Name"] for one in docker["Ulimits"]] == ["core"]
