"""How a run is carried out, and what it has to do with meanwhile."""

from dataclasses import dataclass, field
from threading import Event

from bioimageit_flow.engine.asking import Requests
from bioimageit_flow.engine.carrying import Beat
from bioimageit_flow.engine.plan import Unpaired
from bioimageit_flow.engine.reuse import ReusePolicy
from bioimageit_flow.engine.scheduler import IncompleteGroups
from bioimageit_flow.engine.telling import Teller
from bioimageit_flow.executors.warm import Isolation
from bioimageit_flow.stores.shared_results import SharedResults


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is carried out.

    Attributes
    ----------
    expected : mapping of str to int
        Number of jobs of each node as planned, for progress.
    is_all_known : bool
        Whether no job was planned to be computed.
    reuse : ReusePolicy
        Which results are taken instead of running a job.
    unpaired : {"stop", "leave out"}
        Whether an item that met no partner is a fault of the run, or was left out.
    isolation : {"worker", "job"}
        Whether warm workers may run jobs.
    shared : SharedResults or None
        The folder of results that experiments share.
    """

    expected: dict[str, int] = field(default_factory=dict)
    is_all_known: bool = False
    incomplete_groups: IncompleteGroups = "stop"
    unpaired: Unpaired = "stop"
    reuse: ReusePolicy = field(default_factory=ReusePolicy)
    isolation: Isolation = "worker"
    shared: SharedResults | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run has to do with while it works.

    Attributes
    ----------
    teller : Teller
        Takes events.
    requests : Requests
        What is asked from elsewhere.
    beat : Beat
        Shows that the process is alive.
    cancel : Event
        Set it, from any thread, to stop the run.
    """

    teller: Teller
    requests: Requests
    beat: Beat
    cancel: Event
