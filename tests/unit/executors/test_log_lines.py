"""Of a log, the last lines that say something; nothing in them steers a terminal."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.executors.log_lines import LINES, LONGEST, last_lines, useful_lines

NOISE = (
    "/opt/lib.py:3: DeprecationWarning: old\n"
    "  warnings.warn(text)\n"
    " 45%|####5     | 9/20 [00:01<00:01,  8.21it/s]\r"
    "[[9/20]] tile\n"
    "Traceback (most recent call last):\n"
    '  File "/tool/run.py", line 3, in main\n'
    "    secret_line_of_code()\n"
    "    ^^^^^^^^^^^^^^^^^^^^^\n"
    "-----------\n"
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "log"
    path.write_bytes(content)
    return path


def test_noise_is_left_out(tmp_path: Path) -> None:
    log = written(tmp_path, f"the image is odd\n{NOISE}ValueError: too dark\n".encode())
    assert last_lines(log) == "the image is odd | ValueError: too dark"


def test_where_all_is_noise_it_is_shown(tmp_path: Path) -> None:
    assert "secret_line_of_code()" in last_lines(written(tmp_path, NOISE.encode()))


def test_repeated_lines_stand_once(tmp_path: Path) -> None:
    assert last_lines(written(tmp_path, b"first\n" + b"again\n" * 50)) == (
        "first | again"
    )


def test_missing_and_empty_logs_say_nothing(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none") == ""
    assert last_lines(written(tmp_path, b"\n \n")) == ""


def test_giant_line_is_cut(tmp_path: Path) -> None:
    said = last_lines(written(tmp_path, b"x" * 10**6))
    assert len(said) == LONGEST
    assert said.endswith("…")


def test_escapes_of_terminals_are_gone(tmp_path: Path) -> None:
    evil = (
        b"\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\x9b31m \x08\x08 back\x00\n"
        b"\xe2\x80\xaetxt.exe\n\xff\xfe not text\n"
    )
    said = last_lines(written(tmp_path, evil))
    assert all(letter.isprintable() for letter in said)
    assert "red" in said
    assert "owned" not in said


@given(st.binary(max_size=4000))
def test_whatever_was_printed_can_be_shown(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        log = written(Path(name), content)
        said = last_lines(log)
        assert all(letter >= " " and letter != "\x7f" for letter in said)
        assert len(said) <= LINES * (LONGEST + 3)
        assert len(useful_lines(log)) <= content.count(b"\n") + content.count(b"\r") + 1
