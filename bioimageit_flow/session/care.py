"""Care of an experiment's files: a part of `Experiment`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.chosen import DELETED, DiskUse, Selection, StoredResult
from bioimageit_flow.model.data import Item, LocationState, Produced
from bioimageit_flow.session.curation import _user

if TYPE_CHECKING:
    from bioimageit_flow.model.ids import ItemId
    from bioimageit_flow.session.machine import Session
    from bioimageit_flow.stores.folder import ExperimentFolder
    from bioimageit_flow.stores.keeping import Relocation, Removal, Verification
    from bioimageit_flow.stores.protocol import Store

Progress = Callable[[int], None]

SAME_BYTES = "the same bytes as a result that is kept"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting items means; made by `Experiment.plan_deletion`.

    Attributes
    ----------
    items : tuple of Item
        What would be deleted.
    bytes : int
        At most how much is freed; bytes that other items have are kept.
    referenced : int
        How many of the items lie elsewhere: their files are left alone.
    descendants : mapping of str to int
        How many results descend from them, by dataset. They stay, with their lineage.
    """

    items: tuple[Item, ...]
    bytes: int
    referenced: int
    descendants: dict[str, int]


@dataclass(slots=True)
class Cleaning:
    """What can be cleaned; made by `Experiment.plan_cleaning`.

    Attributes
    ----------
    results : list of StoredResult
        Results whose bytes can be dropped: their recipe makes them again.
    kept : dict of str to int
        How many are kept, by the reason.
    bytes : int
        How much is freed.
    """

    results: list[StoredResult] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    bytes: int = 0


