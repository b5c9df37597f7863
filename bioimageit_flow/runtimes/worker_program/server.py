"""One process that runs all jobs of a tool, for tools that ask for it."""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from pathlib import Path

from bioimageit_flow.runtimes.worker_program.job import call, enter, flush, load, settle
from bioimageit_flow.runtimes.worker_program.system import cpu_s, peak_kib, rss_kib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Server:
    """The one process that runs all jobs of a tool that asks for it."""

    def __init__(self, settings: dict[str, Any], private: tuple[int, ...]) -> None:
        self.answers, answers = os.pipe()
        questions, self._questions = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.answers)
            os.close(self._questions)
            for descriptor in private:
                os.close(descriptor)
            _serve(settings, questions, answers)
        os.close(answers)
        os.close(questions)
        ready = self.receive()
        if ready is None or "error" in ready:
            raise ImportError((ready or {}).get("error", "it ended while importing"))

    def send(self, request: dict[str, Any]) -> None:
        """Ask for a job to be run."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._questions, json.dumps(request).encode() + b"\n")

    def receive(self) -> dict[str, Any] | None:
        """Return the next answer; None if the process has ended."""
        received = b""
        while not received.endswith(b"\n"):
            data = os.read(self.answers, 65536)
            if not data:
                return None
            received += data
        found: dict[str, Any] = json.loads(received)
        return found


def _serve(settings: dict[str, Any], questions: int, answers: int) -> NoReturn:
    """Run jobs one after the other in this process."""

    def answer(**facts: object) -> None:
        os.write(answers, json.dumps(facts).encode() + b"\n")

    settle()
    try:
        function = load(settings)
    except BaseException:  # noqa: BLE001 - whatever a library does when imported
        answer(error=traceback.format_exc(limit=-1)[-2000:])
        os._exit(1)
    answer(ready=True)
    variables = dict(os.environ)
    with open(questions, encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            before, base = cpu_s(), rss_kib()
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text(
                    "5", "ascii"
                )  # forget the peak
            enter(request)
            code = call(function, request)
            flush()
            os.environ.clear()
            os.environ.update(variables)
            answer(
                exit=code,
                cpu_s=round(cpu_s() - before, 4),
                peak_kib=peak_kib(),
                rss_growth_kib=max(0, rss_kib() - base),
            )
    os._exit(0)
