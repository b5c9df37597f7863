"""How errors end: one sentence, a remedy, a code, no traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bioimageit_flow import errors
from bioimageit_flow.cli import exits, main
from tests.unit.cli.conftest import Say


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_arguments: object) -> int:
        raise error

    monkeypatch.setattr(main, "_run", run)


def test_error_is_a_sentence_with_remedy_and_code(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = errors.DataError("a.tif is no image.", remedy="Export it again.")
    raising(error, monkeypatch)

    said = flow("items")

    assert said.code == 4
    assert said.out == ""
    assert said.err == "error: a.tif is no image.\nhint:  Export it again.\n"


def test_further_problems_are_listed(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = errors.WorkflowError("'images' is not bound (and 1 more problems).")
    error.add_note("'images' is not bound.")
    error.add_note("spots has no parameter 'x'.\nCorrect it.")
    raising(error, monkeypatch)

    said = flow("run")

    assert said.code == 5
    assert said.err.splitlines()[1:] == [
        "  - 'images' is not bound.",
        "  - spots has no parameter 'x'.",
        "    Correct it.",
    ]


def test_long_lists_of_problems_are_cut(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = errors.WorkflowError("No.")
    for number in range(200):
        error.add_note(f"problem {number}")
    raising(error, monkeypatch)

    said = flow("run")

    assert "… and 150 more" in said.err
    assert "problem 199" not in said.err


def test_only_note_that_says_the_same_is_left_out(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = errors.WorkflowError("'images' is not bound.", remedy="Bind it.")
    error.add_note("'images' is not bound. Bind it.")
    raising(error, monkeypatch)

    assert flow("run").err.count("is not bound") == 1


def test_control_characters_of_an_error_are_shown(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(errors.DataError("\x1b[2J\x07 [bold]is no image."), monkeypatch)

    assert flow("items").err == "error: \\x1b[2J\\x07 [bold]is no image.\n"


def test_unexpected_error_has_no_traceback(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(RuntimeError("boom"), monkeypatch)

    said = flow("items")

    assert said.code == exits.FAULT
    assert "RuntimeError: boom" in said.err
    assert "--verbose" in said.err
    assert "Traceback" not in said.err


def test_interrupt_is_a_cancelled_command(
    flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(KeyboardInterrupt(), monkeypatch)

    said = flow("items")

    assert (said.code, said.err) == (exits.CANCELLED, "error: Cancelled.\n")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_cancels_any_command(
    name: str, flow: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("this system has no such signal")

    def opened(*_: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr("bioimageit_flow.cli.data.opened_experiment", opened)
    before = signal.getsignal(number)

    said = flow("items", "spots")

    assert (said.code, said.err) == (exits.CANCELLED, "error: Cancelled.\n")
    assert signal.getsignal(number) == before


def test_every_error_class_has_a_documented_code() -> None:
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.FlowError)
    ]

    assert len(classes) > 5
    for one in classes:
        assert one.exit_code in exits.MEANINGS
        assert f"\n{one.exit_code:<4}" in str(exits.__doc__)


def program(*arguments: str) -> list[str]:
    start = "import sys; from bioimageit_flow.cli.main import main; sys.exit(main())"
    return [sys.executable, "-c", start, *arguments]


@pytest.mark.parametrize("place", ["front", "back"])
def test_verbose_shows_where_an_error_comes_from(place: str, tmp_path: Path) -> None:
    words = ["items", str(tmp_path / "nowhere")]
    words = ["--verbose", *words] if place == "front" else [*words, "--verbose"]

    ended = subprocess.run(program(*words), capture_output=True, text=True, check=False)

    assert ended.returncode == 8
    assert "Traceback" in ended.stderr
    assert "error: " in ended.stderr


def test_verbose_after_two_dashes_is_a_file(tmp_path: Path) -> None:
    ended = subprocess.run(
        program("items", str(tmp_path / "nowhere"), "--", "--verbose"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2  # one argument too many, instead of an option


@pytest.mark.skipif(os.name != "posix", reason="pipes break in another way")
def test_reader_that_goes_away_is_no_error() -> None:
    start = subprocess.Popen(
        program("schema", "workflow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert start.stdout is not None
    assert start.stderr is not None
    start.stdout.close()
    with start.stderr:
        said = start.stderr.read()

    assert start.wait() == exits.NOBODY_READS
    assert said == b""
