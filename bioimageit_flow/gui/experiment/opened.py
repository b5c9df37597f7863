"""The experiment that the window works with, opened in a thread and kept open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from bioimageit_flow.editor.experiment.completion import Vocabulary
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.background import Background
from bioimageit_flow.model.changes import Change
from bioimageit_flow.model.data import AnnotationValue, Dataset
from bioimageit_flow.model.keys import KeyUse
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.known_experiments import remember_experiment

if TYPE_CHECKING:
    from bioimageit_flow.editor.open_experiment import OpenExperiment
    from bioimageit_flow.session import Session

_LOOKED_AT: Final = 300


@dataclass(frozen=True, slots=True)
class Contents:
    """What an experiment holds, as far as a panel shows it at once.

    Attributes
    ----------
    kinds : mapping of str to str
        The kind of the first item of each dataset, by its name.
    undoable : Change or None
        The change that Undo would take back.
    """

    name: str
    is_read_only: bool
    datasets: tuple[Dataset, ...]
    kinds: Mapping[str, str]
    keys: tuple[KeyUse, ...]
    words: Vocabulary
    undoable: Change | None


class OpenedExperiment(QObject):
    """Keeps the experiment of the window open, and reads what it holds.

    Attributes
    ----------
    opened : Signal
        With the `Experiment`, or None when it was closed.
    read : Signal
        With its `Contents`, after it was opened and whenever something changed.
    failed : Signal
        With a `FlowError`.
    """

    opened = Signal(object)
    read = Signal(object)
    failed = Signal(object)

    def __init__(
        self, state: "OpenExperiment", session: "Session", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.background = Background(self)
        self.experiment: Experiment | None = None
        self.contents: Contents | None = None
        self.is_opening = False
        self._state = state
        self._session = session
        self._wanted: Path | None = None
        self._reads_again = False
        self._is_reading = False
        state.changed.connect(self.follow)
        state.contents_changed.connect(self.reread)

    def follow(self) -> None:
        """Open the experiment that the window works with now."""
        path = self._state.path
        if path == self._wanted:
            return
        self._wanted = path
        self._close()
        if path is None:
            return
        self.is_opening = True

        def done(found: tuple[Experiment, Contents]) -> None:
            experiment, contents = found
            if path != self._wanted:
                experiment.close()
                return
            self.is_opening = False
            self.experiment, self.contents = experiment, contents
            self.opened.emit(experiment)
            self.read.emit(contents)

        def failed(error: FlowError) -> None:
            if path == self._wanted:
                self.is_opening = False
                self._wanted = None
                self.failed.emit(error)

        self.background.run(lambda: _open(path, self._session), done, failed)

    def reread(self) -> None:
        """Read again what the experiment holds; many wishes become one."""
        experiment = self.experiment
        if experiment is None:
            return
        if self._is_reading:
            self._reads_again = True
            return
        self._is_reading = True

        def end() -> None:
            self._is_reading = False
            if self._reads_again:
                self._reads_again = False
                self.reread()

        def done(contents: Contents) -> None:
            if experiment is self.experiment:
                self.contents = contents
                self.read.emit(contents)
            end()

        def failed(error: FlowError) -> None:
            if experiment is self.experiment:
                self.failed.emit(error)
            end()

        self.background.run(lambda: _contents(experiment), done, failed)

    def change(
        self,
        work: Callable[[Experiment], object],
        done: Callable[[object], None] = lambda _result: None,
        failed: Callable[[FlowError], None] | None = None,
    ) -> None:
        """Change something in a thread, and tell everybody that it is changed."""
        experiment = self.experiment
        if experiment is None:
            return

        def end(result: object) -> None:
            done(result)
            self._state.contents_changed.emit()

        self.background.run(lambda: work(experiment), end, failed or self.failed.emit)

    def release(self) -> None:
        """Let go of everything, as the window closes."""
        self._state.changed.disconnect(self.follow)
        self._state.contents_changed.disconnect(self.reread)
        self.background.wait()
        if self.experiment is not None:
            self.experiment.close()
            self.experiment = None

    def _close(self) -> None:
        old, self.experiment, self.contents = self.experiment, None, None
        if old is not None:
            self.opened.emit(None)
            self.background.run(old.close, lambda _none: None)


def _open(path: Path, session: "Session") -> tuple[Experiment, Contents]:
    experiment = Experiment.open(path, session=session)
    remember_experiment(path)
    return experiment, _contents(experiment)


def _kind(experiment: Experiment, dataset: Dataset) -> str:
    first = experiment.page(dataset=dataset.name, limit=1)
    return str(first[0].info.kind) if first else "image"


def _contents(experiment: Experiment) -> Contents:
    facts = experiment.store.facts()
    keys = tuple(experiment.keys())
    datasets = tuple(experiment.datasets())
    values: dict[str, tuple[AnnotationValue, ...]] = {
        use.name: experiment.store.key_values(use.name) for use in keys
    }
    runs = experiment.store.runs()
    known = {
        "dataset": tuple(one.name for one in datasets),
        "run": tuple(run.folder for run in runs[:200]),
    }
    return Contents(
        facts.name,
        facts.is_read_only,
        datasets,
        {one.name: _kind(experiment, one) for one in datasets[:_LOOKED_AT]},
        keys,
        Vocabulary(keys, values, known),
        experiment.undoable(),
    )
