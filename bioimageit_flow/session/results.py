"""Runs and their results, as arrays and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.events import RunReport
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.run import JobRecord, RunState, RunSummary

if TYPE_CHECKING:
    from bioimageit_flow.formats import Image, Table
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.export import ExportReport
    from bioimageit_flow.session.tables import TidyTable


@dataclass(frozen=True, slots=True)
class Result:
    """One item with its file.

    Attributes
    ----------
    item : Item
        The datum.
    path : Path
        Where its content lies, or lay.
    annotations : mapping
        Its own and its ancestors' annotations.
    missing : DataError or None
        Why its content cannot be read, where it was deleted, cleaned or changed;
        reading raises it.
    experiment : Experiment or None
        Where it is of.
    """

    item: Item
    path: Path
    annotations: View
    missing: DataError | None = None
    experiment: "Experiment | None" = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.item.name

    def read_image(self) -> "Image":
        """Return the pixels with their axes; raises `DataError`."""
        from bioimageit_flow.formats import read_image

        return read_image(self._present(), self.item.selector)

    def read_table(self) -> "Table":
        """Return the rows and columns; raises `DataError`."""
        from bioimageit_flow.formats import read_table

        return read_table(self._present())

    def read_scalar(self) -> dict[str, object]:
        """Return the value with its unit; raises `DataError`."""
        from bioimageit_flow.formats import read_scalar

        return read_scalar(self._present())

    def _repr_html_(self) -> str:
        from bioimageit_flow.session.notebook import result_html

        return result_html(self)

    def read(self) -> object:
        """Return the content as what it is: image, table, scalar, or bytes."""
        kind = self.item.info.kind
        if kind.is_pixels:
            return self.read_image()
        if kind.is_tabular:
            return self.read_table()
        if kind is Kind.SCALAR:
            return self.read_scalar()
        return self._present().read_bytes()

    def _present(self) -> Path:
        if self.missing is not None:
            raise self.missing
        return self.path


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an experiment.

    Attributes
    ----------
    summary : RunSummary
        What the store says of it.
    report : RunReport or None
        How it ended; None for a run of an earlier session.
    """

    experiment: "Experiment"
    summary: RunSummary
    report: RunReport | None = None

    @property
    def state(self) -> RunState:
        """How it ended, or that it is running."""
        return self.summary.state

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return self.experiment.path / "results" / self.summary.folder

    def jobs(self) -> list[JobRecord]:
        """Return its attempts in the order in which they ended."""
        return self.experiment.store.jobs(self.summary.id)

    def results(self, node: str, port: str) -> list[Result]:
        """Return what one output port of one node gave, in item order.

        Raises
        ------
        StoreError
            If the run has no such results; says which it has.
        """
        name = f"{self.summary.folder}/{node}/{port}"
        known = self.outputs()
        if (node, port) not in known:
            there = ", ".join(f"{a}.{b}" for a, b in known) or "none"
            raise StoreError(
                f"The run {self.summary.folder} has no results {node}.{port}.",
                remedy=f"It has: {there}.",
            )
        return self.experiment.results_of(name)

    def table(self, node: str, port: str = "") -> "TidyTable":
        """Return what a node measured as one tidy table, ready for pandas.

        Annotations of the items, swept values and measured columns stand side by side.
        Errors are those of `session.tables.tidy_table`.
        """
        from bioimageit_flow.session.tables import tidy_table

        return tidy_table(self, node, port)

    def export_files(
        self,
        folder: Path | str,
        *,
        name: str = "{node}/{name}",
        only: Sequence[str] = (),
        mode: Literal["link", "copy"] = "link",
    ) -> "ExportReport":
        """Put results into a folder as ordinary files; see `session.export`."""
        from bioimageit_flow.session.export import export_files

        return export_files(self, folder, name=name, only=only, mode=mode)

    def _repr_html_(self) -> str:
        from bioimageit_flow.session.notebook import run_html

        return run_html(self)

    def outputs(self) -> list[tuple[str, str]]:
        """Return the nodes and ports that gave results."""
        prefix = f"{self.summary.folder}/"
        names = [dataset.name for dataset in self.experiment.datasets()]
        inner = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        return [(name.rpartition("/")[0], name.rpartition("/")[2]) for name in inner]
