import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.formats import probe, read_scalar
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


@pytest.fixture
def document(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "a.json"
        path.write_text(text, encoding="utf-8")
        return path

    return write


Write = Callable[[str], Path]


def test_object_with_value_is_a_scalar(document: Write) -> None:
    path = document('{"value": 0.0012, "unit": "", "n": 40}')
    assert (probe(path).kind, probe(path).format) == (Kind.SCALAR, "json")
    assert read_scalar(path) == {"value": 0.0012, "unit": "", "n": 40}


@pytest.mark.parametrize("text", ["[1, 2]", '{"a": 1}', "3", "null"])
def test_other_json_is_a_file(document: Write, refused: Refused, text: str) -> None:
    path = document(text)
    assert probe(path).kind is Kind.FILE
    assert "not a scalar" in refused(lambda: probe(path, kind=Kind.SCALAR))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("a,b", "not JSON"),
        ('{"value": NaN}', "holds NaN"),
        ('{"value": -Infinity}', "holds -Infinity"),
        ("[" * 100_000, "not JSON"),
        ('{"value": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_refuses(document: Write, refused: Refused, text: str, reason: str) -> None:
    path = document(text)
    assert reason in refused(lambda: probe(path))
    assert reason in refused(lambda: read_scalar(path))


def test_refuses_other_encodings(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps({"value": 1}).encode("utf-16"))
    assert "not JSON" in refused(lambda: probe(path))


def test_scalar_must_be_an_object(document: Write, refused: Refused) -> None:
    assert "no JSON object" in refused(lambda: read_scalar(document("[1]")))


def test_large_file_is_not_parsed(
    document: Write, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.formats.json_text.MAX_PARSED_BYTES", 10)
    path = document('{"value": 1, "broken"')
    assert probe(path).kind is Kind.FILE
    assert "larger than" in refused(lambda: read_scalar(path))
    assert "not JSON" in refused(lambda: probe(document("broken as can be")))
