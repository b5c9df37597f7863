"""What was meant to happen: the workflow, its tools, parameters and steps."""

import hashlib

from bioimageit_flow.model.parameter import Parameter, ParameterType
from bioimageit_flow.model.tool import Tool
from bioimageit_flow.provenance.crate.edam import add_terms
from bioimageit_flow.provenance.crate.graph import Graph, Ref, local, refs
from bioimageit_flow.provenance.crate.units import unit_properties
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.workflow.document import Source

WORKFLOW = "workflow.flow.yaml"
_LANGUAGE = "#workflow-language"
_HOME = "https://github.com/bioimageit"
_PROFILE = "https://bioschemas.org/profiles"
_PARAMETER_PROFILE = f"{_PROFILE}/FormalParameter/1.0-RELEASE"
_WORKFLOW_PROFILE = f"{_PROFILE}/ComputationalWorkflow/1.0-RELEASE"
_TYPES = {
    ParameterType.INT: "Integer",
    ParameterType.FLOAT: "Float",
    ParameterType.BOOL: "Boolean",
    ParameterType.CHOICE: "Text",
    ParameterType.TEXT: "Text",
    ParameterType.LIST: "Text",
    ParameterType.FILE: "File",
}


def add_workflow(graph: Graph, story: RunStory, licence: Ref, creator: Ref) -> None:
    """Describe the workflow with its inputs, outputs, tools and steps."""
    document = story.document
    for ref_ in tools_of(story):
        add_tool(graph, ref_, story)
    graph.add(
        _LANGUAGE,
        "ComputerLanguage",
        name="BioImageIT Flow workflow",
        alternateName="flow.yaml",
        identifier={"@id": _HOME},
        url={"@id": _HOME},
        version="1",
    )
    steps = [
        _add_step(graph, story, name, position)
        for position, name in enumerate(document.nodes)
    ]
    path = workflow_id(story)
    graph.add(
        path,
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        name=document.name,
        description=document.description.strip() or f"The workflow {document.name}.",
        identifier=f"urn:uuid:{document.id}",
        conformsTo={"@id": _WORKFLOW_PROFILE},
        programmingLanguage={"@id": _LANGUAGE},
        encodingFormat="application/yaml",
        sha256=hashlib.sha256(story.record.workflow_text.encode()).hexdigest(),
        license=licence,
        creator=[creator],
        author=[creator],
        sdPublisher=creator,
        dateCreated=story.record.started.date().isoformat(),
        version=story.record.workflow_sha256[:12],
        url={"@id": f"urn:uuid:{document.id}"},
        input=[_add_dataset_input(graph, story, name) for name in document.inputs],
        output=[_add_output(graph, story, name) for name in story.output_names()],
        hasPart=refs(tool_id(one) for one in _tools_that_ran(story)),
        step=steps,
    )
    graph.extend("./", "hasPart", [{"@id": path}])
    _add_connections(graph, story)


def tools_of(story: RunStory) -> list[str]:
    """Return the references of all tools, in the order of the nodes."""
    named = [node.tool for node in story.document.nodes.values() if node.tool]
    return list(dict.fromkeys([*named, *story.tally.tools]))


def _tools_that_ran(story: RunStory) -> list[str]:
    """Return the tools that the workflow carried out: the profile wants their actions.

    What comes after a failure may never have run; its steps name its tool all the same.
    """
    tools = tools_of(story)
    return [one for one in tools if one in story.tally.tools] or tools


def tool_id(reference: str) -> str:
    """Return the id of a tool."""
    return local("tool", *reference.split("/"))


def workflow_id(story: RunStory) -> str:
    """Return the path of the workflow of a run in the crate."""
    return workflow_path(story.scope)


def workflow_path(scope: str) -> str:
    """Return the path of the workflow of a run that is known by a scope, if any."""
    return f"runs/{scope}/{WORKFLOW}" if scope else WORKFLOW


def _scoped(story: RunStory, *parts: str) -> str:
    return local(*((story.scope,) if story.scope else ()), *parts)


def step_id(story: RunStory, node: str) -> str:
    """Return the id of a node of the workflow."""
    return _scoped(story, "step", *node.split("/"))


def port_id(reference: str, port: str) -> str:
    """Return the id of a port or parameter of a tool."""
    return local("tool", *reference.split("/"), port)


def input_id(story: RunStory, name: str) -> str:
    """Return the id of a dataset input of the workflow."""
    return _scoped(story, "workflow", "input", name)


def output_id(story: RunStory, name: str) -> str:
    """Return the id of an output of the workflow."""
    return _scoped(story, "workflow", "output", name)


def add_tool(graph: Graph, reference: str, story: RunStory) -> Ref:
    """Describe a tool with its parameters and those ports that are wired."""
    id_, _, version = reference.partition("@")
    found = story.tools.get(reference)
    wired = {
        port
        for node in story.document.nodes.values()
        if node.tool == reference
        for port in node.wires
    }
    if found is None:
        return _add_lost_tool(graph, reference, story, wired)
    tool = found.tool
    inputs = [
        _add_port(graph, tool, name, is_input=True)
        for name in tool.inputs
        if name in wired
    ]
    described = graph.add(
        tool_id(reference),
        "SoftwareApplication",
        name=tool.name,
        alternateName=id_,
        softwareVersion=version,
        url={"@id": _HOME} if found.origin == "built-in" else None,
        description=tool.summary,
        license=_spdx(graph, tool.licence),
        citation=[_add_citation(graph, text) for text in tool.citations],
        keywords=", ".join(tool.keywords),
        featureList=add_terms(graph, tool.edam.get("operation", ())),
        applicationSubCategory=add_terms(graph, tool.edam.get("topic", ())),
        about=add_terms(graph, tool.edam.get("data", ())),
        input=[
            *inputs,
            *(
                _add_parameter(graph, tool.ref, name, parameter)
                for name, parameter in tool.parameters.items()
            ),
        ],
        output=[_add_port(graph, tool, name, is_input=False) for name in tool.outputs],
    )
    graph.extend(described["@id"], "input", inputs)  # another run may wire more
    return described


