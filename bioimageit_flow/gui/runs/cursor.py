"""The item that is looked at: pictures of what each node made of it, on the canvas.

Page Up and Page Down go from item to item; the pictures are read in a thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPixmap

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.canvas.previews import Preview
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId, JobId
from bioimageit_flow.session.pictures import thumbnail
from bioimageit_flow.session.run_matrix import RunMatrix, matrix_of

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.runs.control import RunControl
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Experiment

PICTURE = 192


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was read for one item."""

    item: ItemId
    pictures: Mapping[str, bytes]
    captions: Mapping[str, str]


class Cursor(QObject):
    """Steps through the items of a run, and shows them on the canvas.

    Parameters
    ----------
    window : MainWindow
        On whose canvas.
    control : RunControl
        Which knows the experiment.
    """

    def __init__(self, window: "MainWindow", control: "RunControl") -> None:
        super().__init__(window)
        self._window = window
        self._control = control
        self._matrix = RunMatrix()
        self._run = ""
        self._row = 0
        self._is_shown = False
        self._asked: ItemId | None = None
        self._wanted: ItemId | None = None

    @property
    def name(self) -> str:
        """Name of the item that is looked at; empty for none."""
        rows = self._matrix.rows
        return rows[self._row].name if self._row < len(rows) else ""

    @property
    def item(self) -> ItemId | None:
        """The raw item whose pictures are shown; None for none."""
        rows = self._matrix.rows
        is_there = self._is_shown and self._row < len(rows)
        return rows[self._row].item if is_there else None

    @property
    def count(self) -> int:
        """How many items can be looked at."""
        return len(self._matrix.rows)

    def step(self, by: int) -> None:
        """Look at the next item, or the one before."""
        was_shown, self._is_shown = self._is_shown, True
        if not self.look_again():
            self._is_shown = False
            self._window.message.say(
                tr("Run the workflow to look at what it makes of each item."),
                level="warning",
            )
        elif self._matrix.rows:
            if was_shown:
                self._row = (self._row + by) % len(self._matrix.rows)
            self.show()

    def look_at(self, item: ItemId) -> None:
        """Turn to an item: the raw one that is it, or from which it was made.

        The newest run of the workflow in front is asked first; where it does not know
        the item, the first of its items is shown.
        """
        self._wanted = item
        self._is_shown = True
        self._run = ""
        self.look_again()

    def look_again(self) -> bool:
        """Turn to the newest run of the workflow in front; say whether there is one."""
        editor, experiment = self._window.editor, self._control.experiment
        if not self._is_shown or editor is None or experiment is None:
            return False
        newest = self._control.newest_of(editor)
        if newest is None:
            self._take(RunMatrix(), frozenset(), "")
            return False
        mark = f"{newest.id} {dict(newest.counts)}"
        if mark != self._run:
            self._run = mark
            wanted = self._wanted
            wider = self._control.wider_of(editor, newest)

            def look() -> tuple[RunMatrix, frozenset[ItemId]]:
                matrix = matrix_of(experiment.find_run(newest.id))
                if wider is not None:
                    before = matrix_of(experiment.find_run(wider.id))
                    matrix = _with_others(matrix, before)
                if wanted is None:
                    return matrix, frozenset()
                return matrix, experiment.store.roots([wanted]).get(wanted, frozenset())

            def take(found: tuple[RunMatrix, frozenset[ItemId]]) -> None:
                self._take(*found, mark)

            self._window.background.run(look, take, self._window.refuse, is_quiet=True)
        return True

    def _take(self, matrix: RunMatrix, roots: frozenset[ItemId], mark: str) -> None:
        before = self.name
        self._matrix, self._run = matrix, mark
        names = [row.name for row in matrix.rows]
        self._row = names.index(before) if before in names else 0
        if roots:
            rows = (row for row, one in enumerate(matrix.rows) if one.item in roots)
            self._row = next(rows, 0)
        self._wanted = None
        if self._is_shown:
            self.show()

    def hide(self) -> None:
        """Show no pictures."""
        self._is_shown = False
        self._asked = None
        page = self._window.page
        if page is not None:
            page.canvas.show_previews({})

    def show(self) -> None:
        """Read the pictures of the item, and show them."""
        editor, experiment = self._window.editor, self._control.experiment
        rows = self._matrix.rows
        if editor is None or experiment is None or self._row >= len(rows):
            return
        if editor.entered:
            return
        row = rows[self._row]
        made = {node: cell.jobs[0] for node, cell in row.cells.items()}
        self._asked = row.item
        source = self._source(editor)

        def read() -> _Drawn:
            return _read(experiment, row.item, row.name, made, source)

        self._window.background.run(
            read, self._draw, self._window.refuse, is_quiet=True
        )

    @staticmethod
    def _source(editor: "Editor") -> str:
        """Return the dataset input below which the raw item is shown."""
        return next(iter(editor.workflow.document.inputs), "")

    def _draw(self, drawn: _Drawn) -> None:
        page = self._window.page
        if page is None or not self._is_shown or drawn.item != self._asked:
            return
        previews = {}
        for node, data in drawn.pictures.items():
            picture = QPixmap()
            picture.loadFromData(data)
            previews[node] = Preview(picture, drawn.captions.get(node, ""))
        page.canvas.show_previews(previews)
        self._window.message.settle()


def _with_others(matrix: RunMatrix, before: RunMatrix) -> RunMatrix:
    """Return a matrix with the items that only the run before had."""
    mine = {row.item for row in matrix.rows}
    others = (row for row in before.rows if row.item not in mine)
    rows = sorted((*matrix.rows, *others), key=lambda row: (row.name, row.item))
    return replace(matrix, rows=tuple(rows))


def _read(
    experiment: "Experiment",
    raw: ItemId,
    name: str,
    jobs: Mapping[str, JobId],
    source: str,
) -> _Drawn:
    pictures: dict[str, bytes] = {}
    items: dict[str, ItemId] = {source: raw} if source else {}
    for node, job in jobs.items():
        first = experiment.store.job(job).produced[:1]
        for one in first:
            if one.info.kind.is_pixels:
                items[node] = one.id
    for node, id_ in items.items():
        item: Item = experiment.store.item(id_)
        try:
            pictures[node] = thumbnail(experiment, item, PICTURE)
        except FlowError:
            continue  # no pixels, or its file is gone: then there is no picture
    return _Drawn(raw, pictures, {source: name})