class Care:
    """The part of `Experiment` that looks after files."""

    store: Store
    session: Session
    _folder: ExperimentFolder

    def disk_use(self) -> list[DiskUse]:
        """Count bytes by dataset: raw ones by name, then those of each run."""
        return self.store.disk_use()

    def verify(
        self, dataset: str | None = None, *, progress: Progress = lambda _files: None
    ) -> Verification:
        """Read every file and compare it with its checksum.

        Side-cars, which have none, are compared with the records of the jobs.

        Parameters
        ----------
        dataset : str, optional
            Only the files of this dataset, and no side-cars.
        progress : callable
            Told the number of files looked at.
        """
        from bioimageit_flow.provenance.side_cars import altered_side_cars
        from bioimageit_flow.stores.keeping import Fault, verify

        found = verify(self._folder, self.store, dataset, progress)
        if dataset is None:
            altered = altered_side_cars(self.store, self._folder.resolve)
            found.faults += [
                Fault(str(place), item, is_missing=False) for place, item in altered
            ]
        return found

    def missing_folders(self) -> list[str]:
        """Return the folders of referenced files that are gone; no file is read."""
        from bioimageit_flow.stores.keeping import missing_folders

        return missing_folders(self._folder, self.store)

    def relocate(
        self,
        old: Path | str,
        new: Path | str,
        *,
        progress: Progress = lambda _files: None,
    ) -> Relocation:
        """Say that a folder of referenced files lies elsewhere now.

        Files are known by their content; the report names those that were not found.

        Raises
        ------
        DataError
            If the new folder is not there, or nothing was referenced in the old one.
        """
        from bioimageit_flow.stores.keeping import find_moved

        self._folder.check_writable()
        found = find_moved(self._folder, self.store, Path(old), Path(new), progress)
        self.store.relocate(found.moved, user=_user())
        return found

    def plan_deletion(self, items: Sequence[Item]) -> Deletion:
        """Say what deleting items means, and change nothing."""
        ids = [item.id for item in items]
        contents = {item.content for item in items}
        places = {one.sha256: self.store.location(one.sha256) for one in contents}
        away = {sha for sha, place in places.items() if place and place.is_referenced}
        return Deletion(
            items=tuple(items),
            bytes=sum(one.size for one in contents if one.sha256 not in away),
            referenced=sum(item.content.sha256 in away for item in items),
            descendants=self.store.descendants(ids),
        )

    def delete(self, items: Sequence[Item], reason: str = "") -> Removal:
        """Give up the data of items; what was recorded of them stays.

        The items are excluded from later runs. Files that were referenced are left
        where they are. This cannot be undone.
        """
        return self._remove([item.id for item in items], reason, is_clean=False)

    def plan_cleaning(
        self, run: str | None = None, *, with_ends: bool = False
    ) -> Cleaning:
        """Say which results can be dropped because their recipe makes them again.

        Parameters
        ----------
        run : str, optional
            Only the results of this run; see `find_run`.
        with_ends : bool
            Also results that no job took as its input.
        """
        chosen = None if run is None else self.store.find_run(run).id
        plan = Cleaning()
        seen: set[str] = set()
        verdicts: dict[str, str] = {}
        candidates: list[StoredResult] = []
        for result in self.store.results(chosen):
            why = self._why_kept(result, verdicts, with_ends=with_ends)
            if why:
                plan.kept[why] = plan.kept.get(why, 0) + 1
            else:
                candidates.append(result)

        def is_kept(result: StoredResult) -> bool:
            return bool(self._why_kept(result, verdicts, with_ends=with_ends))

        free = self._without_kept_bytes(candidates, is_kept, plan)
        for result in self._with_raw_data(free, plan):
            plan.results.append(result)
            if result.content.sha256 not in seen:
                seen.add(result.content.sha256)
                plan.bytes += result.content.size
        return plan

    def _without_kept_bytes(
        self,
        candidates: list[StoredResult],
        is_kept: Callable[[StoredResult], bool],
        plan: Cleaning,
    ) -> list[StoredResult]:
        """Return the results whose bytes no result has that is kept, in any run."""
        contents = {one.content.sha256 for one in candidates}
        kept = {
            one.content.sha256
            for one in self.store.results()
            if one.content.sha256 in contents and is_kept(one)
        }
        free = [one for one in candidates if one.content.sha256 not in kept]
        if len(free) < len(candidates):
            plan.kept[SAME_BYTES] = len(candidates) - len(free)
        return free

    def clean(self, plan: Cleaning) -> Removal:
        """Drop the bytes of results; they are made again when they are needed."""
        ids = [result.item for result in plan.results]
        return self._remove(ids, "results that can be made again", is_clean=True)

    def _why_kept(
        self, result: StoredResult, verdicts: dict[str, str], *, with_ends: bool
    ) -> str:
        if not result.is_consumed and not with_ends:
            return "the last of their workflow"
        if result.is_raw_too:
            return "the same bytes as imported data"
        if result.tool not in verdicts:
            verdicts[result.tool] = self._why_not_made_again(result.tool)
        return verdicts[result.tool]

    def _why_not_made_again(self, tool: str) -> str:
        try:
            installed = self.session.catalogue.get(tool)
        except FlowError:
            return f"made by {tool}, which is not installed"
        if not installed.tool.deterministic:
            return f"made by {tool}, which never makes the same twice"
        return ""

    def _with_raw_data(
        self, results: list[StoredResult], plan: Cleaning
    ) -> list[StoredResult]:
        """Return the results all of whose raw data are there."""
        roots = self.store.roots(result.item for result in results)
        is_there: dict[ItemId, bool] = {}
        for root in frozenset().union(*roots.values()):
            place = self.store.location(self.store.item(root).content.sha256)
            is_there[root] = place is not None and place.state is LocationState.PRESENT
        kept = [
            one for one in results if all(is_there[root] for root in roots[one.item])
        ]
        if len(kept) < len(results):
            plan.kept["made from raw data that are gone"] = len(results) - len(kept)
        lost = self._made_from_lost()
        sure = [one for one in kept if one.item not in lost]
        if len(sure) < len(kept):
            why = "made from results that are gone and cannot be made again"
            plan.kept[why] = len(kept) - len(sure)
        return sure

    def _made_from_lost(self) -> set[ItemId]:
        """Return what was made from deleted results that no tool makes again."""
        found: set[ItemId] = set()
        todo: list[ItemId] = []
        for item in self.store.selected(Selection(is_excluded=True)):
            made = item.origin
            if not isinstance(made, Produced) or not item.excluded.startswith(DELETED):
                continue
            place = self.store.location(item.content.sha256)
            if place is not None and place.state is LocationState.PRESENT:
                continue
            job = self.store.step(item.id).job
            if job is not None and self._why_not_made_again(str(job.tool)):
                todo.append(item.id)
        while todo:
            for _, items in self.store.made_from(todo.pop()):
                new = [item.id for item in items if item.id not in found]
                found.update(new)
                todo += new
        return found

    def _remove(
        self, items: Sequence[ItemId], reason: str, *, is_clean: bool
    ) -> Removal:
        from bioimageit_flow.stores.keeping import remove_bytes

        return remove_bytes(
            self._folder, self.store, items, reason, _user(), is_clean=is_clean
        )
