"""Events of a run as lines of its journal, and back.

A line is one JSON object; its key ``event`` says what it is. The command line's
``--json`` writes the same lines.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

from bioimageit_flow.model.events import (
    JobEnded,
    JobProgress,
    JobRetried,
    JobStarted,
    Preparing,
    ProblemFound,
    RunAsked,
    RunEnded,
    RunEvent,
    RunQueued,
    RunStarted,
    RunStopped,
)
from bioimageit_flow.model.ids import JobId, RunId
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import JobState, RunState

Line = dict[str, object]

_RUNNING = "running"


def line_of(event: RunEvent) -> Line:
    """Return an event as plain values."""
    match event:
        case Preparing(node, text):
            return {"event": "preparing", "node": node, "text": text}
        case RunQueued(after):
            return {"event": "run", "state": str(RunState.QUEUED), "after": after}
        case RunStarted():
            return _started(event)
        case JobStarted(node, item, job):
            return {
                "event": "job",
                "state": _RUNNING,
                "job": job,
                "node": node,
                "item": item,
            }
        case JobProgress(node, item, done, of, text, job):
            return {
                "event": "progress",
                "job": job,
                "node": node,
                "item": item,
                "done": done,
                "of": of,
                "text": text,
            }
        case JobEnded():
            return _ended(event)
        case JobRetried(node, item, message, attempt, wait_s, job):
            return {
                "event": "retry",
                "job": job,
                "node": node,
                "item": item,
                "message": message,
                "attempt": attempt,
                "wait_s": wait_s,
            }
        case ProblemFound(problem):
            return {"event": "problem", **problem.as_json()}
        case RunAsked(what, by):
            return {"event": "request", "request": what, "by": by}
        case RunStopped(message, remedy, problems):
            return {
                "event": "stopped",
                "message": message,
                "remedy": remedy,
                "problems": list(problems),
            }
        case RunEnded(state, elapsed_s):
            return {
                "event": "run",
                "state": str(state),
                "elapsed_s": round(elapsed_s, 3),
            }
        case _:
            assert_never(event)


def event_of(line: Mapping[str, Any]) -> RunEvent | None:
    """Return the event that a line tells; None for what this version does not know."""
    try:
        return _event_of(line)
    except (KeyError, TypeError, ValueError):
        return None


def _event_of(line: Mapping[str, Any]) -> RunEvent | None:
    match line["event"]:
        case "preparing":
            return Preparing(line["node"], line["text"])
        case "run":
            return _run_event(line)
        case "job":
            return _job_event(line)
        case "progress":
            return JobProgress(
                line["node"],
                line["item"],
                int(line["done"]),
                int(line["of"]),
                line["text"],
                JobId(line["job"]),
            )
        case "retry":
            return JobRetried(
                line["node"],
                line["item"],
                line["message"],
                int(line["attempt"]),
                float(line["wait_s"]),
                JobId(line["job"]),
            )
        case "problem":
            return ProblemFound(_problem(line))
        case "request" if line["request"] in {"cancel", "pause", "continue"}:
            return RunAsked(line["request"], line.get("by", ""))
        case "stopped":
            problems = tuple(line.get("problems", ()))
            return RunStopped(line["message"], line["remedy"], problems)
        case _:
            return None


def _started(event: RunStarted) -> Line:
    line: Line = {
        "event": "run",
        "state": _RUNNING,
        "run": event.run,
        "folder": str(event.folder),
        "expected": dict(event.expected),
        "runtimes": dict(event.runtimes),
    }
    return {**line, "resumed": True} if event.is_resumed else line


def _ended(event: JobEnded) -> Line:
    line: Line = {
        "event": "job",
        "state": str(event.state),
        "job": event.job,
        "node": event.node,
        "item": event.item,
        "elapsed_s": round(event.elapsed_s, 3),
    }
    return {**line, "message": event.message} if event.message else line


def _run_event(line: Mapping[str, Any]) -> RunEvent:
    match state := RunState(line["state"]):
        case RunState.QUEUED:
            return RunQueued(line.get("after", ""))
        case RunState.RUNNING:
            return RunStarted(
                RunId(line["run"]),
                Path(line["folder"]),
                {name: int(number) for name, number in line["expected"].items()},
                dict(line["runtimes"]),
                bool(line.get("resumed", False)),
            )
        case _:
            return RunEnded(state, float(line.get("elapsed_s", 0.0)))


def _job_event(line: Mapping[str, Any]) -> RunEvent:
    job = JobId(line.get("job", ""))
    if line["state"] == _RUNNING:
        return JobStarted(line["node"], line["item"], job)
    return JobEnded(
        line["node"],
        line["item"],
        JobState(line["state"]),
        float(line.get("elapsed_s", 0.0)),
        line.get("message", ""),
        job,
    )


def _problem(line: Mapping[str, Any]) -> Problem:
    return Problem(
        line["code"],
        Severity(line["severity"]),
        line["text"],
        node=line.get("node", ""),
        port=line.get("port", ""),
        item=line.get("item", ""),
        fix=line.get("fix", ""),
    )
