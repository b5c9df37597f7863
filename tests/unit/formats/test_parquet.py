import importlib.util
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.formats import probe, read_table
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]

HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A file with the signature and an empty footer, which no library reads."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(10) + struct.pack("<I4s", 10, b"PAR1"))
    return path


def test_signature_makes_a_table(shell: Path) -> None:
    assert (probe(shell).kind, probe(shell).format) == (Kind.TABLE, "parquet")


@pytest.mark.parametrize("size", [4, 8, 20])
def test_refuses_truncated_file(shell: Path, refused: Refused, size: int) -> None:
    shell.write_bytes(shell.read_bytes()[:size])
    assert "truncated" in refused(lambda: probe(shell))


def test_says_what_to_install(
    shell: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("bioimageit_flow.formats.parquet.import_module", missing)
    assert "pip install pyarrow" in refused(lambda: read_table(shell))


@pytest.mark.skipif(not HAS_PYARROW, reason="pyarrow is not installed")
def test_damaged_file_is_one_sentence(shell: Path, refused: Refused) -> None:
    assert "cannot be read" in refused(lambda: read_table(shell))


@pytest.mark.skipif(not HAS_PYARROW, reason="pyarrow is not installed")
def test_rows_come_back(tmp_path: Path) -> None:
    import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]
    import pyarrow.parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]

    path = tmp_path / "a.parquet"
    table = pyarrow.table({"label": [1, 2], "area": [1.5, None], "name": ["a", "b"]})
    pyarrow.parquet.write_table(table, path)
    read = read_table(path)
    assert read.columns == ("label", "area", "name")
    assert read.column("label") == (1, 2)
    assert read.column("name") == ("a", "b")
    assert read.column("area")[0] == 1.5
