from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bioimageit_flow.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command line did."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def flow(capsys: pytest.CaptureFixture[str]) -> Say:
    """Return a function that runs the command line in this process."""

    def run(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
