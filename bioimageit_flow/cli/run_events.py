"""Events of a run as JSON lines, in the words of the journal."""

from typing import assert_never

from bioimageit_flow.model.events import (
    JobEnded,
    JobProgress,
    JobStarted,
    Preparing,
    ProblemFound,
    RunEnded,
    RunEvent,
    RunStarted,
)


def event_as_json(event: RunEvent) -> dict[str, object]:
    """Return an event as plain values; its key ``event`` says which it is."""
    match event:
        case Preparing(node, text):
            return {"event": "preparing", "node": node, "text": text}
        case RunStarted(run, folder, expected, runtimes):
            return {
                "event": "run",
                "state": "running",
                "run": run,
                "folder": str(folder),
                "expected": dict(expected),
                "runtimes": dict(runtimes),
            }
        case JobStarted(node, item):
            return {"event": "job", "state": "running", "node": node, "item": item}
        case JobProgress(node, item, done, of, text):
            return {
                "event": "progress",
                "node": node,
                "item": item,
                "done": done,
                "of": of,
                "text": text,
            }
        case JobEnded(node, item, state, elapsed_s, message):
            return {
                "event": "job",
                "state": str(state),
                "node": node,
                "item": item,
                "elapsed_s": round(elapsed_s, 3),
                "message": message,
            }
        case ProblemFound(problem):
            return {"event": "problem", **problem.as_json()}
        case RunEnded(state):
            return {"event": "run", "state": str(state)}
        case _:
            assert_never(event)
