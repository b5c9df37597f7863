from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock

import pytest

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.worker import NoWorkerError, Ready
from bioimageit_flow.runtimes.worker_pool import MOST_IDLE_BYTES, WorkerPool
from bioimageit_flow.testing.runtime import contract_tool


@dataclass(eq=False)
class TestWorker:
    """A worker of which a test decides what becomes."""

    __test__ = False
    ready: Ready = field(default_factory=lambda: Ready("fork", 0.0, 2**20))
    is_usable: bool = True
    is_closed: bool = False

    def execute(self, process: JobProcess) -> Outcome:
        return Outcome(0, 0.0)

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Factory:
    """Starts workers and counts them."""

    made: list[TestWorker] = field(default_factory=list)
    error: Exception | None = None
    hold: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    rss_bytes: int = 2**20

    def __post_init__(self) -> None:
        self.hold.set()

    @property
    def closed(self) -> list[bool]:
        return [worker.is_closed for worker in self.made]

    def __call__(
        self, _process: JobProcess, _is_wanted: Callable[[], bool]
    ) -> TestWorker:
        assert self.hold.wait(30)
        if self.error is not None:
            raise self.error
        with self.lock:
            self.made.append(TestWorker(Ready("fork", 0.0, self.rss_bytes)))
            return self.made[-1]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start() -> Factory:
    return Factory()


@pytest.fixture
def pool(start: Factory, clock: Clock) -> Iterator[WorkerPool]:
    pool = WorkerPool(start, idle_s=60, clock=clock)
    yield pool
    start.hold.set()
    pool.close()
    assert all(worker.is_closed for worker in start.made)


@pytest.fixture
def job(tmp_path: Path) -> JobProcess:
    return JobProcess(
        name="job",
        tool=contract_tool(tmp_path),
        used=RuntimeUsed("container", "image sha256:1"),
        folder=tmp_path / "job",
        command=("python",),
        log=tmp_path / "log",
        memory_bytes=2**28,
        time_s=60,
    )


def test_jobs_one_after_the_other_share_a_worker(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    for _ in range(5):
        with pool.worker(job):
            pass
    assert len(start.made) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"memory_bytes": 2**29},
        {"cpu": 2},
        {"gpu": 1},
        {"network": True},
        {"used": RuntimeUsed("container", "image sha256:2")},
    ],
)
def test_other_rights_or_another_image_need_another_worker(
    pool: WorkerPool, start: Factory, job: JobProcess, change: dict[str, object]
) -> None:
    with pool.worker(job):
        pass
    with pool.worker(replace(job, **change)):  # type: ignore[arg-type]
        pass
    assert len(start.made) == 2


def test_tools_do_not_share_workers(
    pool: WorkerPool, start: Factory, job: JobProcess, tmp_path: Path
) -> None:
    other = replace(job, tool=contract_tool(tmp_path / "other", name="other"))
    for one in (job, other, job, other):
        with pool.worker(one):
            pass
    assert len(start.made) == 2


def test_second_worker_is_started_once_waiting_has_cost_as_much(
    pool: WorkerPool, start: Factory, clock: Clock, job: JobProcess
) -> None:
    with pool.worker(job) as first, ThreadPoolExecutor(1) as threads:

        def take() -> object:
            with pool.worker(job) as second:
                return second

        waiting = threads.submit(take)
        assert not waiting.done()
        clock.now += 1000  # longer than any start
        second = waiting.result(30)
    assert second is not first
    assert len(start.made) == 2


def test_worker_that_is_given_back_is_taken_by_who_waits(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    with ThreadPoolExecutor(8) as threads:

        def take(_number: int) -> None:
            with pool.worker(job):
                pass

        list(threads.map(take, range(200)))
    assert len(start.made) == 1  # as no time passes on this clock


def test_unusable_worker_is_ended_and_replaced(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    with pool.worker(job):
        start.made[0].is_usable = False
    assert start.closed == [True]
    with pool.worker(job):
        pass
    assert start.closed == [True, False]


def test_error_of_the_job_gives_the_worker_back(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    with pytest.raises(LookupError), pool.worker(job):
        raise LookupError
    with pool.worker(job):
        pass
    assert len(start.made) == 1


def test_refusal_is_remembered_and_failure_of_the_engine_is_not(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    start.error = RuntimeUnavailableError("the engine sleeps")
    with pytest.raises(RuntimeUnavailableError), pool.worker(job):
        pass
    start.error = NoWorkerError("no Python there")
    with pytest.raises(NoWorkerError, match="no Python"), pool.worker(job):
        pass
    start.error = None
    with pytest.raises(NoWorkerError, match="no Python"), pool.worker(job):
        pass
    assert start.made == []


def test_cancelled_job_waits_no_longer(pool: WorkerPool, job: JobProcess) -> None:
    cancel = Event()
    with pool.worker(job), ThreadPoolExecutor(1) as threads:

        def take() -> None:
            with pool.worker(replace(job, cancel=cancel)):
                pass

        waiting = threads.submit(take)
        cancel.set()
        with pytest.raises(Cancelled):
            waiting.result(30)


def test_worker_started_ahead_is_waited_for(
    pool: WorkerPool, start: Factory, clock: Clock, job: JobProcess
) -> None:
    start.hold.clear()
    pool.start_ahead(job)
    pool.start_ahead(job)
    with ThreadPoolExecutor(1) as threads:

        def take() -> None:
            with pool.worker(job):
                pass

        waiting = threads.submit(take)
        clock.now += 1000
        start.hold.set()
        waiting.result(30)
    assert len(start.made) == 1


def test_idle_workers_are_ended_after_their_time(
    pool: WorkerPool, start: Factory, clock: Clock, job: JobProcess
) -> None:
    with pool.worker(job):
        clock.now += 1000
        assert pool.end_idle() == 60
    clock.now += 40
    assert pool.end_idle() == 20
    assert start.closed == [False]
    clock.now += 21
    pool.end_idle()
    assert start.closed == [True]
    with pool.worker(job):
        pass
    assert len(start.made) == 2


def test_idle_workers_hold_so_much_memory_only(
    pool: WorkerPool, start: Factory, clock: Clock, job: JobProcess
) -> None:
    start.rss_bytes = MOST_IDLE_BYTES // 2
    for number in range(3):
        clock.now += 1
        with pool.worker(replace(job, cpu=number + 1)):
            pass
    pool.end_idle()
    assert start.closed == [True, False, False]


def test_closed_pool_gives_no_worker_and_ends_what_comes_back(
    pool: WorkerPool, start: Factory, job: JobProcess
) -> None:
    with pool.worker(job):
        pool.close()
        assert start.closed == [False]
    assert start.closed == [True]
    with pytest.raises(NoWorkerError), pool.worker(job):
        pass
