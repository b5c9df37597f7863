import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioimageit_flow.formats import check_output, probe, read_table
from bioimageit_flow.model.kinds import Kind

Refused = Callable[[Callable[[], object]], str]


@pytest.fixture
def table(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "a.csv"
        path.write_bytes(data)
        return path

    return write


Write = Callable[[bytes], Path]


def test_is_a_table_and_may_be_points_or_tracks(table: Write) -> None:
    path = table(b"label,area\n1,20.5\n")
    assert (probe(path).kind, probe(path).format) == (Kind.TABLE, "csv")
    assert probe(path, kind=Kind.POINTS).kind is Kind.POINTS
    assert probe(path, kind=Kind.TRACKS).kind is Kind.TRACKS


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r\n2,y",
        b"\xef\xbb\xbfa,b\n\n1,x\n2,y\n\n",
        b'"a","b"\n"1","x"\n"2","y"\n',
    ],
)
def test_ways_to_write_the_same(table: Write, data: bytes) -> None:
    read = read_table(table(data))
    assert read.columns == ("a", "b")
    assert read.rows == ((1, "x"), (2, "y"))


def test_cells_may_hold_commas_quotes_and_line_ends(table: Write) -> None:
    read = read_table(table(b'a\n"x, ""y""\nz"\n'))
    assert read.rows == (('x, "y"\nz',),)


def test_header_alone_is_an_empty_table(table: Write) -> None:
    read = read_table(table(b"a,b\n"))
    assert (read.columns, len(read)) == (("a", "b"), 0)


def test_first_column_of_imagej_has_a_blank_name(table: Write) -> None:
    assert read_table(table(b" ,Area\n1,20\n")).columns == (" ", "Area")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a;b\n1;2\n", "semicolons"),
        (b"a\tb\n1\t2\n", "tabs"),
        (b"a,a\n1,2\n", "two columns called 'a'"),
        (b"1,2\n3,4\n", "no header"),
        (b"\n\n", "no header"),
        (b"a,\xb5m\n1,2\n", "not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "not UTF-8"),
        (b"a,b\0\n1,2\n", "not text"),
        (b'a,"b\n1,2\n', "not CSV"),
    ],
)
def test_probe_refuses(
    table: Write, refused: Refused, data: bytes, reason: str
) -> None:
    assert reason in refused(lambda: probe(table(data)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a,b\n1,2\n3\n", "1 cells in line 3 where its header has 2"),
        (b"a,b\n1,2\n3,4,5\n", "3 cells in line 3"),
        (b'a,b\n1,2\n3,"4\n', "line 3"),
        (b"a,b\n" + b"1,2\n" * 9999 + b"3,\xff\n", "not UTF-8"),
    ],
)
def test_whole_file_is_checked_as_an_output(
    table: Write, refused: Refused, data: bytes, reason: str
) -> None:
    path = table(data)
    probe(path)
    assert reason in refused(lambda: check_output(path, Kind.TABLE, "csv", None))
    assert reason in refused(lambda: read_table(path))


def test_long_text_in_a_cell_is_read(table: Write) -> None:
    outline = "1 " * 200_000
    read = read_table(table(f"a,outline\n1,{outline}\n".encode()))
    assert read.rows == ((1, outline),)


@pytest.mark.parametrize(
    "endless", [b"a" * 2000, b"a,b\n" + b"," * 2000, b'a\n"' + b"x\n" * 1000]
)
def test_endless_row_is_refused(
    table: Write, refused: Refused, monkeypatch: pytest.MonkeyPatch, endless: bytes
) -> None:
    monkeypatch.setattr("bioimageit_flow.formats.csv_text.MAX_RECORD", 1000)
    path = table(endless)
    text = refused(lambda: check_output(path, Kind.TABLE, "csv", None))
    assert "more than 1000 characters" in text


def test_many_short_rows_are_not_an_endless_row(
    table: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.formats.csv_text.MAX_RECORD", 10)
    assert len(read_table(table(b"a,b\n" + b"1,2\n" * 100))) == 100


def test_large_table_asks_for_memory(
    table: Write, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioimageit_flow.formats.csv_text._MEMORY_PER_BYTE", 2**60)
    assert "memory" in refused(lambda: read_table(table(b"a\n1\n")))


cells = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells), max_size=6))
def test_what_is_written_is_read(
    tmp_path: Path, rows: list[tuple[int | float | str, int | float | str]]
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("first", "second"), *rows])
    read = read_table(path)
    assert len(read) == len(rows)
    for written, found in zip(rows, read.rows, strict=True):
        for before, after in zip(written, found, strict=True):
            if isinstance(after, str):
                assert after == str(before)
            else:
                number = float(str(before).strip() or "nan")
                assert after == pytest.approx(number, rel=1e-12, nan_ok=True)
