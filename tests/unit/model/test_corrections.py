from dataclasses import replace

import pytest

from bioimageit_flow.model.corrections import read_corrections
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

STACK = DataInfo(
    Kind.IMAGE, "tiff", "ZCYX", (5, 2, 8, 9), "uint8", {"x": 1.0}, None, ("a", "b")
)


def test_corrections_are_what_the_header_should_have_said() -> None:
    facts = read_corrections(
        STACK,
        {
            "axes": "tcyx",
            "pixel_size_um": {"y": "0.5"},
            "time_step_s": 2,
            "channels": ["DAPI", "GFP"],
        },
    )
    info = STACK.with_corrections(facts)
    assert info == replace(
        STACK,
        axes="TCYX",
        pixel_size_um={"x": 1.0, "y": 0.5},
        time_step_s=2.0,
        channels=("DAPI", "GFP"),
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"axes": "YX"}, "the image has 4 dimensions"),
        ({"axes": "ZZYX"}, "once"),
        ({"axes": "ZYCX"}, "stay where they are"),
        ({"pixel_size_um": 0}, "above 0"),
        ({"pixel_size_um": {"t": 1}}, "no axis 't'"),
        ({"pixel_size_um": "wide"}, "above 0"),
        ({"time_step_s": 1}, "no axis T"),
        ({"channels": ["a"]}, "the image has 2"),
        ({"channels": "ab"}, "a list of names"),
        ({"dtype": "uint8"}, "cannot be corrected"),
    ],
)
def test_corrections_that_do_not_fit_are_refused(
    facts: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        read_corrections(STACK, facts)


def test_table_has_nothing_to_correct() -> None:
    with pytest.raises(ValueError, match="no image"):
        read_corrections(DataInfo(Kind.TABLE, "csv"), {"axes": "YX"})
