"""Making and opening an experiment: its folder together with its store."""

from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.presence import guard
from bioimageit_flow.stores.sql import SqlStore


def create(path: Path, name: str) -> tuple[ExperimentFolder, SqlStore]:
    """Make a new experiment; see `bioimageit_flow.stores.create_experiment`."""
    folder = ExperimentFolder.create(path)
    with guard(folder.signs):
        try:
            store = SqlStore.create(
                folder.database,
                name or folder.path.name,
                has_wal=not folder.is_on_network,
            )
        except StoreError:
            folder.discard_new()
            raise
    return _entered(folder, store)


def open_(path: Path, *, read_only: bool) -> tuple[ExperimentFolder, SqlStore]:
    """Open an experiment; see `bioimageit_flow.stores.open_experiment`."""
    folder = ExperimentFolder.open(path, read_only=read_only)
    store = SqlStore(
        folder.database,
        read_only=folder.is_read_only,
        has_wal=not folder.is_on_network,
    )
    return _entered(folder, store)


def _entered(
    folder: ExperimentFolder, store: SqlStore
) -> tuple[ExperimentFolder, SqlStore]:
    try:
        folder.enter(store.recorded_paths)
    except BaseException:
        store.close()
        raise
    return folder, store
