from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue

import pytest

from bioimageit_flow.runtimes.job_output import JobOutput
from bioimageit_flow.runtimes.worker_line import EVENTS, PRINTED, WorkerLine

END = "\x1eend-of-job-1\n"


class ScriptedWire:
    """A wire on which a worker says what a test lets it say."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.said: SimpleQueue[tuple[int, bytes] | None] = SimpleQueue()

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        while (frame := self.said.get()) is not None:
            yield frame

    def close(self) -> None:
        self.said.put(None)

    def say(self, *frames: tuple[int, bytes]) -> None:
        for frame in frames:
            self.said.put(frame)


@pytest.fixture
def wire() -> ScriptedWire:
    return ScriptedWire()


@pytest.fixture
def line(wire: ScriptedWire) -> Iterator[WorkerLine]:
    line = WorkerLine(wire)
    yield line
    line.close()


def printed(
    line: WorkerLine, wire: ScriptedWire, log: Path, pieces: Sequence[bytes]
) -> bytes:
    with JobOutput(log, lambda _line: None) as output:
        line.listen_to(output, END)
        wire.say(*((PRINTED, piece) for piece in pieces))
        line.wait_for_output()
    return log.read_bytes()


def test_what_is_no_event_is_passed_over(line: WorkerLine, wire: ScriptedWire) -> None:
    nested = b"[" * 100_000
    for said in (b"{", b"\xff", nested, b"3", b'{"event": "ended"}'):
        wire.say((EVENTS, said + b"\n"))
    assert line.next_event(5) == {"event": "ended"}


@pytest.mark.parametrize("size", [1, 2, 7, 13, 1000])
def test_output_ends_with_the_job_however_it_is_cut(
    line: WorkerLine, wire: ScriptedWire, tmp_path: Path, size: int
) -> None:
    text = b"one\x1eend-of-jo two\x1e\x1eend-of-job-2\nthree"
    data = text + END.encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert printed(line, wire, tmp_path / "log", pieces) == text


def test_output_of_one_job_does_not_reach_the_next(
    line: WorkerLine, wire: ScriptedWire, tmp_path: Path
) -> None:
    first = printed(line, wire, tmp_path / "1", [b"first" + END.encode() + b"late"])
    second = printed(line, wire, tmp_path / "2", [b"second", END.encode()])
    assert (first, second) == (b"first", b"second")


def test_what_is_no_prefix_of_the_end_is_told_at_once(
    line: WorkerLine, wire: ScriptedWire, tmp_path: Path
) -> None:
    told: SimpleQueue[str] = SimpleQueue()
    with JobOutput(tmp_path / "log", told.put) as output:
        line.listen_to(output, END)
        wire.say((PRINTED, b"[[1/2]] \x1eend\n"))
        assert told.get(timeout=10) == "[[1/2]] end"
        wire.say((PRINTED, END.encode()))
        line.wait_for_output()


def test_events_are_lines(line: WorkerLine, wire: ScriptedWire) -> None:
    wire.say((EVENTS, b'{"event": "rea'), (EVENTS, b'dy"}\nno json\n[1]\n{"a": 1}\n'))
    assert line.next_event(10) == {"event": "ready"}
    assert line.next_event(10) == {"a": 1}
    with pytest.raises(TimeoutError):
        line.next_event(0.001)


def test_end_of_the_worker_is_told_as_often_as_asked(
    line: WorkerLine, wire: ScriptedWire
) -> None:
    wire.say((PRINTED, b"ImportError: no such thing\n"))
    wire.close()
    for _ in range(2):
        with pytest.raises(EOFError):
            line.next_event(10)
    assert line.last_words() == "ImportError: no such thing"


def test_request_is_a_line(line: WorkerLine, wire: ScriptedWire) -> None:
    line.ask({"do": "run", "command": ["a\nb"]})
    assert wire.sent == [b'{"do": "run", "command": ["a\\nb"]}\n']
