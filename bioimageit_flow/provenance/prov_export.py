"""A run in the words of W3C PROV: entities, activities, agents.

Items are entities, jobs are activities, tools and the program are software agents, the
user is a person; the workflow is a plan. Written by the ``prov`` library as PROV-JSON
or PROV-N.

Source: https://www.w3.org/TR/prov-dm/
"""

import json
from collections.abc import Iterable, Iterator, Set
from datetime import timedelta
from pathlib import Path

from prov.model import ProvDocument

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.data import Imported, Item, Produced
from bioimageit_flow.model.ids import JobId, RunId
from bioimageit_flow.model.run import JobRecord, JobState, Machine
from bioimageit_flow.model.shared import SharedOrigin
from bioimageit_flow.provenance.decided import (
    NOTHING_DECIDED,
    Decisions,
    words_of,
    words_of_value,
)
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.spooled_entities import SpooledEntities

_FLOW = "https://github.com/bioimageit/bioimageit-flow/ns#"
_URN = "urn:uuid:"

_PART = 200
"""Jobs that are told in one document."""

_Facts = dict[str, str | int | float | bool]

FORMATS = {"json": "json", "provn": "provn"}
"""Formats that can be written, by the ending of the file."""


def prov_pieces(
    story: RunStory,
    format: str,
    spool: Path,
    decisions: Decisions = NOTHING_DECIDED,
) -> Iterator[str]:
    """Go through a run as the pieces of the text of a PROV document.

    Parameters
    ----------
    format : str
        ``json`` or ``provn``.
    spool : Path
        A file that is not there yet, in which statements wait; who owns its folder
        removes it.
    """
    parts = prov_documents(story, decisions)
    return _provn(parts) if format == "provn" else _json(parts, spool)


def prov_documents(
    story: RunStory, decisions: Decisions = NOTHING_DECIDED
) -> Iterator[ProvDocument]:
    """Go through a run, and what people decided about its data, in PROV documents.

    Together they say everything; each is small, however many jobs there are, and is
    empty once the next is asked for.
    """
    for part in _parts(story, decisions):
        yield part
        _let_go(part)


def _parts(story: RunStory, decisions: Decisions) -> Iterator[ProvDocument]:
    writer = _Writer()
    told = {one.record.id for one in story.earlier}
    for one in (story, *story.earlier):
        yield from writer.take(one, told)
    writer.decide(decisions)
    yield writer.cut()


def _let_go(document: ProvDocument) -> None:
    """Untie a document that was written from its records, which name it as well.

    Tied, they stay in memory until Python looks for circles: a few thousand jobs.
    """
    for owner, names in (
        (document, ("_records", "_id_map")),
        *((namespace, ("_cache",)) for namespace in document.namespaces),
    ):
        for name in names:  # no version of the library has another way
            tied = getattr(owner, name, None)
            if isinstance(tied, list | dict):
                tied.clear()


def _provn(parts: Iterable[ProvDocument]) -> Iterator[str]:
    """Join documents of the same prefixes: each is the lines between two others."""
    for number, part in enumerate(parts):
        head, blank, rest = part.get_provn().partition("\n  \n")
        if number == 0:
            yield head + blank
        yield rest.removesuffix("endDocument")
    yield "endDocument\n"


def _json(parts: Iterable[ProvDocument], spool: Path) -> Iterator[str]:
    """Join documents: what is of one type stands together; relations are numbered."""
    sections: dict[str, int] = {}
    prefixes: dict[str, str] = {}
    with SpooledEntities(spool) as waiting:
        for part in parts:
            for section, told in json.loads(
                part.serialize(format="json") or "{}"
            ).items():
                if section == "prefix":
                    prefixes |= told
                    continue
                for id_, facts in told.items():
                    text = json.dumps(facts, ensure_ascii=False)
                    sections[section] = sections.get(section, 0) + 1
                    if id_.startswith("_:"):
                        waiting.note(section, f"_:{section}{sections[section]}", text)
                    elif len(text) > len(waiting.noted(section, id_) or ""):
                        waiting.note(section, id_, text)
        yield f'{{"prefix": {json.dumps(prefixes)}'
        for section in sections:
            yield f",\n {json.dumps(section)}: {{"
            before = "\n"
            for id_, text in waiting.notes(section):
                yield f"{before}  {json.dumps(id_, ensure_ascii=False)}: {text}"
                before = ",\n"
            yield "\n }"
        yield "\n}\n"


