from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.looking import LookingLab


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LookingLab]:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    made = LookingLab(tmp_path)
    yield made
    made.close()
