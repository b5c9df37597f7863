import pytest

from bioimageit_flow.cli.problems import say_problems
from bioimageit_flow.model.problem import Problem, Severity


def unpaired(item: str) -> Problem:
    return Problem(
        "unpaired",
        Severity.ERROR,
        f"{item} has no partner.",
        node="join",
        item=item,
        fix="Mend.",
    )


def test_what_is_the_same_for_many_items_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_problems([unpaired(f"i{n}") for n in range(100)])

    said = " ".join(capsys.readouterr().out.split())
    assert "100 items (i0, i1, i2 and 97 more): each has no partner." in said
    assert said.count("Mend.") == 1


def test_different_problems_are_said_each(capsys: pytest.CaptureFixture[str]) -> None:
    other = Problem("other", Severity.WARNING, "Something else.")

    say_problems([unpaired("i1"), other])

    said = capsys.readouterr().out
    assert "i1 has no partner." in said
    assert "Something else." in said
