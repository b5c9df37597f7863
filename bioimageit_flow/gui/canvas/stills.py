"""The last picture of each box, so that a frame paints few boxes and shows many.

At rest a box is painted once for a zoom and then shown as it was. While one zooms, its
last picture is shown larger or smaller, and only some pictures are made anew in each
frame; once the zoom rests, all become sharp, a part of them in each turn.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap, QTransform

FRESH_WHILE_ZOOMING: Final = 12
"""How many pictures are made in one frame while the zoom changes."""
FRESH_AT_REST: Final = 120
"""How many are made in one frame once it rests; the next ones come in the next."""
TINY: Final = 0.17
"""At smaller zooms a box is painted as fast as its picture."""

_REST_MS: Final = 110
_MOST_BYTES: Final = 160_000_000
_COARSEST, _FINEST = 0.62, 1.9
"""A picture that is stretched or shrunk further than this is made anew."""


class Stills(QObject):
    """The pictures of the boxes of one view.

    Parameters
    ----------
    refresh : callable
        Asks the view to paint again.
    parent : QObject
        The view.
    """

    def __init__(self, refresh: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._refresh = refresh
        self._kept: OrderedDict[int, tuple[QPixmap, float]] = OrderedDict()
        self._bytes = 0
        self._ratio = 1.0
        self._left = 0
        self._is_zooming = False
        self._is_coarse = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._settle)
        self.made = 0

    # What the view tells

    def zoom_changes(self) -> None:
        """Make do with the pictures there are until the zoom rests."""
        self._is_zooming = self._is_coarse = True
        self._rest.start(_REST_MS)

    def begin_frame(self, ratio: float) -> None:
        """Begin to paint a frame on a screen of so many pixels per logical one."""
        self._ratio = ratio
        self._left = FRESH_WHILE_ZOOMING if self._is_zooming else FRESH_AT_REST
        self.made = 0

    def end_frame(self) -> None:
        """Paint again soon, where something could not be made in this frame."""
        if self._is_coarse and not self._is_zooming:
            if self._left <= 0:
                self._rest.start(0)
            else:
                self._is_coarse = False

    @property
    def is_sharp(self) -> bool:
        """Whether what is seen is as it should be."""
        return not self._is_coarse

    @property
    def kept(self) -> int:
        """How many pictures there are."""
        return len(self._kept)

    def _settle(self) -> None:
        self._is_zooming = False
        self._refresh()

    # What a box asks

    def forget(self, key: int) -> None:
        """Drop the picture of a box that looks otherwise now, or is gone."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= _size(kept[0])

    def draw(
        self,
        painter: QPainter,
        key: int,
        box: QRectF,
        core: QRectF,
        paint: Callable[[QPainter, float], None],
    ) -> bool:
        """Draw a box by its picture.

        Parameters
        ----------
        painter : QPainter
            With the upper left corner of the box at the origin.
        key : int
            Which box.
        box : QRectF
            What it covers, around its origin.
        core : QRectF
            The part of it that is shown while one zooms: less is far cheaper.
        paint : callable
            Paints it with a painter, for a zoom.

        Returns
        -------
        bool
            False where there is no picture and none can be made in this frame.
        """
        world = painter.worldTransform()
        zoom = world.m11()
        wanted = zoom * self._ratio
        kept = self._kept.get(key)
        if kept is None or kept[1] != wanted:
            stretch = wanted / kept[1] if kept is not None else 0.0
            is_poor = not (self._is_zooming and _COARSEST < stretch < _FINEST)
            if is_poor and self._left <= 0:
                self._is_coarse = True
            elif is_poor:
                self._left -= 1
                kept = self._make(key, box, zoom, paint)
        if kept is None:
            return False
        picture, made_for = kept
        if made_for == wanted:
            at = world.map(box.topLeft())
            painter.save()
            painter.setWorldTransform(
                QTransform.fromTranslate(
                    round(at.x() * self._ratio) / self._ratio,
                    round(at.y() * self._ratio) / self._ratio,
                )
            )
            painter.drawPixmap(QPointF(0, 0), picture)
            painter.restore()
        else:
            part = QRectF(
                (core.left() - box.left()) * made_for,
                (core.top() - box.top()) * made_for,
                core.width() * made_for,
                core.height() * made_for,
            )
            painter.drawPixmap(core, picture, part)
        return True

    def _make(
        self,
        key: int,
        box: QRectF,
        zoom: float,
        paint: Callable[[QPainter, float], None],
    ) -> tuple[QPixmap, float]:
        self.forget(key)
        scale = zoom * self._ratio
        picture = QPixmap(
            max(int(box.width() * scale) + 2, 1), max(int(box.height() * scale) + 2, 1)
        )
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        painter.scale(scale, scale)
        painter.translate(-box.topLeft())
        paint(painter, zoom)
        painter.end()
        picture.setDevicePixelRatio(self._ratio)
        self._kept[key] = picture, scale
        self._bytes += _size(picture)
        self.made += 1
        while self._bytes > _MOST_BYTES and len(self._kept) > 1:
            self.forget(next(iter(self._kept)))
        return self._kept[key]


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
