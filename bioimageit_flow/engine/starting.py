"""Starting attempts at jobs: a place to work, tokens, a thread that waits for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event

import psutil

from bioimageit_flow.engine.begin import RunFolders
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.obtain import Obtained
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.sharing import Sharing
from bioimageit_flow.engine.waiting import Attempt
from bioimageit_flow.engine.work import JobFinished, JobProgressed, Task, do_task
from bioimageit_flow.executors.desks import Desks
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.model.ids import RunId, new_job_id
from bioimageit_flow.model.retry import Retry, next_attempt
from bioimageit_flow.model.run import JobState
from bioimageit_flow.model.tool import InstalledTool, Resources

Message = JobFinished | JobProgressed

_MEMORY_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts the jobs of one run.

    Attributes
    ----------
    tools, obtained : mapping
        Tool of each node, and what it runs in.
    tell : callable
        Takes what jobs have to say, from any thread.
    sharing : Sharing or None
        What other experiments know, and are told.
    """

    run: RunId
    folders: RunFolders
    tools: Mapping[str, InstalledTool]
    obtained: Mapping[str, Obtained]
    executor: Executor
    finder: ContentFinder
    publisher: Publisher
    cancel: Event
    tell: Callable[[Message], None]
    sharing: Sharing | None = None
    desks: Desks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "desks", Desks(self.folders.work))

    def has_room(self, attempt: Attempt) -> bool:
        """Say whether there are tokens for an attempt now."""
        return self.executor.has_room(self._resources(attempt))

    def start(self, attempt: Attempt) -> Task:
        """Start an attempt; there must be room for it."""
        node = attempt.resolved.job.node
        job = new_job_id()
        obtained = self.obtained[node]
        task = Task(
            id=job,
            run=self.run,
            attempt=attempt,
            tool=self._tool(attempt),
            runtime=obtained.runtime,
            used=obtained.used,
            folder=self.folders.work / job,
            log=self.folders.logs / f"{job}.log",
        )
        self.executor.submit(
            self._resources(attempt),
            lambda: do_task(
                task,
                self.finder,
                self.publisher,
                self.cancel,
                self.tell,
                self.desks,
                self.sharing,
            ),
            self.tell,
        )
        return task

    def retry(self, message: JobFinished) -> Retry | None:
        """Return how a job that failed is tried again; None if it is not."""
        task, result = message.task, message.result
        if result.state is not JobState.FAILED or self.cancel.is_set():
            return None
        return next_attempt(
            task.tool.tool.retry,
            result.cause,
            task.attempt.tries,
            self._resources(task.attempt),
            int(psutil.virtual_memory().total * _MEMORY_SHARE),
        )

    def _resources(self, attempt: Attempt) -> Resources:
        return attempt.resources or self.tools[attempt.resolved.job.node].tool.resources

    def _tool(self, attempt: Attempt) -> InstalledTool:
        tool = self.tools[attempt.resolved.job.node]
        if attempt.resources is None or attempt.resources == tool.tool.resources:
            return tool
        # A warm worker has the limits that it began with, so this one runs alone.
        fields = {"resources": attempt.resources, "isolation": "job"}
        return replace(tool, tool=tool.tool.model_copy(update=fields))
