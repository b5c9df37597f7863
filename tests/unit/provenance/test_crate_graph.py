"""The graph of a crate waits in a file, and is written entity by entity."""

import json
from pathlib import Path

import pytest

from bioimageit_flow.provenance.crate.graph import Graph, refs


def written(graph: Graph) -> list[dict[str, object]]:
    return [json.loads("".join(pieces)) for pieces in graph.texts()]


def test_entities_are_written_once_in_the_order_of_coming(tmp_path: Path) -> None:
    with Graph(tmp_path / "spool") as graph:
        graph.add("#b", "Thing", name="first", empty=[])
        graph.add("#a", "Thing", name="é")
        graph.add("#b", "Thing", name="second")

        assert written(graph) == [
            {"@id": "#b", "@type": "Thing", "name": "first"},
            {"@id": "#a", "@type": "Thing", "name": "é"},
        ]


def test_what_is_appended_follows_what_was_added_each_once(tmp_path: Path) -> None:
    with Graph(tmp_path / "spool") as graph:
        graph.add("#a", "Thing", part=refs(["#1"]), one=refs(["#1"]))
        graph.extend("#a", "part", refs(["#1", "#2"]))
        graph.extend("#a", "part", refs(["#2", "#3"]))
        graph.extend("#a", "new", refs(["#4"]))

        (entity,) = written(graph)

    assert entity["part"] == refs(["#1", "#2", "#3"])
    assert entity["one"] == {"@id": "#1"}, "a list of one is written as its value"
    assert entity["new"] == {"@id": "#4"}


def test_entity_that_is_not_there_is_told(tmp_path: Path) -> None:
    with Graph(tmp_path / "spool") as graph:
        assert "#a" not in graph
        with pytest.raises(KeyError):
            graph.entity("#a")


def test_file_that_cannot_be_written_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unable to open"):
        Graph(tmp_path / "nowhere" / "spool")
