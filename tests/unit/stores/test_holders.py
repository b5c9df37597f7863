"""Holders: which process it is, and whether it lives."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from bioimageit_flow.stores import holders
from bioimageit_flow.stores.holders import Holder, is_alive, this_process


def started_process() -> "subprocess.Popen[bytes]":
    """Start a process that waits for the end of its input."""
    return subprocess.Popen(
        [sys.executable, "-c", "print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def holder_of(pid: int) -> Holder:
    return Holder(holders.this_host(), holders.this_boot(), pid, holders._start_of(pid))


def test_this_process_is_alive() -> None:
    assert this_process().is_alive() is True
    assert this_process().is_here
    assert this_process() == this_process()


def test_process_is_alive_until_it_ends() -> None:
    process = started_process()
    assert process.stdout is not None
    process.stdout.readline()
    holder = holder_of(process.pid)
    assert is_alive(holder) is True
    process.kill()
    process.wait()
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    assert is_alive(holder) is False


@pytest.mark.skipif(sys.platform != "linux", reason="needs to look at a zombie")
def test_process_nobody_waited_for_is_dead() -> None:
    process = started_process()
    assert process.stdout is not None
    process.stdout.readline()
    holder = holder_of(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert is_alive(holder) is False
    finally:
        process.communicate()


def test_same_process_id_of_another_start_is_dead() -> None:
    me = this_process()
    assert replace(me, started=me.started + 5.0).is_alive() is False
    assert replace(me, boot_id="the boot before").is_alive() is False


def test_process_of_another_machine_is_unknown() -> None:
    other = replace(this_process(), host="another-machine")
    assert other.is_alive() is None
    assert not other.is_here


@pytest.mark.skipif(sys.platform != "linux", reason="tells the start by the clock")
def test_set_clock_moves_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    me = this_process()
    monkeypatch.setattr("psutil.boot_time", lambda: 0.0)
    monkeypatch.setattr("time.time", lambda: 0.0)
    holders._start_of.cache_clear()
    assert this_process() == me
    assert me.is_alive() is True
