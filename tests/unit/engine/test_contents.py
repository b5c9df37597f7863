import gc
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.engine import contents
from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.model.data import Content, Location
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.stores import create_experiment
from bioimageit_flow.stores.importing import import_files


def test_contents_are_found_though_few_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "REMEMBERED", 3)
    folder, store = create_experiment(tmp_path / "experiment")
    files = [tmp_path / f"{n}.txt" for n in range(12)]
    for path in files:
        path.write_text(path.name)
    with folder, closing(store):
        import_files(folder, store, files, dataset="raw")
        wanted = {item.name: item.content for item in store.items()}
        asked: list[int] = []
        locations = store.locations

        def counted(some: Iterable[Sha256]) -> dict[Sha256, Location]:
            asked.append(1)
            return locations(some)

        monkeypatch.setattr(store, "locations", counted)
        monkeypatch.setattr(store, "location", _not_one_by_one)
        finder = ContentFinder(folder, store)

        for _ in range(2):
            finder.expect(wanted.values())
            found = {name: finder.find(one) for name, one in wanted.items()}
            assert {name: path.read_text() for name, path in found.items()} == {
                name: name for name in wanted
            }

        assert len(asked) == 2
        gc.collect()
        kept = [one for one in gc.get_objects() if isinstance(one, contents._Seen)]
        assert len(kept) <= 3


def _not_one_by_one(content: Content) -> Location | None:
    raise AssertionError(f"the store was asked for {content} alone")
