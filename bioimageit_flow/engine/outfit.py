"""The outfit of a run: everything that it works with, made once at its beginning."""

import queue
from collections.abc import Mapping
from dataclasses import dataclass

from bioimageit_flow.engine.begin import BegunRun
from bioimageit_flow.engine.claims import Claims
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.known import KnownJobs
from bioimageit_flow.engine.obtain import Obtained
from bioimageit_flow.engine.options import RunOptions, Surroundings
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.publish import Publisher
from bioimageit_flow.engine.recorder import Recorder
from bioimageit_flow.engine.records import Records
from bioimageit_flow.engine.resolve import Resolver
from bioimageit_flow.engine.scheduler import Scheduler
from bioimageit_flow.engine.sharing import Sharing
from bioimageit_flow.engine.stamping import Stamper
from bioimageit_flow.engine.starting import Message, Starter
from bioimageit_flow.engine.supply import Supply
from bioimageit_flow.engine.tally import Tally
from bioimageit_flow.executors.protocol import Executor
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store


@dataclass(frozen=True, slots=True)
class Outfit:
    """What one run works with.

    Attributes
    ----------
    messages : SimpleQueue of Message
        What jobs have to say, from any thread.
    recorder, records, tally : Recorder, Records, Tally
        Who writes down what becomes of jobs, and counts it.
    claims, known, sharing : Claims, KnownJobs, Sharing
        What other runs do, have done, and did elsewhere.
    supply, scheduler, resolver, starter : Supply, Scheduler, Resolver, Starter
        Where jobs come from, in which order, what they are, and who starts them.
    """

    messages: queue.SimpleQueue[Message]
    recorder: Recorder
    records: Records
    tally: Tally
    claims: Claims
    known: KnownJobs
    sharing: Sharing
    starter: Starter
    resolver: Resolver
    scheduler: Scheduler
    supply: Supply


def fit_out(
    begun: BegunRun,
    prepared: Prepared,
    obtained: Mapping[str, Obtained],
    folder: ExperimentFolder,
    store: Store,
    executor: Executor,
    finder: ContentFinder,
    options: RunOptions,
    around: Surroundings,
) -> Outfit:
    """Make what a run works with; see `Runner` for the parameters."""
    messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
    used = {node: one.used for node, one in obtained.items()}
    recorder = Recorder(store, begun.run)
    records = Records(begun.run, obtained, prepared.tools)
    tally = Tally(
        prepared.order,
        recorder,
        records,
        folder.path,
        begun.folders.logs,
        around.teller,
    )
    claims = Claims(store, begun.run.id, is_wanted=options.reuse.is_wanted)
    known = KnownJobs(
        prepared.results,
        finder,
        begun.earlier,
        records,
        tally,
        options.reuse,
    )
    sharing = Sharing(options.shared, folder.path, store, begun.run, options.reuse)
    starter = Starter(
        run=begun.run.id,
        folders=begun.folders,
        tools=prepared.tools,
        obtained=obtained,
        executor=executor,
        finder=finder,
        publisher=Publisher(
            folder, begun.run.folder, Stamper(prepared.request.document)
        ),
        cancel=around.cancel,
        tell=messages.put,
        sharing=sharing,
    )
    resolver = Resolver(prepared.document, prepared.tools, used, prepared.files)
    scheduler = Scheduler(
        prepared.document,
        prepared.bare_tools,
        incomplete_groups=options.incomplete_groups,
        parted=prepared.bound.parted,
        is_hurried=not options.is_all_known,
    )
    supply = prepared.supply(scheduler)
    return Outfit(
        messages=messages,
        recorder=recorder,
        records=records,
        tally=tally,
        claims=claims,
        known=known,
        sharing=sharing,
        starter=starter,
        resolver=resolver,
        scheduler=scheduler,
        supply=supply,
    )
