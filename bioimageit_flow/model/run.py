"""Runs and jobs: their states and what is recorded of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bioimageit_flow.model.data import AnnotationValue, Content, DataInfo, Location
from bioimageit_flow.model.ids import ItemId, JobId, RunId, Sha256
from bioimageit_flow.model.shared import SharedOrigin


class RunState(StrEnum):
    """State of a run.

    Queued, paused and interrupted are never stored: the first two are told by the
    journal, and a run is interrupted when it has no end and no process carries it.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class JobState(StrEnum):
    """State of an attempt, once it has ended."""

    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FailureCause(StrEnum):
    """Why a job failed, as far as it can be told."""

    TOOL_ERROR = "tool error"
    OUT_OF_MEMORY = "out of memory"
    TIME_LIMIT = "time limit"
    NO_OUTPUT = "missing output"
    WRONG_OUTPUT = "wrong output"
    BAD_INPUT = "bad input"
    BAD_AXES = "bad axes or type"
    NO_SPACE = "no space left"
    PERMISSION = "permission"
    MISSING_IMAGE = "missing image"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where something ran, and for whom.

    Attributes
    ----------
    orcid : str
        Of the user; empty where it is not known.
    """

    host: str
    os: str
    user: str
    python: str
    program_version: str
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeUsed:
    """What a node ran in; fixed for a run.

    Attributes
    ----------
    name : str
        ``container`` or ``environment``.
    identity : str
        ``image sha256:...`` (digest or image id) or ``lock sha256:...``.
    detail : str
        For people: the image's name, or the lock and the Python version; after a
        semicolon how the job ran in it.
    """

    name: str
    identity: str
    detail: str = ""

    @property
    def place(self) -> str:
        """The name of the image, or of the lock, without how the job ran in it."""
        return self.detail.partition(";")[0]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run, as it begins.

    Attributes
    ----------
    workflow_text : str
        The frozen workflow file.
    bindings : mapping of str to str
        What each dataset input was bound to.
    folder : str
        Name of the folder of its results: date, short id and workflow name.
    """

    id: RunId
    name: str
    folder: str
    workflow_id: str
    workflow_sha256: Sha256
    workflow_text: str
    bindings: Mapping[str, str]
    started: datetime
    machine: Machine


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, as it is listed.

    Attributes
    ----------
    counts : mapping of JobState to int
        Its jobs by how their last attempt ended.
    """

    id: RunId
    name: str
    folder: str
    state: RunState
    started: datetime
    elapsed_s: float | None
    counts: Mapping[JobState, int]


@dataclass(frozen=True, slots=True)
class ConsumedEdge:
    """One item that passed one edge into a job.

    Attributes
    ----------
    edge : str
        ``source.port -> node.port``; a dataset input has no port: ``images -> n.port``.
    """

    edge: str
    port: str
    item: ItemId


@dataclass(frozen=True, slots=True)
class ProducedItem:
    """One item that a job made, with the file it published.

    Attributes
    ----------
    location : Location or None
        None when a reused job points to content that is already there.
    """

    id: ItemId
    port: str
    name: str
    content: Content
    info: DataInfo
    location: Location | None
    part: str = ""
    annotations: Mapping[str, AnnotationValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The word of somebody that results stay valid although their fingerprint changed.

    Attributes
    ----------
    change : int
        Its place in the sequence of changes of the experiment.
    user : str
        Who said so.
    at : datetime
        When; UTC.
    reason : str
        Why.
    """

    change: int
    user: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One finished attempt with the facts that it made.

    Attributes
    ----------
    fingerprint : Sha256
        Of its parts.
    parts : mapping
        The parts themselves.
    command : tuple of str
        The argument list as it was run.
    started : datetime
        UTC.
    elapsed_s, cpu_s : float or None
        Wall and processor seconds.
    peak_memory : int or None
        Bytes.
    log : str
        Path of the log, relative to the experiment.
    message : str
        Why it failed, in a sentence; empty when it did not.
    reused_from : JobId or None
        The attempt that made the contents which a reused job points to.
    supersedes : JobId or None
        The attempt of the same job in the same run that this one takes the place of;
        it has failed or was cancelled.
    attempt : int
        Which attempt of its job in its run this is, from 1.
    declared : Declaration or None
        Who said that the result which is reused is still valid, when it was made with
        another fingerprint.
    shared : SharedOrigin or None
        Where the result was made, when it was taken from a shared folder.
    units : mapping of str to str
        Of the parameters that have one, by name.
    """

    id: JobId
    run: RunId
    node: str
    tool: str
    state: JobState
    fingerprint: Sha256
    parts: Mapping[str, object]
    runtime: RuntimeUsed
    parameters: Mapping[str, object]
    consumed: tuple[ConsumedEdge, ...]
    produced: tuple[ProducedItem, ...] = ()
    command: tuple[str, ...] = ()
    started: datetime | None = None
    elapsed_s: float = 0.0
    cpu_s: float | None = None
    peak_memory: int | None = None
    exit_code: int | None = None
    log: str = ""
    cause: FailureCause | None = None
    message: str = ""
    reused_from: JobId | None = None
    supersedes: JobId | None = None
    attempt: int = 1
    declared: Declaration | None = None
    shared: SharedOrigin | None = None
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job: little enough to hold that of every job of a run.

    Attributes
    ----------
    roots : frozenset of ItemId
        The raw items that it goes back to; jobs with the same ones share the set.
    message : str
        Why it failed; empty for one that did not.
    """

    id: JobId
    node: str
    state: JobState
    roots: frozenset[ItemId]
    runtime: RuntimeUsed
    elapsed_s: float = 0.0
    cause: FailureCause | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class KnownResult:
    """A finished job with the fingerprint that was asked for.

    Attributes
    ----------
    outputs : tuple of ProducedItem
        With the locations where the contents lie now.
    declared : Declaration or None
        Who said that it serves this fingerprint, when it was made with another.
    """

    job: JobId
    outputs: tuple[ProducedItem, ...]
    declared: Declaration | None = None
