"""The item that is looked at: pictures of what each node made of it, on the canvas.

Page Up and Page Down go from item to item; the pictures are read in a thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPixmap

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.canvas.previews import Preview
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
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
        self._matrix = RunMatrix((), ())
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
            self._take(RunMatrix((), ()), "")
            return False
        mark = f"{newest.id} {dict(newest.counts)}"
        if mark != self._run:
            self._run = mark

            def take(matrix: RunMatrix) -> None:
                self._take(matrix, mark)

            self._window.background.run(
                lambda: matrix_of(experiment.find_run(newest.id)),
                take,
                self._window.refuse,
                is_quiet=True,
            )
        return True

    def _take(self, matrix: RunMatrix, mark: str) -> None:
        before = self.name
        self._matrix, self._run = matrix, mark
        names = [row.name for row in matrix.rows]
        self._row = names.index(before) if before in names else 0
        if self._wanted is not None:
            self._row = _row_of(matrix, self._wanted) or 0
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
        made = {
            node: item
            for node, cell in row.cells.items()
            for item in self._matrix.jobs[cell.jobs[0]].produced[:1]
            if item.info.kind.is_pixels
        }
        wanted = {node: item.id for node, item in made.items()}
        self._asked = row.item
        source = self._source(editor)

        def read() -> _Drawn:
            return _read(experiment, row.item, row.name, wanted, source)

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


def _row_of(matrix: RunMatrix, item: ItemId) -> int | None:
    """Return the row of an item, or of the raw item from which it was made."""
    for number, row in enumerate(matrix.rows):
        made = {
            one.id
            for cell in row.cells.values()
            for job in cell.jobs
            for one in matrix.jobs[job].produced
        }
        if item == row.item or item in made:
            return number
    return None


def _read(
    experiment: "Experiment",
    raw: ItemId,
    name: str,
    wanted: Mapping[str, ItemId],
    source: str,
) -> _Drawn:
    pictures: dict[str, bytes] = {}
    items: dict[str, ItemId] = {source: raw, **wanted} if source else dict(wanted)
    for node, id_ in items.items():
        item: Item = experiment.store.item(id_)
        try:
            pictures[node] = thumbnail(experiment, item, PICTURE)
        except FlowError:
            continue  # no pixels, or its file is gone: then there is no picture
    return _Drawn(raw, pictures, {source: name})
