"""The experiment that is open, and what the dataset inputs are bound to in it.

A workflow file is shared and holds nobody's paths. So bindings lie among what the
editor remembers of its user, by experiment and by the id of the workflow.
"""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from psygnal import Signal

from bioimageit_flow.editor.experiment.binding import words_of
from bioimageit_flow.session.known_experiments import is_experiment

if TYPE_CHECKING:
    from bioimageit_flow.editor.base import EditorBase

FILE: Final = "bindings.json"
_SCHEMA: Final = "bioimageit-flow/bindings/1"
_MOST: Final = 500

_LOG = logging.getLogger(__name__)

_Bound = dict[str, str]


class OpenExperiment:
    """Which experiment the window works with; it outlives every window and tab.

    Parameters
    ----------
    folder : Path, optional
        Where bindings are remembered; without one they are forgotten at the end.

    Attributes
    ----------
    changed : Signal
        Another experiment was opened, or a dataset input was bound.
    contents_changed : Signal
        Something in it changed: datasets, annotations, runs.
    path : Path or None
        Its folder.
    last : Path or None
        The experiment that was open when the editor ended before; a proposal.
    """

    changed = Signal()
    contents_changed = Signal()

    def __init__(self, folder: Path | None = None) -> None:
        self.path: Path | None = None
        self.last: Path | None = None
        self._file = None if folder is None else folder / FILE
        self._known: dict[str, dict[str, _Bound]] = {}
        self._offered: _Bound = {}
        self._counts: dict[str, int] = {}
        self._read()
        self.contents_changed.connect(self._forget_counts)

    def current_experiment(self) -> Path | None:
        """Return the folder of the experiment that is open; None if there is none."""
        return self.path

    def open(
        self, path: Path | None, bindings: Mapping[str, str] | None = None
    ) -> None:
        """Open an experiment; None for none.

        Parameters
        ----------
        path : Path or None
            Its folder.
        bindings : mapping of str to str, optional
            What inputs of these names are bound to, where a workflow does not say.
        """
        place = None if path is None else path.absolute()
        if place != self.path:
            self._offered = {}
            self._counts.clear()
        self.path = place
        self._offered |= bindings or {}
        self._write()
        self.changed.emit()

    # Bindings

    def bind(self, editor: "EditorBase", name: str, bound: str | None) -> None:
        """Bind a dataset input of a workflow, as ``--bind`` writes it; None for not."""
        here = self._known.setdefault(self._place, {})
        id_ = editor.workflow.document.id
        mine = dict(here.pop(id_, {}))
        if bound is None:
            mine.pop(name, None)
            self._offered.pop(name, None)
        else:
            mine[name] = bound
        if mine:
            here[id_] = mine
        while len(here) > _MOST:
            here.pop(next(iter(here)))
        self._write()
        self.changed.emit()

    def bindings(self, editor: "EditorBase") -> dict[str, str]:
        """Return what the dataset inputs of a workflow are bound to."""
        document = editor.workflow.document
        mine = self._known.get(self._place, {}).get(document.id, {})
        known = {**self._offered, **mine}
        return {name: known[name] for name in document.inputs if name in known}

    # What is shown of them

    def note_count(self, bound: str, count: int) -> None:
        """Remember how many items a binding means, until the contents change."""
        self._counts[bound] = count

    def uncounted(self, editor: "EditorBase") -> list[str]:
        """Return the bindings of a workflow whose items nobody has counted yet."""
        found = dict.fromkeys(self.bindings(editor).values())
        return [bound for bound in found if bound not in self._counts]

    def shown(self, editor: "EditorBase") -> dict[str, str]:
        """Return what the box of each bound input says, such as ``raw (40)``."""
        return {
            name: words_of(bound, self._counts.get(bound))
            for name, bound in self.bindings(editor).items()
        }

    # Inside

    def _forget_counts(self) -> None:
        self._counts.clear()

    @property
    def _place(self) -> str:
        return "" if self.path is None else str(self.path)

    def _read(self) -> None:
        if self._file is None:
            return
        try:
            facts = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            _LOG.warning("the bindings %s cannot be read: %s", self._file, error)
            return
        facts = _mapping(facts)
        last = str(facts.get("experiment") or "")
        if last and is_experiment(Path(last)):
            self.last = Path(last)
        self._known = {
            str(place): {str(id_): _texts(bound) for id_, bound in here.items()}
            for place, here in _mapping(facts.get("bindings")).items()
            if isinstance(here, dict)
        }

    def _write(self) -> None:
        if self._file is None:
            return
        kept = {place: here for place, here in self._known.items() if place and here}
        facts = {"schema": _SCHEMA, "experiment": self._place, "bindings": kept}
        half = self._file.with_name(f".{FILE}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(json.dumps(facts, indent=1), encoding="utf-8")
            half.replace(self._file)
        except OSError as error:
            _LOG.warning("the bindings cannot be kept: %s", error)


def _mapping(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> _Bound:
    return {str(name): str(text) for name, text in _mapping(value).items()}
