"""Small pictures that are made beside the window, those in sight first."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from bioimageit_flow.editor.viewing.small_pictures import small_picture
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.background import Background
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment

_AT_ONCE: Final = 2
_KEPT: Final = 3_000


class SmallPictures(QObject):
    """Makes small pictures when they are asked for; the newest wish first.

    Attributes
    ----------
    made : Signal
        With the id of the item whose picture is there now.
    """

    made = Signal(str)

    def __init__(
        self, experiment: "Experiment", size: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._experiment, self._size = experiment, size
        self._background = Background(self)
        self._pictures: dict[ItemId, QPixmap] = {}
        self._wanted: dict[ItemId, Item] = {}
        self._running: set[ItemId] = set()

    @property
    def is_idle(self) -> bool:
        """Whether every picture that was asked for is there."""
        return not self._wanted and not self._running

    def of(self, item: Item) -> QPixmap | None:
        """Return the picture of an item; None while it is being made."""
        known = self._pictures.get(item.id)
        if known is None and item.id not in self._running:
            self._wanted.pop(item.id, None)
            self._wanted[item.id] = item
            self._go_on()
        return known

    def release(self) -> None:
        """Make no more."""
        self._wanted.clear()
        self._background.wait()
        self._running.clear()

    def _go_on(self) -> None:
        while self._wanted and len(self._running) < _AT_ONCE:
            id_, item = self._wanted.popitem()
            self._running.add(id_)
            self._background.run(
                self._work(item),
                partial(self._take, id_),
                partial(self._fail, id_),
            )

    def _work(self, item: Item) -> Callable[[], object]:
        return lambda: _image(small_picture(self._experiment, item, self._size))

    def _take(self, id_: ItemId, picture: QImage | None) -> None:
        self._running.discard(id_)
        while len(self._pictures) >= _KEPT:
            self._pictures.pop(next(iter(self._pictures)))
        self._pictures[id_] = (
            QPixmap() if picture is None else (QPixmap.fromImage(picture))
        )
        self.made.emit(id_)
        self._go_on()

    def _fail(self, id_: ItemId, _error: FlowError) -> None:
        self._take(id_, None)


def _image(pixels: Any) -> QImage | None:  # noqa: ANN401 - an array or nothing
    if pixels is None:
        return None
    height, width = pixels.shape[:2]
    picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return picture.copy()
