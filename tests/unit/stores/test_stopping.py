"""A long query is broken off in its middle, and the store goes on."""

from contextlib import closing
from pathlib import Path

import pytest

from bioimageit_flow.errors import Cancelled
from bioimageit_flow.model.chosen import Order, Selection
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.samples import raw_item

COUNT = 2_000
BY_DOSE = Order("dose", is_key=True)


def test_a_sort_is_broken_off_in_its_middle(tmp_path: Path) -> None:
    with closing(SqlStore.create(tmp_path / "experiment.db", "Many")) as store:
        store.add_raw_items(
            [raw_item(f"{n:05}", annotations={"dose": n % 7}) for n in range(COUNT)]
        )
        asked = 0

        def once() -> bool:
            nonlocal asked
            asked += 1
            return asked < 2

        with pytest.raises(Cancelled):
            store.ordered(Selection(), BY_DOSE, once)

        assert asked >= 2
        assert len(store.ordered(Selection(), BY_DOSE)) == COUNT
