import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bioimageit_flow.formats import compare, measure, probe, write_ome_tiff
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "a.ome.tif"
    array = np.array([[0, 0, 3], [7, 7, 65535]], np.uint16)
    write_ome_tiff(path, array, "YX", pixel_size_um={"x": 0.1, "y": 0.2})
    return path


def test_facts_of_labels(labels: Path) -> None:
    values = [0, 0, 3, 7, 7, 65535]
    mean = sum(values) / 6
    facts = measure(
        labels,
        probe(labels, kind=Kind.LABELS),
        ["kind", "format", "axes", "shape", "dtype", "min", "max", "mean", "std",
         "sum", "count", "pixel_size_um", "time_step_s", "channels"],
    )  # fmt: skip
    assert facts == {
        "kind": "labels",
        "format": "ome-tiff",
        "axes": "YX",
        "shape": [2, 3],
        "dtype": "uint16",
        "min": 0,
        "max": 65535,
        "mean": pytest.approx(mean),
        "std": pytest.approx(math.sqrt(sum((v - mean) ** 2 for v in values) / 6)),
        "sum": 65552,
        "count": 3,
        "pixel_size_um": {"x": 0.1, "y": 0.2},
        "time_step_s": None,
        "channels": [],
    }
    assert type(facts["min"]) is type(facts["count"]) is type(facts["sum"]) is int


@pytest.mark.parametrize(
    ("dtype", "value", "total"), [("int8", -3, -30), ("float32", 0.5, 5.0)]
)
def test_sums_do_not_overflow(
    tmp_path: Path, dtype: str, value: float, total: float
) -> None:
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, np.full((2, 5), value, dtype), "YX")
    assert measure(path, probe(path), ["sum"]) == {"sum": total}


def test_header_facts_read_no_pixels(
    labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = probe(labels)
    labels.unlink()
    assert measure(labels, info, ["shape", "dtype"])["shape"] == [2, 3]


def test_facts_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,area,name\n1,2.0,a\n2,,b\n3,4.0,c\n")
    facts = measure(path, probe(path), ["rows", "columns", "column"])
    assert facts["rows"] == 3
    assert facts["columns"] == ["label", "area", "name"]
    column = facts["column"]
    assert isinstance(column, dict)
    assert column["area"] == {
        "first": 2.0, "last": 4.0, "min": 2.0, "max": 4.0, "mean": 3.0, "std": 1.0,
        "sum": 6.0,
    }  # fmt: skip
    assert column["name"] == {"first": "a", "last": "c"}
    assert compare({"label": {"sum": 6, "min": {"min": 1}}}, column) == ""


def test_empty_table_has_no_column_facts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n")
    facts = measure(path, probe(path), ["rows", "column"])
    assert facts == {"rows": 0, "column": {"a": {}}}


def test_facts_of_a_scalar(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"value": 0.01, "unit": "", "groups": {"a": 3}}')
    info = probe(path)
    facts = measure(path, info, ["value", "groups", "kind"])
    assert facts == {"value": 0.01, "groups": {"a": 3}, "kind": "scalar"}
    text = refused(lambda: measure(path, info, ["p_value"]))
    assert "no property 'p_value'" in text
    assert "It has kind, format, value, unit, groups." in text


def test_unknown_property_names_the_known(labels: Path, refused: Refused) -> None:
    text = refused(lambda: measure(labels, probe(labels), ["rows"]))
    assert "no property 'rows'" in text
    assert "axes, shape" in text


def test_every_file_has_kind_and_format(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    assert measure(path, probe(path), ["format"]) == {"format": "text"}
    assert measure(path, probe(path), []) == {}
    assert "It has kind, format." in refused(
        lambda: measure(path, probe(path), ["value"])
    )
