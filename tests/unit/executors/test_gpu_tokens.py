"""GPUs are given to one task at a time, and found where NVIDIA's driver lists them."""

import shutil
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock

import pytest

from bioimageit_flow.executors.gpu_tokens import GpuTokens, granted_gpus, named
from bioimageit_flow.executors.local import LocalExecutor
from bioimageit_flow.model.packaging import Resources
from bioimageit_flow.runtimes.gpus import visible_gpus

ONE = Resources(gpu=1, memory="1 MiB")


def test_each_gpu_is_given_once(tmp_path: Path) -> None:
    tokens = GpuTokens(["0", "1", "2"])
    first, second = tokens.take(2), tokens.take(1)
    assert sorted([*first, *second]) == ["0", "1", "2"]
    assert not tokens.has(1)
    tokens.give_back(first)
    assert tokens.has(2)
    assert not tokens.has(3)


def test_task_that_wants_more_than_there_are_runs_alone() -> None:
    tokens = GpuTokens(["0", "1"])
    assert tokens.has(8)
    assert len(tokens.take(8)) == 2
    assert not tokens.has(1)


def test_where_none_is_known_one_task_at_a_time_may_look() -> None:
    tokens = GpuTokens([])
    taken = tokens.take(4)
    assert named(taken) == ()
    assert not tokens.has(1)
    tokens.give_back(taken)
    assert tokens.has(1)


def test_tasks_without_gpu_ask_for_nothing() -> None:
    tokens = GpuTokens(["0"])
    assert tokens.take(0) == ()
    assert tokens.has(1)


def test_executor_shares_out_gpus_without_oversubscription() -> None:
    executor = LocalExecutor(8, 2**30, gpus=["4", "7"])
    used: list[tuple[str, ...]] = []
    go, both, lock = Event(), Event(), Lock()

    def task() -> None:
        with lock:
            used.append(granted_gpus.get())
            if len(used) == 2:
                both.set()
        assert go.wait(60)

    for _ in range(2):
        assert executor.has_room(ONE)
        executor.submit(ONE, task, lambda _: None)
    assert both.wait(60)
    assert sorted(used) == [("4",), ("7",)]
    assert not executor.has_room(ONE)
    assert executor.has_room(Resources(memory="1 MiB"))
    go.set()
    executor.close()
    assert executor.has_room(ONE)


def test_gpu_of_one_task_is_not_told_to_the_next_in_its_thread() -> None:
    executor = LocalExecutor(1, 2**30, gpus=["0"])
    told: list[tuple[str, ...]] = []
    over: SimpleQueue[None] = SimpleQueue()
    for needs in (ONE, Resources(memory="1 MiB")):
        executor.submit(needs, lambda: told.append(granted_gpus.get()), over.put)
        over.get(timeout=60)
    executor.close()
    assert told == [("0",), ()]


@pytest.fixture
def listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    place = tmp_path / "gpus"
    for number in range(3):
        (place / f"0000:{number}a:00.0").mkdir(parents=True)
    return place


def test_gpus_are_counted_where_the_driver_lists_them(listing: Path) -> None:
    assert visible_gpus(listing) == ("0", "1", "2")


@pytest.mark.parametrize(
    ("text", "found"), [("", ()), ("1", ("1",)), ("2, 0", ("2", "0")), ("-1", ())]
)
def test_choice_of_the_user_is_kept(
    listing: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", text)
    assert visible_gpus(listing) == found


def test_machine_without_driver_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert visible_gpus(tmp_path / "none") == ()
