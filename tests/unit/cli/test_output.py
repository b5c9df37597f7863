import io
import json
import subprocess
import sys

import pytest
from rich.console import Console

from bioimageit_flow.cli.output import (
    Column,
    clean,
    clean_line,
    clock,
    count,
    plain_lines,
    say,
    say_json,
    say_table,
    text_of,
)

HOSTILE = "a\x1b[31m\x07b\x9b2J\u202etxt.gpj[bold]x[/bold]:smile:"


def test_control_characters_become_visible() -> None:
    assert clean("a\x1b[2Jb\x00\x7f") == r"a\x1b[2Jb\x00\x7f"
    assert clean("\u202eevil") == r"\u202eevil"
    assert clean("µm, 日本, é\n\tnext") == "µm, 日本, é\n\tnext"


def test_line_stays_one_line() -> None:
    assert clean_line("a\nb\tc") == r"a\nb\tc"


def test_windows_line_ends_are_line_ends() -> None:
    assert clean("a\r\nb\rc") == "a\nb\\x0dc"


def test_markup_and_control_characters_are_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("item ", (HOSTILE, "bold"))
    say_table([Column("name")], [[HOSTILE]])

    out = capsys.readouterr().out
    assert "[bold]x[/bold]:smile:" in out
    assert not set("\x1b\x07\x9b\u202e") & set(out)


def test_terminal_gets_styles_but_none_of_the_text() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, markup=False, width=200)

    console.print(text_of((HOSTILE, "bold")))

    assert stream.getvalue().startswith("\x1b[1m")
    assert "\x1b[31m" not in stream.getvalue()
    assert r"\x1b[31m" in stream.getvalue()


def test_table_lines_are_aligned_and_never_cut() -> None:
    name = "x" * 300
    columns = [Column("item"), Column("n", is_number=True), Column("note")]

    lines = list(plain_lines(columns, [["日本", "5", ""], [name, "12", "y"]]))

    assert lines[0].split() == ["item", "n", "note"]
    assert lines[1] == "日本" + " " * 299 + "5"
    assert lines[2] == f"{name}  12  y"


def test_table_without_titles_has_no_heading() -> None:
    assert list(plain_lines([Column(""), Column("")], [["a", "b"]])) == ["a  b"]


def test_long_line_is_not_wrapped_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    say("word " * 100)

    assert capsys.readouterr().out.count("\n") == 1


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": "µ\x9b\udcff"}
    say_json(value)

    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == value


def test_poor_encoding_shows_escapes_and_fails_nothing() -> None:
    program = (
        "from bioimageit_flow.cli.output import make_streams_safe, say, say_table\n"
        "from bioimageit_flow.cli.output import Column\n"
        "make_streams_safe()\n"
        r"say('\u65e5 \udcff \u2026')" + "\n"
        r"say_table([Column('a')], [['\u65e5']])"
    )
    ended = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", program],
        env={"PYTHONIOENCODING": "cp1252", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )

    assert ended.stdout.split() == [rb"\u65e5", rb"\udcff", b"\x85", b"a", rb"\u65e5"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0:00"), (42, "0:42"), (187, "3:07"), (3723, "1:02:03")],
)
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def test_count() -> None:
    assert count(1, "item") == "1 item"
    assert count(0, "item") == "0 items"
    assert count(2, "box", "boxes") == "2 boxes"
