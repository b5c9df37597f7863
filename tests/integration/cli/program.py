"""The command line as a process of its own, with tools that are Python functions.

``test/add`` says a line again and again until it is stopped, so that a test can stop a
run that works.
"""

import signal
import sys
from pathlib import Path
from threading import Event

from bioimageit_flow.cli.main import main
from bioimageit_flow.runtimes import registry
from bioimageit_flow.testing.in_process import InProcessJob, InProcessRuntime

PAUSE_S = 0.01


def work_for_ever(job: InProcessJob) -> None:
    pause = Event()
    turn = 0
    while True:
        turn += 1
        job.say(f"[[1/2]] turn {turn}")
        pause.wait(PAUSE_S)


def fail_at_once(job: InProcessJob) -> int:
    job.say("It has no pixel.")
    return 1


def copy(job: InProcessJob) -> None:
    data = job.inputs("image")[0].read_bytes()
    job.output("result").write_bytes(data)


BEHAVIOURS = {"forever": work_for_ever, "fail": fail_at_once, "copy": copy}


def run(behaviour: str, arguments: list[str]) -> int:
    runtime = InProcessRuntime({"test/add": BEHAVIOURS[behaviour]})
    registry.load_runtimes = lambda: [runtime]
    return main(arguments)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    # A shell that runs the tests in the background has it ignored, and so would we.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run(sys.argv[1], sys.argv[2:]))
