"""Checking an experiment as a whole: a part of `Experiment`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bioimageit_flow.model.ids import RunId

if TYPE_CHECKING:
    from bioimageit_flow.stores.checking import Check
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.protocol import Store


class Checking:
    """The part of `Experiment` that says whether everything in it holds."""

    store: "Store"
    _folder: "ExperimentFolder"

    def check(
        self,
        *,
        content: bool = False,
        mend: bool = False,
        progress: Callable[[str, int], None] = lambda _what, _count: None,
    ) -> "Check":
        """Look at every invariant of the store, the files and the runs.

        Parameters
        ----------
        content : bool
            Whether every file is read and compared with its checksum; else its size is.
        mend : bool
            Whether what can be mended safely is: leftovers of crashes are removed, and
            claims of processes that have ended are given up.
        progress : callable
            Told what is looked at, and how many of it so far.

        Raises
        ------
        StoreError
            If the experiment cannot be read, or is to be mended and may not be written.
        """
        from bioimageit_flow.engine.carrying import is_carried
        from bioimageit_flow.stores.checking import check

        def is_alive(run: RunId) -> bool:
            return is_carried(self._folder.run_folder(run))

        return check(
            self._folder,
            self.store,
            is_alive,
            content=content,
            mend=mend,
            progress=progress,
        )
