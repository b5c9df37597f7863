from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.runtimes.job_output import JobOutput, LineSplitter, clean_line
from bioimageit_flow.runtimes.protocol import MAX_LINE, MAX_LOG_BYTES


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"a\tb", "a\tb"),
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b(Bcharset", "charset"),
        (b"bell\x07 back\x08space \x7f", "bell backspace"),
        ("\u202eevil\u202c \u2066hidden\u2069".encode(), "evil hidden"),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        ("Größe 3 µm ✓".encode(), "Größe 3 µm ✓"),
        (b"ends here   ", "ends here"),
    ],
)
def test_line_is_safe_to_show(raw: bytes, text: str) -> None:
    assert clean_line(raw) == text


def test_line_is_cut_at_the_limit() -> None:
    assert len(clean_line(b"x" * MAX_LINE)) == MAX_LINE
    assert clean_line(b"x" * MAX_LINE)[-1] == "x"
    assert len(clean_line(b"x" * (MAX_LINE + 1))) == MAX_LINE
    assert clean_line(b"x" * (MAX_LINE + 1))[-1] == "…"


def _lines(pieces: list[bytes]) -> list[str]:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    for piece in pieces:
        splitter.feed(piece)
    splitter.close()
    return lines


@given(st.text(alphabet="ab\r\nü✓"), st.lists(st.integers(0, 60), max_size=6))
def test_lines_do_not_depend_on_how_bytes_arrive(text: str, cuts: list[int]) -> None:
    data = text.encode()
    edges = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert _lines(pieces) == _lines([data])


def test_line_without_end_takes_no_memory() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    for _ in range(1000):
        splitter.feed(b"x" * 10_000)
        assert len(splitter._rest) <= 4 * MAX_LINE
    splitter.feed(b"\nnext\n")
    assert [len(line) for line in lines] == [MAX_LINE, 4]


def test_streams_are_lines_of_their_own(tmp_path: Path) -> None:
    lines: list[str] = []
    with JobOutput(tmp_path / "log", lines.append) as output:
        output.feed(b"out ", 1)
        output.feed(b"error\n", 2)
        output.feed(b"put\n", 1)
    assert lines == ["error", "out put"]
    assert (tmp_path / "log").read_bytes() == b"out error\nput\n"


def test_small_log_is_kept_as_it_is(tmp_path: Path) -> None:
    with JobOutput(tmp_path / "new" / "log", lambda _line: None) as output:
        output.feed(b"\x1b[31mred\x00\r\n no end")
    assert (tmp_path / "new" / "log").read_bytes() == b"\x1b[31mred\x00\r\n no end"


@pytest.mark.parametrize("excess", [0, 1, 3 * 2**20])
def test_log_keeps_beginning_and_end(tmp_path: Path, excess: int) -> None:
    size = MAX_LOG_BYTES - 100 + excess
    numbered = b"".join(b"%0511d\n" % n for n in range(size // 512 + 1))[:size]
    with JobOutput(tmp_path / "log", lambda _line: None) as output:
        for start in range(0, size, 100_003):
            output.feed(numbered[start : start + 100_003])
    kept = (tmp_path / "log").read_bytes()
    if excess == 0:
        assert kept == numbered
        return
    assert len(kept) <= MAX_LOG_BYTES
    head, _, tail = kept.partition(b"\n[... ")
    left_out, _, tail = tail.partition(b" bytes left out ...]\n")
    assert numbered.startswith(head)
    assert numbered.endswith(tail)
    assert len(tail) >= 2**20
    assert len(head) + int(left_out) + len(tail) == size


def test_full_disk_costs_the_log_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    lines: list[str] = []
    with JobOutput(full, lines.append) as output:
        output.feed(b"still heard\n")
    assert lines == ["still heard"]
    assert "No space left" in caplog.text


def test_log_that_cannot_be_made_costs_the_log_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    lines: list[str] = []
    with JobOutput(tmp_path / "file" / "log", lines.append) as output:
        output.feed(b"still heard\n")
    assert lines == ["still heard"]
    assert "cannot write the log" in caplog.text


def test_what_comes_after_the_end_is_ignored(tmp_path: Path) -> None:
    output = JobOutput(tmp_path / "log", lambda _line: None)
    output.feed(b"in time")
    output.close()
    output.feed(b"too late")
    output.close()
    assert (tmp_path / "log").read_bytes() == b"in time"


def test_last_errors_are_kept_beside_a_flood_of_other_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    flood = b"y" * 2**20 + b"\n"
    with JobOutput(log, lambda _line: None) as output:
        for n in range(30):
            output.feed(flood)
            if n == 15:
                output.feed(b"ValueError: the image is odd\n", 2)
    text = log.read_bytes()
    assert len(text) <= MAX_LOG_BYTES
    assert text.endswith(b"ValueError: the image is odd\n")
    assert b"bytes left out" in text


def test_errors_that_are_there_anyway_stand_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with JobOutput(log, lambda _line: None) as output:
        for _ in range(12):
            output.feed(b"y" * 2**20 + b"\n")
        output.feed(b"ValueError: odd\n", 2)
    assert log.read_bytes().count(b"ValueError: odd") == 1
    short = tmp_path / "short"
    with JobOutput(short, lambda _line: None) as output:
        output.feed(b"ValueError: odd\n", 2)
        output.feed(b"more\n")
    assert short.read_bytes() == b"ValueError: odd\nmore\n"
