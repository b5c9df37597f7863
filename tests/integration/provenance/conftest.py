from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine.lab import Lab


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_WORK", str(tmp_path / "work"))
    lab = Lab(tmp_path)
    yield lab
    lab.close()
    left = list((tmp_path / "work").glob("*"))
    assert left == [], "a run left its work folder behind"
