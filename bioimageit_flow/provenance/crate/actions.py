"""What did happen: the run, and each of its jobs."""

from collections.abc import Callable
from datetime import datetime, timedelta

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
    for job in story.jobs:
        _add_job(graph, story, job, agent, add_file)
    given, gave = story.given(), story.results()
    _mark(graph, story, add_file)
    _mark_workflow(graph, story, add_file)
    run = graph.add(
        local("run", record.id),
        "CreateAction",
        name=f"Run of {record.name}",
        instrument=ref(plan.workflow_id(story)),
        agent=agent,
        startTime=_time(record.started),
        endTime=_time(ended),
        actionStatus=_COMPLETED if gave else _FAILED,
        description=f"State of the run: {story.summary.state}.",
    )
    graph.extend(run["@id"], "object", (add_file(item) for item in given))
    made = (item for items in gave.values() for item in items)
    graph.extend(run["@id"], "result", (add_file(item) for item in made))
    engine = graph.add(
        f"#engine/{record.machine.program_version}",
        "SoftwareApplication",
        name="BioImageIT Flow",
        softwareVersion=record.machine.program_version,
        url={"@id": "https://github.com/bioimageit"},
        description=f"On {record.machine.os}, Python {record.machine.python}.",
    )
    organised = graph.add(
        local("engine-run", record.id),
        "OrganizeAction",
        name=f"Run of BioImageIT Flow {record.machine.program_version}",
        instrument=engine,
        agent=agent,
        startTime=_time(record.started),
        endTime=_time(ended),
        result=run,
    )
    graph.extend(
        organised["@id"],
        "object",
        (_add_control(graph, story, job) for job in story.jobs),
    )
    graph.extend("./", "mentions", [run, organised])
    graph.extend("./", "mentions", (ref(job_id(job)) for job in story.jobs))
    return run


def add_earlier(graph: Graph, story: RunStory, agent: Ref, add_file: AddFile) -> None:
    """Describe the jobs of an earlier run, some results of which were given."""
    for reference in dict.fromkeys(job.tool for job in story.jobs):
        plan.add_tool(graph, reference, story)
    for job in story.jobs:
        _add_job(graph, story, job, agent, add_file, of=story.record.folder)
    _mark(graph, story, add_file)
    graph.extend("./", "mentions", (ref(job_id(job)) for job in story.jobs))


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
        containerImage=_add_image(graph, job.runtime),
        softwareRequirements=_add_environment(graph, job.runtime),
        resourceUsage=_add_usage(graph, job),
    )


def _words(job: JobRecord) -> str:
    words = f"State: {job.state}. Fingerprint: {job.fingerprint}."
    if job.reused_from is not None:
        return f"{words} The result of job {job.reused_from} was known and reused."
    if job.command:
        return f"{words} Command: {' '.join(job.command)}"
    return words


def _add_values(graph: Graph, story: RunStory, job: JobRecord) -> list[Ref]:
    tool = story.tools.get(job.tool)
    known = tool.tool.parameters if tool else {}

    def unit(name: str) -> str:
        return (known[name].unit or "") if name in known else ""

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


def _add_image(graph: Graph, used: RuntimeUsed) -> Ref | None:
    kind, _, digest = used.identity.partition(" ")
    if kind != "image":
        return None
    name, _, tag = used.detail.partition("@")[0].rpartition(":")
    return graph.add(
        local("image", digest),
        "ContainerImage",
        additionalType=ref(f"{_TERMS}#DockerImage"),
        name=name or used.detail,
        tag=tag or None,
        sha256=digest.removeprefix("sha256:"),
        registry="docker.io" if name.count("/") < 2 else name.partition("/")[0],
    )


def _add_environment(graph: Graph, used: RuntimeUsed) -> Ref | None:
    kind, _, digest = used.identity.partition(" ")
    if kind == "image":
        return None
    return graph.add(
        local("environment", digest),
        "CreativeWork",
        name=f"Locked environment ({used.detail})",
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


def _mark(graph: Graph, story: RunStory, add_file: AddFile) -> None:
    """Say of each file which formal parameters it stands for."""
    for job in story.jobs:
        for edge in job.consumed:
            file = add_file(story.items[edge.item])["@id"]
            marks = [ref(plan.port_id(job.tool, edge.port))]
            graph.extend(file, "exampleOfWork", marks)
        for made in job.produced:
            file = add_file(story.items[made.id])["@id"]
            graph.extend(
                file, "exampleOfWork", [ref(plan.port_id(job.tool, made.port))]
            )


def _mark_workflow(graph: Graph, story: RunStory, add_file: AddFile) -> None:
    """Say of each file which inputs and outputs of the workflow it stands for."""
    for job in story.jobs:
        for edge in job.consumed:
            source = edge.edge.partition(" -> ")[0]
            if source in story.document.inputs:
                file = add_file(story.items[edge.item])["@id"]
                mark = ref(plan.input_id(story, source))
                graph.extend(file, "exampleOfWork", [mark])
    for name, items in story.results().items():
        for item in items:
            graph.extend(
                add_file(item)["@id"],
                "exampleOfWork",
                [ref(plan.output_id(story, name))],
            )
