"""Small pictures of the items that are seen, made in threads."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from bioimageit_flow.gui.background import Background
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.session import Experiment

SIDE: Final = 40
"""Pixels of a picture in a row, before the scale of the screen."""

_MADE: Final = 128
_KEPT: Final = 2000
_WAITING: Final = 40
_AT_ONCE: Final = 2


class Thumbnails(QObject):
    """Pictures by item: those that are known at once, the others a little later.

    Of what was asked for while others were made only the last is remembered, so that
    the pictures that are seen come first.

    Attributes
    ----------
    made : Signal
        With the id of an item whose picture is there.
    """

    made = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._experiment: Experiment | None = None
        self._known: OrderedDict[ItemId, QPixmap | None] = OrderedDict()
        self._waiting: OrderedDict[ItemId, Item] = OrderedDict()
        self._running: set[ItemId] = set()

    def use(self, experiment: Experiment | None) -> None:
        """Forget everything and show another experiment."""
        self._experiment = experiment
        self._known.clear()
        self._waiting.clear()

    def picture(self, item: Item) -> QPixmap | None:
        """Return the picture of an item; None where there is none, or none yet."""
        if item.id in self._known:
            self._known.move_to_end(item.id)
            return self._known[item.id]
        if not item.info.kind.is_pixels or item.id in self._running:
            return None
        self._waiting[item.id] = item
        self._waiting.move_to_end(item.id)
        while len(self._waiting) > _WAITING:
            self._waiting.popitem(last=False)
        self._go_on()
        return None

    def _go_on(self) -> None:
        while (
            self._waiting
            and len(self._running) < _AT_ONCE
            and self._experiment is not None
        ):
            id_, item = self._waiting.popitem()
            self._running.add(id_)
            self._make(self._experiment, item)

    def _make(self, experiment: Experiment, item: Item) -> None:
        def done(image: QImage | None) -> None:
            self._running.discard(item.id)
            if experiment is self._experiment:
                self._keep(item.id, image)
            self._go_on()

        self._background.run(_maker(experiment, item), done, lambda _error: done(None))

    def _keep(self, item: ItemId, image: QImage | None) -> None:
        if image is not None:
            image.setDevicePixelRatio(2.0)
        self._known[item] = None if image is None else QPixmap.fromImage(image)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self.made.emit(item)


def _maker(experiment: Experiment, item: Item) -> Callable[[], QImage]:
    def make() -> QImage:
        from bioimageit_flow.session.pictures import thumbnail

        image = QImage.fromData(thumbnail(experiment, item, _MADE))
        return image.scaled(
            QSize(2 * SIDE, 2 * SIDE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )

    return make
