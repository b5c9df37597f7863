"""What did happen: the run, and each of its jobs."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.run import JobRecord, JobState, RuntimeUsed
from bioimageit_flow.provenance.crate import plan
from bioimageit_flow.provenance.crate.graph import Graph, Ref, local, ref, short
from bioimageit_flow.provenance.crate.units import unit_properties
from bioimageit_flow.provenance.story import RunStory

_TERMS = "https://w3id.org/ro/terms/workflow-run"
_COMPLETED = "http://schema.org/CompletedActionStatus"
_FAILED = "http://schema.org/FailedActionStatus"

AddFile = Callable[[Item], Ref]


def add_run(graph: Graph, story: RunStory, agent: Ref, add_file: AddFile) -> Ref:
    """Describe the run of the workflow with all its jobs; returns its action."""
    record, ended = story.record, story.ended
    has_results = any(True for _ in story.results())
    run = graph.add(
        local("run", record.id),
        "CreateAction",
        name=f"Run of {record.name}",
        instrument=ref(plan.workflow_id(story)),
        agent=agent,
        startTime=_time(record.started),
        endTime=_time(ended),
        actionStatus=_COMPLETED if has_results else _FAILED,
        description=f"State of the run: {story.summary.state}.",
    )
    graph.extend(run["@id"], "object", (add_file(item) for item in story.given()))
    organised = _add_engine_run(graph, story, agent, run)
    graph.extend("./", "mentions", [run, organised])
    for job in story.jobs:
        _tell(graph, story, job, agent, add_file)
        _mark_inputs(graph, story, job, add_file)
        control = _add_control(graph, story, job)
        graph.extend(organised["@id"], "object", [control])
    for name, item in story.results():
        file = add_file(item)
        graph.extend(run["@id"], "result", [file])
        _stand_for(graph, item, file, plan.output_id(story, name))
    return run


def _add_engine_run(graph: Graph, story: RunStory, agent: Ref, run: Ref) -> Ref:
    """Describe the program, and that it carried out the run."""
    machine = story.record.machine
    engine = graph.add(
        f"#engine/{machine.program_version}",
        "SoftwareApplication",
        name="BioImageIT Flow",
        softwareVersion=machine.program_version,
        url={"@id": "https://github.com/bioimageit"},
        description=f"On {machine.os}, Python {machine.python}.",
    )
    return graph.add(
        local("engine-run", story.record.id),
        "OrganizeAction",
        name=f"Run of BioImageIT Flow {machine.program_version}",
        instrument=engine,
        agent=agent,
        startTime=_time(story.record.started),
        endTime=_time(story.ended),
        result=run,
    )


def add_earlier(graph: Graph, story: RunStory, agent: Ref, add_file: AddFile) -> None:
    """Describe the jobs of an earlier run, some results of which were given."""
    for reference in story.tally.tools:
        plan.add_tool(graph, reference, story)
    for job in story.jobs:
        _tell(graph, story, job, agent, add_file, of=story.record.folder)


def _tell(
    graph: Graph,
    story: RunStory,
    job: JobRecord,
    agent: Ref,
    add_file: AddFile,
    *,
    of: str = "",
) -> None:
    """Describe a job, and which ports of its tool its files stand for."""
    told = _add_job(graph, story, job, agent, add_file, of=of)
    graph.extend("./", "mentions", [told])
    taken = ((edge.item, edge.port) for edge in job.consumed)
    made = ((one.id, one.port) for one in job.produced)
    for item, port in (*taken, *made):
        one = story.items[item]
        _stand_for(graph, one, add_file(one), plan.port_id(job.tool, port))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def job_id(job: JobRecord) -> str:
    """Return the id of the action of a job."""
    return local("job", job.id)


def _add_job(
    graph: Graph,
    story: RunStory,
    job: JobRecord,
    agent: Ref,
    add_file: AddFile,
    *,
    of: str = "",
) -> Ref:
    ended = None
    if job.started is not None:
        ended = job.started + timedelta(seconds=job.elapsed_s)
    is_good = job.state in (JobState.DONE, JobState.REUSED)
    inputs = list(dict.fromkeys(edge.item for edge in job.consumed))
    return graph.add(
        job_id(job),
        "CreateAction",
        name=f"Job of {job.node}" + (f" in the earlier run {of}" if of else ""),
        description=_words(job),
        instrument=ref(plan.tool_id(job.tool)),
        agent=agent,
        startTime=_time(job.started),
        endTime=_time(ended),
        actionStatus=_COMPLETED if is_good else _FAILED,
        error=None if is_good else job.message,
        object=[
            *(add_file(story.items[item]) for item in inputs),
            *_add_values(graph, story, job),
        ],
        result=[add_file(story.items[item.id]) for item in job.produced],
        containerImage=add_image(graph, job.runtime),
        softwareRequirements=_add_environment(graph, job.runtime),
        resourceUsage=_add_usage(graph, job),
    )


def _words(job: JobRecord) -> str:
    words = f"State: {job.state}. Fingerprint: {job.fingerprint}."
    converted = "; ".join(conversions_of(job.parts))
    if converted:
        words += f" Inputs: {converted}."
    if job.reused_from is not None:
        return f"{words} The result of job {job.reused_from} was known and reused."
    if job.shared is not None:
        return f"{words} The result was taken from a shared folder: {job.shared.words}."
    if job.command:
        return f"{words} Command: {' '.join(job.command)}"
    return words


def _add_values(graph: Graph, story: RunStory, job: JobRecord) -> list[Ref]:
    tool = story.tools.get(job.tool)
    known = tool.tool.parameters if tool else {}

    def unit(name: str) -> str:  # of records before units: what the tool says now
        return job.units.get(name) or (known[name].unit if name in known else "") or ""

    return [
        graph.add(
            local("value", *job.tool.split("/"), name, short(repr(value))),
            "PropertyValue",
            name=name,
            value=str(value),
            exampleOfWork=ref(plan.port_id(job.tool, name)),
            **unit_properties(graph, unit(name)),
        )
        for name, value in job.parameters.items()
    ]


def _add_control(graph: Graph, story: RunStory, job: JobRecord) -> Ref:
    return graph.add(
        local("control", job.id),
        "ControlAction",
        name=f"Orchestration of {job.node}",
        instrument=ref(plan.step_id(story, job.node)),
        object=ref(job_id(job)),
    )


def add_image(graph: Graph, used: RuntimeUsed) -> Ref | None:
    """Add the container image in which a job ran; None where it ran in none."""
    kind, _, digest = used.identity.partition(" ")
    if kind != "image":
        return None
    named = used.place.partition("@")[0]
    name, _, tag = named.rpartition(":")
    if not name or "/" in tag:  # what follows the colon is a port
        name, tag = named, ""
    host = name.partition("/")[0] if "/" in name else ""
    is_registry = host == "localhost" or "." in host or ":" in host
    return graph.add(
        local("image", digest),
        "ContainerImage",
        additionalType=ref(f"{_TERMS}#DockerImage"),
        name=name,
        tag=tag or None,
        sha256=digest.removeprefix("sha256:"),
        registry=host if is_registry else "docker.io",
    )


def _add_environment(graph: Graph, used: RuntimeUsed) -> Ref | None:
    kind, _, digest = used.identity.partition(" ")
    if kind == "image":
        return None
    return graph.add(
        local("environment", digest),
        "CreativeWork",
        name=f"Locked environment ({used.place})",
        identifier=used.identity,
        version=digest.removeprefix("sha256:")[:12],
    )


def _add_usage(graph: Graph, job: JobRecord) -> list[Ref]:
    found = []
    for name, value, unit in (
        ("peakMemory", job.peak_memory, "https://qudt.org/vocab/unit/BYTE"),
        ("cpuTime", job.cpu_s, "https://qudt.org/vocab/unit/SEC"),
    ):
        if value is not None:
            graph.add(unit, "WebPage", name=unit.rpartition("/")[2])
            found.append(
                graph.add(
                    local("usage", job.id, name),
                    "PropertyValue",
                    name=name,
                    propertyID=f"{_TERMS}#{name}",
                    value=str(value),
                    unitCode=ref(unit),
                )
            )
    return found


def _mark_inputs(
    graph: Graph, story: RunStory, job: JobRecord, add_file: AddFile
) -> None:
    """Say of what a job took which inputs of the workflow it stands for."""
    for edge in job.consumed:
        source = edge.edge.partition(" -> ")[0]
        if source in story.document.inputs:
            item = story.items[edge.item]
            _stand_for(graph, item, add_file(item), plan.input_id(story, source))


def _stand_for(graph: Graph, item: Item, file: Ref, parameter: str) -> None:
    graph.stand_for(file["@id"], parameter, is_folder=item.content.is_folder)
