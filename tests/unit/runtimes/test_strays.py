import os
import socket
import subprocess
import sys

import psutil
import pytest

from bioimageit_flow.runtimes.strays import is_orphan, owner_label


def test_own_containers_are_no_orphans() -> None:
    assert not is_orphan(owner_label())


def test_container_of_an_ended_process_is_an_orphan() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(process.pid).create_time()
    owner = f"{socket.gethostname()}/{process.pid}/{started:.2f}"
    assert not is_orphan(owner)
    process.communicate(b"\n")
    assert is_orphan(owner)


def test_number_used_again_by_another_process_is_noticed() -> None:
    started = psutil.Process().create_time() - 3600
    assert is_orphan(f"{socket.gethostname()}/{os.getpid()}/{started:.2f}")


@pytest.mark.parametrize(
    "owner",
    ["", "host", "elsewhere/1/1.0", f"{socket.gethostname()}/x/1", "a/b/c/d/e"],
)
def test_what_is_not_known_is_left_alone(owner: str) -> None:
    assert not is_orphan(owner)
