"""A small reader of run crates that trusts nothing: it checks what they say is true."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Entity = dict[str, Any]


@dataclass
class CrateReader:
    """A crate in a folder.

    Attributes
    ----------
    entities : dict
        By ``@id``.
    """

    folder: Path
    entities: dict[str, Entity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = (self.folder / "ro-crate-metadata.json").read_text(encoding="utf-8")
        for entity in json.loads(text)["@graph"]:
            assert entity["@id"] not in self.entities, f"twice: {entity['@id']}"
            self.entities[entity["@id"]] = entity

    def of_type(self, type_: str) -> list[Entity]:
        return [e for e in self.entities.values() if type_ in _list(e["@type"])]

    def jobs(self) -> list[Entity]:
        """Return the actions of the tools."""
        return [
            action
            for action in self.of_type("CreateAction")
            if "ComputationalWorkflow"
            not in self.entities[action["instrument"]["@id"]]["@type"]
        ]

    def run(self) -> Entity:
        """Return the action of the workflow."""
        (organised,) = self.of_type("OrganizeAction")
        return self.entities[organised["result"]["@id"]]

    def runs(self) -> list[Entity]:
        """Return the actions of all workflows."""
        organised = self.of_type("OrganizeAction")
        return [self.entities[one["result"]["@id"]] for one in organised]

    def files(self) -> list[Entity]:
        """Return the data: files with a checksum."""
        return [e for e in self.entities.values() if "sha256" in e and "name" in e]

    def producer(self, file: str) -> Entity | None:
        """Return the job that made a file; there may be one at most."""
        makers = [job for job in self.jobs() if file in ids(job.get("result"))]
        assert len(makers) <= 1, f"{file} has {len(makers)} producers"
        return makers[0] if makers else None

    def raw(self, file: str) -> set[str]:
        """Walk back from a file to what nobody made."""
        job = self.producer(file)
        if job is None:
            return {file}
        inputs = [one for one in ids(job.get("object")) if self.is_file(one)]
        assert inputs, f"{job['@id']} made {file} of nothing"
        return set().union(*(self.raw(one) for one in inputs))

    def is_file(self, id_: str) -> bool:
        return bool({"File", "Dataset"} & set(_list(self.entities[id_]["@type"])))

    def path(self, file: str) -> Path:
        """Return where the bytes of a file lie; those of a shared one, once."""
        for shared in ids(self.entities[file].get("sameAs")):
            assert self.entities[shared]["sha256"] == self.entities[file]["sha256"]
            return self.path(shared)
        if file.startswith("file:"):
            return Path(unquote(urlsplit(file).path))
        return self.folder / unquote(file)

    def lies(self) -> list[str]:
        """Return a sentence for everything that is not true."""
        return [
            *self._dangling(),
            *self._false_hashes(),
            *self._orphans(),
        ]

    def _dangling(self) -> list[str]:
        return [
            f"{entity['@id']} names {id_}, which is not there"
            for entity in self.entities.values()
            for value in entity.values()
            for id_ in ids(value)
            if not id_.startswith(("http", "urn")) and id_ not in self.entities
        ]

    def _false_hashes(self) -> list[str]:
        found = []
        for file in self.of_type("File"):
            if "sha256" not in file:
                continue
            path = self.path(file["@id"])
            if not path.is_file():
                found.append(f"{file['@id']} is not there")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                found.append(f"{file['@id']} has other bytes")
            elif str(path.stat().st_size) != file.get(
                "contentSize", str(path.stat().st_size)
            ):
                found.append(f"{file['@id']} has another size")
        found += [
            f"{folder['@id']} has other bytes"
            for folder in self.of_type("Dataset")
            if folder.get("sha256", "")
            not in ("", _hash_of_folder(self.path(folder["@id"])))
        ]
        return found

    def _orphans(self) -> list[str]:
        given = {one for run in self.runs() for one in ids(run.get("object"))}
        given |= {raw for one in given for raw in self.raw(one)}  # by earlier runs
        made = [one for job in self.jobs() for one in ids(job.get("result"))]
        return [
            f"{one} comes from {stray}, which the run never had"
            for one in made
            if (stray := self.raw(one) - given)
        ] + [
            f"the result {one} was made by nobody"
            for run in self.runs()
            for one in ids(run.get("result"))
            if self.producer(one) is None
        ]


def ids(value: object) -> list[str]:
    """Return the ids that a property refers to."""
    return [one["@id"] for one in _list(value) if isinstance(one, dict)]


def _hash_of_folder(folder: Path) -> str:
    """Return the hash of the lines ``["name",size,"sha256"]`` of its files."""
    lines = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            line = [name, len(data), hashlib.sha256(data).hexdigest()]
            text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
            lines.append((name.encode(), f"{text}\n".encode()))
    return hashlib.sha256(b"".join(line for _, line in sorted(lines))).hexdigest()


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
