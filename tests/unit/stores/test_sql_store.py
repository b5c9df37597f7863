from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.stores.server import Server
from bioimageit_flow.stores.sql import SqlStore
from bioimageit_flow.testing.memory_store import MemoryStore
from bioimageit_flow.testing.store import StoreContract


class TestSqlStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        store = SqlStore.create(tmp_path / "experiment.db", "An experiment")
        yield store
        store.close()


class TestSqlStoreWithoutLog(StoreContract):
    """As on a network file system."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        path = tmp_path / "experiment.db"
        store = SqlStore.create(path, "An experiment", has_wal=False)
        yield store
        store.close()


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, server_place: Server) -> Iterator[SqlStore]:
        store = SqlStore.create(server_place, "An experiment")
        yield store
        store.close()


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