def _add_lost_tool(
    graph: Graph, reference: str, story: RunStory, wired: set[str]
) -> Ref:
    """Describe a tool whose descriptor is gone by what the run knows of it."""
    id_, _, version = reference.partition("@")
    jobs = story.tally.tools.get(reference)
    taken = set(jobs.parameters) if jobs else set()
    given = set(jobs.ports if jobs else ()) | {
        source.port
        for edge in story.edges()
        if (source := edge.source).port
        and (node := story.document.nodes.get(source.node))
        and node.tool == reference
    }

    def parameters(names: set[str], type_: str) -> list[Ref]:
        return [
            graph.add(
                port_id(reference, name),
                "FormalParameter",
                name=name,
                additionalType=type_,
                conformsTo={"@id": _PARAMETER_PROFILE},
                description=name,
            )
            for name in sorted(names)
        ]

    return graph.add(
        tool_id(reference),
        "SoftwareApplication",
        name=id_,
        softwareVersion=version,
        description="A tool whose descriptor is no longer to be had.",
        input=[*parameters(wired, "File"), *parameters(taken, "Text")],
        output=parameters(given, "File"),
    )


def _add_port(graph: Graph, tool: Tool, name: str, *, is_input: bool) -> Ref:
    port = tool.inputs[name] if is_input else tool.outputs[name]
    return graph.add(
        port_id(tool.ref, name),
        "FormalParameter",
        name=name,
        additionalType="File",
        conformsTo={"@id": _PARAMETER_PROFILE},
        description=port.help or f"{port.kind} of {tool.name}",
        valueRequired=str(not port.optional),
        multipleValues=str(is_input and getattr(port, "takes", "item") == "group"),
    )


def _add_parameter(
    graph: Graph, reference: str, name: str, parameter: Parameter
) -> Ref:
    default = parameter.default
    return graph.add(
        port_id(reference, name),
        "FormalParameter",
        name=name,
        additionalType=_TYPES[parameter.type],
        conformsTo={"@id": _PARAMETER_PROFILE},
        description=parameter.help or name,
        defaultValue=None if default is None else str(default),
        valueRequired="False",
        **unit_properties(graph, parameter.unit or ""),
    )


def _add_citation(graph: Graph, text: str) -> Ref:
    doi = text.removeprefix("doi:")
    url = f"https://doi.org/{doi}" if text.startswith("doi:") else text
    return graph.add(url, "ScholarlyArticle", name=text, identifier=url)


def _spdx(graph: Graph, licence: str) -> Ref | None:
    if not licence:
        return None
    url = f"https://spdx.org/licenses/{licence}"
    return graph.add(url, "CreativeWork", name=licence, identifier=licence)


def _add_dataset_input(graph: Graph, story: RunStory, name: str) -> Ref:
    entry = story.document.inputs[name]
    return graph.add(
        input_id(story, name),
        "FormalParameter",
        name=name,
        additionalType="File",
        conformsTo={"@id": _PARAMETER_PROFILE},
        description=entry.help or f"{entry.kind} items",
        multipleValues="True",
        valueRequired="True",
    )


def _add_output(graph: Graph, story: RunStory, name: str) -> Ref:
    return graph.add(
        output_id(story, name),
        "FormalParameter",
        name=name,
        additionalType="File",
        conformsTo={"@id": _PARAMETER_PROFILE},
        description=f"What {story.document.outputs.get(name, name)} gives.",
        multipleValues="True",
    )


def _add_step(graph: Graph, story: RunStory, name: str, position: int) -> Ref:
    node = story.document.nodes[name]
    return graph.add(
        step_id(story, name),
        "HowToStep",
        name=node.label or name,
        position=str(position),
        workExample={"@id": tool_id(node.tool or "")},
    )


def _add_connections(graph: Graph, story: RunStory) -> None:
    """Describe the wires: from parameter to parameter."""
    nodes = story.document.nodes
    for edge in story.edges():
        source = _source_parameter(story, edge.source)
        target = nodes[edge.node].tool
        if source and target:
            wire = graph.add(
                _scoped(story, "wire", str(edge)),
                "ParameterConnection",
                name=str(edge),
                sourceParameter={"@id": source},
                targetParameter={"@id": port_id(target, edge.port)},
            )
            graph.extend(step_id(story, edge.node), "connection", [wire])
    for name, text in story.document.outputs.items():
        if source := _source_parameter(story, Source.parse(text)):
            wire = graph.add(
                _scoped(story, "wire", f"{text} -> {name}"),
                "ParameterConnection",
                name=f"{text} -> {name}",
                sourceParameter={"@id": source},
                targetParameter={"@id": output_id(story, name)},
            )
            graph.extend(workflow_id(story), "connection", [wire])


def _source_parameter(story: RunStory, source: Source) -> str:
    if source.port is None:
        return (
            input_id(story, source.node) if source.node in story.document.inputs else ""
        )
    node = story.document.nodes.get(source.node)
    return port_id(node.tool, source.port) if node and node.tool else ""
