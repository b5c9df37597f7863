"""What people decided, as actions of theirs."""

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.changes import Change, ChangeKind, ItemChange
from bioimageit_flow.model.data import Item
from bioimageit_flow.provenance.crate.about import CrateOptions, add_agent
from bioimageit_flow.provenance.crate.actions import AddFile
from bioimageit_flow.provenance.crate.graph import Graph, Ref, local
from bioimageit_flow.provenance.decided import Decisions, words_of, words_of_value


def add_decisions(
    graph: Graph, decisions: Decisions, add_file: AddFile, options: CrateOptions
) -> None:
    """Describe each change as an action of who made it, on the files it is about."""
    for change in decisions.changes:
        graph.extend("./", "mentions", [_add_change(graph, change, options)])
    for item, row in decisions.rows:
        id_ = _change_id(row.change)
        if id_ in graph:
            graph.extend(id_, "object", [add_file(item), _add_value(graph, item, row)])
    for item, row in decisions.left_out:  # told of, but their files stay away
        id_ = _change_id(row.change)
        if id_ in graph:
            graph.extend(id_, "object", [_add_value(graph, item, row)])


def _add_value(graph: Graph, item: Item, row: ItemChange) -> Ref:
    return graph.add(
        local("change", str(row.change), item.id, str(row.aspect), row.key),
        "PropertyValue",
        name=row.key or str(row.aspect),
        value="none" if row.new is None else str(row.new),
        description=f"{item.name}: {words_of_value(row)}",
    )


def _change_id(number: int) -> str:
    return local("change", str(number))


def _add_change(graph: Graph, change: Change, options: CrateOptions) -> Ref:
    at = change.at.isoformat(timespec="milliseconds")
    program = graph.add(
        "#engine",
        "SoftwareApplication",
        name="BioImageIT Flow",
        softwareVersion="not recorded",
        description="The program with which people changed the experiment.",
        url={"@id": "https://github.com/bioimageit"},
    )
    is_short = change.kind in (ChangeKind.CHOOSE, ChangeKind.KEY)
    record = graph.add(
        local("change", str(change.n), "record"),
        "CreativeWork",
        name=f"Record {change.n} of the changes",
        identifier=change.sha256,
        text=canonical_json(dict(change.details)) if is_short else None,
    )
    undone = "" if change.undone_by is None else f" Undone by {change.undone_by}."
    return graph.add(
        _change_id(change.n),
        "UpdateAction",
        name=f"{words_of(change)} by {change.user}",
        description=f"Change {change.n}: {change.note or words_of(change)}.{undone}",
        instrument=program,
        agent=_add_person(graph, change, options),
        startTime=at,
        endTime=at,
        result=[record],
        actionStatus="http://schema.org/CompletedActionStatus",
    )


def _add_person(graph: Graph, change: Change, options: CrateOptions) -> Ref:
    """Describe who changed something; not everybody is who made the run."""
    url = change.orcid and f"https://orcid.org/{change.orcid}"
    if url and url in graph:
        return {"@id": url}
    if not url and options.person in ("", change.user) and not options.orcid:
        return add_agent(graph, change.user, "", options)
    id_ = url or local("person", change.user)
    return graph.add(id_, "Person", name=change.user)
