"""Making and opening an experiment: its folder together with its store."""

import platform
from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.homes import check_home, home_of
from bioimageit_flow.stores.layout import SERVER
from bioimageit_flow.stores.presence import guard
from bioimageit_flow.stores.server import Server, new_server, read_server
from bioimageit_flow.stores.sql import SqlStore


def create(path: Path, name: str, url: str) -> tuple[ExperimentFolder, SqlStore]:
    """Make a new experiment; see `bioimageit_flow.stores.create_experiment`."""
    folder = ExperimentFolder.create(path)
    with guard(folder.signs):
        try:
            store = _new_store(folder, name or folder.path.name, url)
        except StoreError:
            folder.discard_new()
            raise
    return _entered(folder, store)


def _new_store(folder: ExperimentFolder, name: str, url: str) -> SqlStore:
    if not url:
        return SqlStore.create(folder.database, name, has_wal=not folder.is_on_network)
    server = new_server(url, folder.path, name)
    store = SqlStore.create(server, name)
    try:
        server.write(store.facts().uuid)
        store.remember_home(platform.node(), home_of(folder.path))
    except StoreError:
        store.discard()
        raise
    folder.has_server = True
    return store


def open_(path: Path, *, read_only: bool) -> tuple[ExperimentFolder, SqlStore]:
    """Open an experiment; see `bioimageit_flow.stores.open_experiment`."""
    folder = ExperimentFolder.open(path, read_only=read_only)
    server = read_server(folder.path) if folder.has_server else None
    store = SqlStore(
        server or folder.database,
        read_only=folder.is_read_only,
        has_wal=not folder.is_on_network,
    )
    facts = store.facts()
    if server is not None and server.experiment not in ("", facts.uuid):
        store.close()
        raise StoreError(
            f"The schema {server.namespace} of {server.url} is that of another "
            f"experiment than {folder.path}.",
            remedy=f"Correct {SERVER} in the folder of the experiment.",
        )
    folder.is_read_only = facts.is_read_only
    if server is not None:
        try:
            _settle(server, folder, store)
        except BaseException:
            store.close()
            raise
    return _entered(folder, store)


def _settle(server: Server, folder: ExperimentFolder, store: SqlStore) -> None:
    """Refuse a copied folder, and remember where one that was moved lies now."""
    host, here = platform.node(), home_of(folder.path)
    new = check_home(server, here, host, store.homes())
    if new is None or folder.is_read_only:
        return
    if server.is_moved:
        server.write(server.experiment)
        new = home_of(folder.path)  # the file was written anew
    store.remember_home(host, new)


def _entered(
    folder: ExperimentFolder, store: SqlStore
) -> tuple[ExperimentFolder, SqlStore]:
    try:
        folder.enter(store.recorded_paths)
    except BaseException:
        store.close()
        raise
    return folder, store
