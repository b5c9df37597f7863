from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.stores import create_experiment
from tests.unit.stores.lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    folder, store = create_experiment(tmp_path / "experiment")
    files = tmp_path / "files"
    files.mkdir()
    with folder, closing(store):
        yield Lab(folder, store, files)
    leftovers = [one.name for one in folder.path.rglob(".bioimageit-flow-*")]
    assert leftovers == []
    assert list((folder.cache / "importing").glob("*")) == []
