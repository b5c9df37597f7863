"""Files that parameters name: a model, a PSF. Each becomes an item of the experiment.

A run imports them into the dataset `FILES`, so that they are kept with the experiment
and stand in the lineage of what was made with them. A plan only looks at them.
"""

from collections.abc import Callable
from pathlib import Path

from bioimageit_flow.engine.token import Datum, Token
from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import DataInfo, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.stores.protocol import Store

FILES = "files"
"""The dataset of the files that parameters name."""

Import = Callable[[Path], Item]
"""Imports one file into `FILES` and returns its item."""


class ChosenFiles:
    """Finds the files that parameters name, each once.

    Parameters
    ----------
    store : Store
        The experiment, where a file may be an item already.
    folder : Path or None
        Folder of the workflow file, from which relative paths start.
    take : callable, optional
        Imports a file; without it a file that is no item yet gets no id.
    """

    def __init__(
        self, store: Store, folder: Path | None = None, take: Import | None = None
    ) -> None:
        self._store = store
        self._folder = folder
        self._take = take
        self._known: dict[str, Token | DataError] = {}

    def find(self, text: str) -> Token:
        """Return the item that a text means: a path, or the name or id of an item.

        Raises
        ------
        DataError
            If there is no such file or item.
        """
        if text not in self._known:
            try:
                self._known[text] = self._found(text)
            except DataError as error:
                self._known[text] = error
        known = self._known[text]
        if isinstance(known, DataError):
            raise DataError(known.message, remedy=known.remedy)
        return known

    def _found(self, text: str) -> Token:
        path = (self._folder or Path.cwd()) / Path(text).expanduser()
        if path.exists():
            return self._of_path(path)
        dataset, _, name = text.rpartition("/")
        found = [
            item
            for item in self._store.find_items(name or text)
            if dataset in ("", item.dataset)
        ]
        if len(found) == 1:
            return _token(found[0])
        what = f"names {len(found)} items" if found else "is no file and no item"
        raise DataError(
            f"{text!r} {what}.",
            remedy="Give the path of a file, from the folder of the workflow, or the "
            "dataset and name of an item such as 'models/nuclei.zip'.",
        )

    def _of_path(self, path: Path) -> Token:
        try:
            content = hash_content(path)
        except OSError as error:
            raise DataError(
                f"{path} cannot be read ({error.strerror}).",
                remedy="Allow reading it, or choose another file.",
            ) from error
        for item in self._store.find_items(path.name):
            if item.dataset == FILES and item.content.sha256 == content.sha256:
                return _token(item)
        if self._take is not None:
            try:
                return _token(self._take(path))
            except FlowError as error:
                raise DataError(error.message, remedy=error.remedy) from error
        info = DataInfo(Kind.FILE, "file")
        datum = Datum(ItemId(f"new {path.name}"), path.name, content, info)
        return _as_token(datum)


def _token(item: Item) -> Token:
    return _as_token(
        Datum(item.id, item.name, item.content, DataInfo(Kind.FILE, "file"))
    )


def _as_token(datum: Datum) -> Token:
    return Token(
        source=FILES,
        datum=datum,
        roots=frozenset(),
        view={},
        order=(datum.name,),
        name=datum.name,
    )
