"""Programs of others that stay up: started once, asked many times.

To load such a program takes longer than most of its answers. It has an environment of
its own, because it needs other libraries than ours; one process of this environment
calls the same function as its command line does.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uv

_SERVE = """
import contextlib, importlib, io, json, sys, traceback

module, _, name = sys.argv[1].partition(":")
main = getattr(importlib.import_module(module), name)
for line in sys.stdin:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(json.loads(line))
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
            code = 70
    answer = [code, out.getvalue(), err.getvalue()]
    print(json.dumps(answer), file=sys.__stdout__, flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """How a command ended: its exit code and what it wrote."""

    code: object
    out: str
    err: str


class ForeignProgram:
    """A program in an environment of its own, which is loaded once.

    Parameters
    ----------
    environment : Path
        Where it is installed.
    command : str
        The function of its command line, ``package.module:function``.
    """

    def __init__(self, environment: Path, command: str) -> None:
        self._process = subprocess.Popen(
            [str(program(environment, "python")), "-c", _SERVE, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._asked = 0
        self._answers: list[Answer] = []

    def begin(self, *arguments: str | Path) -> Callable[[], Answer]:
        """Ask something; returns what waits for the answer."""
        assert self._process.stdin is not None
        print(json.dumps([str(one) for one in arguments]), file=self._process.stdin)
        self._process.stdin.flush()
        number = self._asked
        self._asked += 1
        return lambda: self._answer(number)

    def ask(self, *arguments: str | Path) -> Answer:
        """Ask something and wait for the answer."""
        return self.begin(*arguments)()

    def _answer(self, number: int) -> Answer:
        assert self._process.stdout is not None
        while len(self._answers) <= number:
            line = self._process.stdout.readline()
            assert line, f"the program ended by itself: {self._process.poll()}"
            self._answers.append(Answer(*json.loads(line)))
        return self._answers[number]

    def close(self) -> None:
        """End it, when it has answered what it was asked."""
        self._process.communicate()


def make_environment(folder: Path, *packages: str) -> None:
    """Make an environment with some packages."""
    run([uv.find_uv_bin(), "venv", "--quiet", "-p", sys.executable, str(folder)])
    python = str(program(folder, "python"))
    run([uv.find_uv_bin(), "pip", "install", "--quiet", "-p", python, *packages])


def program(environment: Path, name: str) -> Path:
    if sys.platform == "win32":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