class _Writer:
    """Writes the statements, some at a time."""

    def __init__(self) -> None:
        self._agents: dict[str, str] = {}
        self._said: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self.document = ProvDocument()
        self.document.add_namespace("flow", _FLOW)
        self.document.add_namespace("uuid", _URN)

    def cut(self) -> ProvDocument:
        """Return what was told since the last time."""
        document = self.document
        self._begin()
        return document

    def take(self, story: RunStory, elsewhere: Set[RunId]) -> Iterator[ProvDocument]:
        """Tell of one run; what the runs elsewhere made is told there."""
        self._story = story
        record = story.record
        self._plan = f"flow:workflow-{record.workflow_sha256}"
        if self._is_new(self._plan):
            self.document.entity(
                self._plan,
                {
                    "prov:type": "prov:Plan",
                    "prov:label": record.name,
                    "flow:sha256": record.workflow_sha256,
                    "flow:workflow": record.workflow_id,
                },
            )
        self._people(record.machine)
        self._run()
        for number, item in enumerate(story.given(), 1):
            origin = item.origin
            if not (isinstance(origin, Produced) and origin.run in elsewhere):
                self.document.entity(f"uuid:{item.id}", _facts(item))
            if number % _PART == 0:
                yield self.cut()
        for number, job in enumerate(story.jobs, 1):
            self._job(job)
            if number % _PART == 0:
                yield self.cut()
        yield self.cut()

    def decide(self, decisions: Decisions) -> None:
        """Tell of the changes that people made."""
        for change in decisions.changes:
            id_ = f"flow:change-{change.n}"
            facts: _Facts = {
                "prov:type": "flow:Change",
                "prov:label": words_of(change),
                "flow:note": change.note,
                "flow:sha256": change.sha256,
            }
            self.document.activity(id_, change.at, change.at, facts)
            self.document.wasAssociatedWith(id_, self._user(change.user, change.orcid))
        told = {change.n for change in decisions.changes}
        for item, row in decisions.rows:
            if row.change in told:
                self.document.used(
                    f"flow:change-{row.change}",
                    f"uuid:{item.id}",
                    other_attributes={"flow:value": words_of_value(row)},
                )

    def _is_new(self, id_: str) -> bool:
        """Say whether something is to be told, and remember that it is."""
        if id_ in self._said:
            return False
        self._said.add(id_)
        return True

    def _people(self, machine: Machine) -> None:
        self._person = self._user(machine.user, machine.orcid)
        self._program = f"flow:bioimageit-flow-{_name(machine.program_version)}"
        if not self._is_new(self._program):
            return
        self.document.agent(
            self._program,
            {
                "prov:type": "prov:SoftwareAgent",
                "prov:label": f"BioImageIT Flow {machine.program_version}",
                "flow:python": machine.python,
                "flow:os": machine.os,
            },
        )
        self.document.actedOnBehalfOf(self._program, self._person)

    def _user(self, user: str, orcid: str) -> str:
        id_ = f"flow:user-{_name(user)}" + (f"-{orcid}" if orcid else "")
        if self._is_new(id_):
            facts: _Facts = {"prov:type": "prov:Person", "prov:label": user}
            if orcid:
                facts["flow:orcid"] = f"https://orcid.org/{orcid}"
            self.document.agent(id_, facts)
        return id_

    def _run(self) -> None:
        record, summary = self._story.record, self._story.summary
        self._run_id = f"uuid:{record.id}"
        self.document.activity(
            self._run_id,
            record.started,
            self._story.ended,
            {
                "prov:type": "flow:Run",
                "prov:label": record.folder,
                "flow:state": str(summary.state),
            },
        )
        self.document.wasAssociatedWith(self._run_id, self._program, self._plan)
        self.document.wasAssociatedWith(self._run_id, self._person)

    def _job(self, job: JobRecord) -> None:
        id_ = f"uuid:{job.id}"
        ended = None
        if job.started is not None:
            ended = job.started + timedelta(seconds=job.elapsed_s)
        facts: _Facts = {
            "prov:type": "flow:Job",
            "prov:label": job.node,
            "flow:node": job.node,
            "flow:state": str(job.state),
            "flow:fingerprint": job.fingerprint,
            "flow:parameters": canonical_json(dict(job.parameters)),
            "flow:runtime": job.runtime.name,
            "flow:environment": job.runtime.identity,
        }
        if job.units:
            facts["flow:units"] = canonical_json(dict(job.units))
        if job.command:
            facts["flow:command"] = canonical_json(list(job.command))
        if job.exit_code is not None:
            facts["flow:exitCode"] = job.exit_code
        if job.peak_memory is not None:
            facts["flow:peakMemory"] = job.peak_memory
        if job.message:
            facts["flow:message"] = job.message
        if converted := conversions_of(job.parts):
            facts["flow:converted"] = "; ".join(converted)
        self.document.activity(id_, job.started, ended, facts)
        self.document.wasStartedBy(id_, starter=self._run_id)
        self.document.wasAssociatedWith(id_, self._tool(job.tool), self._plan)
        for edge in job.consumed:
            role = {"prov:role": f"flow:{_name(edge.port)}", "flow:edge": edge.edge}
            self.document.used(
                id_, f"uuid:{edge.item}", job.started, other_attributes=role
            )
        for made in job.produced:
            entity = f"uuid:{made.id}"
            self.document.entity(entity, _facts(self._story.items[made.id]))
            role = {"prov:role": f"flow:{_name(made.port)}"}
            self.document.wasGeneratedBy(entity, id_, ended, other_attributes=role)
            for edge in job.consumed:
                self.document.wasDerivedFrom(entity, f"uuid:{edge.item}", id_)
        if job.state is JobState.REUSED and job.reused_from is not None:
            self._reused(job, job.reused_from)
        if job.shared is not None:
            self._shared(job, job.shared)

    def _reused(self, job: JobRecord, maker: JobId) -> None:
        """Say which earlier job made the bytes that a reused one points to."""
        source = self.document.activity(f"uuid:{maker}", None, None)
        self.document.wasInformedBy(f"uuid:{job.id}", source)

    def _shared(self, job: JobRecord, origin: SharedOrigin) -> None:
        """Say which job of another experiment made what was taken from a folder."""
        maker = origin.record.get("job")
        id_ = f"uuid:{maker}"
        if self._is_new(id_):
            facts: _Facts = {
                "prov:type": "flow:Job",
                "prov:label": origin.words,
                "flow:experiment": origin.experiment,
                "flow:experimentId": origin.experiment_id,
                "flow:run": origin.run,
                "flow:host": origin.host,
                "flow:sharedFolder": origin.folder,
                "flow:record": canonical_json(dict(origin.record)),
            }
            self.document.activity(id_, None, None, facts)
            self.document.wasAssociatedWith(id_, self._user(origin.user, ""))
        self.document.wasInformedBy(f"uuid:{job.id}", id_)

    def _tool(self, reference: str) -> str:
        if reference not in self._agents:
            id_, _, version = reference.partition("@")
            found = self._story.tools.get(reference)
            facts: _Facts = {
                "prov:type": "prov:SoftwareAgent",
                "prov:label": found.tool.name if found else id_,
                "flow:tool": reference,
                "flow:version": version,
            }
            self._agents[reference] = f"flow:tool-{_name(reference)}"
            self.document.agent(self._agents[reference], facts)
        return self._agents[reference]


def _facts(item: Item) -> _Facts:
    facts: _Facts = {
        "prov:label": item.name,
        "prov:type": "flow:RawItem" if _is_raw(item) else "flow:Item",
        "flow:sha256": item.content.sha256,
        "flow:size": item.content.size,
        "flow:kind": str(item.info.kind),
        "flow:format": item.info.format,
        "flow:dataset": item.dataset,
    }
    if item.selector:
        facts["flow:selector"] = item.selector
    for key, value in item.annotations.items():
        facts[f"flow:annotation-{_name(key)}"] = value
    return facts


def _is_raw(item: Item) -> bool:
    return isinstance(item.origin, Imported)


def _name(text: str) -> str:
    """Return a text as the local part of a name: ASCII letters, digits, ``._-``."""
    return "".join(
        one if one.isascii() and (one.isalnum() or one in "._-") else f"_{ord(one):x}_"
        for one in text
    )
