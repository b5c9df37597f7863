from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.refusal import Refusal, naming, shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a b.tif", "'a b.tif'"),
        ("it's.tif", "'it's.tif'"),
        ("-µ漢.tif", "'-µ漢.tif'"),
        ("a\nb\x1b[31m.tif", r"'a\nb\x1b[31m.tif'"),
        ("a\udcff.tif", r"'a\udcff.tif'"),
        ("a\u202eb.tif", r"'a\u202eb.tif'"),
    ],
)
def test_names_are_one_visible_line(name: str, text: str) -> None:
    assert shown(name) == text
    text.encode()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refusal("is odd", "Mend it."), "'a.tif' is odd. Mend it."),
        (FileNotFoundError(), "does not exist"),
        (NotADirectoryError(), "does not exist"),
        (PermissionError(), "permission denied"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
def test_errors_name_the_file(error: Exception, reason: str) -> None:
    with pytest.raises(DataError) as caught, naming(Path("a.tif")):
        raise error
    assert reason in str(caught.value)
    assert str(caught.value).startswith("'a.tif' ")
    assert caught.value.remedy
    assert caught.value.__cause__ is error
