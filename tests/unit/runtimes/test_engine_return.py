"""An engine that stops answering is waited for: once, for all, and for so long."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import cast

import pytest
import requests

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.engine import (
    Engine,
    EngineLostError,
    EngineStuckError,
    engine_failure,
)
from bioimageit_flow.runtimes.engine_return import NOTE, EngineReturn
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.protocol import JobProcess, Outcome
from bioimageit_flow.runtimes.strays import OWNER, owner_label
from bioimageit_flow.testing.runtime import contract_tool
from tests.integration.runtimes import BASE

WITHIN_S = 60.0
DONE = Outcome(0, 0.1)


class Away:
    """An engine that answers after some questions; time passes as it is asked."""

    def __init__(self, *answers: bool) -> None:
        self._answers = list(answers)
        self.now = 100.0
        self.asked = 0

    def __call__(self) -> float:
        return self.now

    def answers(self) -> bool:
        self.asked += 1
        self.now += 25.0
        return self._answers.pop(0) if self._answers else False

    @property
    def engine(self) -> Engine:
        return cast("Engine", self)


@pytest.fixture
def process(tmp_path: Path) -> JobProcess:
    (tmp_path / "job" / "out" / "result").mkdir(parents=True)
    (tmp_path / "job" / "out" / "result" / "half").write_text("written before")
    tool = contract_tool(tmp_path / "tool", container=BASE)
    return JobProcess(
        name="job",
        tool=tool,
        used=RuntimeUsed("container", BASE.image),
        folder=tmp_path / "job",
        command=("true",),
        log=tmp_path / "log",
        memory_bytes=1,
        time_s=1.0,
        cancel=_Impatient(),
    )


class _Impatient(Event):
    """A wait on it takes no time."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def in_turn(*ends: Outcome | RuntimeUnavailableError) -> Callable[[], Outcome]:
    left: list[Outcome | RuntimeUnavailableError] = list(ends)

    def run() -> Outcome:
        end = left.pop(0)
        if isinstance(end, RuntimeUnavailableError):
            raise end
        return end

    return run


def lost() -> EngineLostError:
    return EngineLostError("The container engine stopped answering.")


def test_job_is_run_again_with_empty_outputs(process: JobProcess) -> None:
    away = Away(False, True)
    found = EngineReturn(WITHIN_S, away).execute(
        away.engine, process, in_turn(lost(), DONE)
    )
    assert (found.exit_code, found.note) == (0, NOTE)
    assert list((process.folder / "out").rglob("*")) == [
        process.folder / "out" / "result"
    ]


def test_container_that_outlived_its_engine_is_removed_before_the_outputs(
    process: JobProcess,
) -> None:
    half = process.folder / "out" / "result" / "half"
    asked: list[Sequence[str]] = []
    removed: list[tuple[str, bool]] = []

    class Survived(Away):
        """An engine that has gone on with the container of the job."""

        def ask(self) -> "Survived":
            return self

        def api(self) -> "Survived":
            return self

        def containers(self, labels: Sequence[str]) -> list[dict[str, object]]:
            asked.append(labels)
            return [{"Id": "abc"}]

        def remove_container(self, container: str, **_how: bool) -> None:
            removed.append((container, half.exists()))

    away = Survived(True)
    found = EngineReturn(WITHIN_S, away).execute(
        away.engine, replace(process, labels={"job": "7"}), in_turn(lost(), DONE)
    )
    assert found.note == NOTE
    assert asked == [[f"{LABEL}.job=7", f"{OWNER}={owner_label()}"]]
    assert removed == [("abc", True)]
    assert not half.exists()


def test_other_failures_of_an_engine_that_answers_are_handed_on(
    process: JobProcess,
) -> None:
    away = Away(True)
    refused = RuntimeUnavailableError("no space left")
    with pytest.raises(RuntimeUnavailableError, match="no space"):
        EngineReturn(WITHIN_S, away).execute(
            away.engine, process, in_turn(refused, DONE)
        )


def test_any_failure_counts_as_lost_where_the_engine_does_not_answer(
    process: JobProcess,
) -> None:
    away = Away(False, True)
    going_down = RuntimeUnavailableError("the daemon is shutting down")
    found = EngineReturn(WITHIN_S, away).execute(
        away.engine, process, in_turn(going_down, DONE)
    )
    assert found.note == NOTE


def test_engine_that_stays_away_is_waited_for_once(process: JobProcess) -> None:
    away = Away()
    waiting = EngineReturn(WITHIN_S, away)
    with pytest.raises(EngineLostError):
        waiting.execute(away.engine, process, in_turn(lost()))
    first = away.asked
    assert away.now - 100.0 >= WITHIN_S
    with pytest.raises(EngineLostError):
        waiting.execute(away.engine, process, in_turn(lost()))
    assert away.asked == first + 1


def test_job_that_ends_its_engine_each_time_is_not_run_for_ever(
    process: JobProcess,
) -> None:
    away = Away(*[True] * 20)
    ends: Sequence[RuntimeUnavailableError] = [lost() for _ in range(4)]
    with pytest.raises(EngineLostError):
        EngineReturn(WITHIN_S, away).execute(away.engine, process, in_turn(*ends))
    assert away.asked == 3


def test_cancelled_job_waits_for_nothing(process: JobProcess) -> None:
    process.cancel.set()
    away = Away(True)
    with pytest.raises(EngineLostError):
        EngineReturn(WITHIN_S, away).execute(away.engine, process, in_turn(lost()))
    assert away.asked == 0


def test_engine_that_does_nothing_is_tried_by_one_job_only(process: JobProcess) -> None:
    away = Away(True, True)
    waiting = EngineReturn(WITHIN_S, away)
    stuck = engine_failure(TimeoutError("timed out"), "starting a worker")
    calls = in_turn(stuck, DONE)
    for _ in range(3):
        with pytest.raises(EngineStuckError, match="in time while starting a worker"):
            waiting.execute(away.engine, process, calls)
    assert away.asked == 1  # whether it answers: it does
    away.now += 60.0
    assert waiting.execute(away.engine, process, calls) == DONE


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("timed out"), EngineStuckError),
        (requests.ReadTimeout("timed out"), EngineStuckError),
        (ConnectionResetError("reset"), EngineLostError),
        (requests.ConnectionError("refused"), EngineLostError),
    ],
)
def test_silence_is_told_from_absence(error: Exception, kind: type[Exception]) -> None:
    assert type(engine_failure(error, "asking")) is kind
