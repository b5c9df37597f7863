"""What the experiment panel shows while no experiment is open."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QListView, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import VALUE, RowDelegate, row_item
from bioimageit_flow.gui.theme import Theme

_SHOWN: Final = 30


class Welcome(QWidget):
    """Open, create, or go on with a recent experiment.

    Attributes
    ----------
    open_requested, create_requested : Signal
        When a folder shall be chosen.
    server_requested : Signal
        When a database of a server shall keep what is known.
    recent_requested : Signal
        With the folder of an experiment.
    """

    open_requested = Signal()
    create_requested = Signal()
    server_requested = Signal()
    recent_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._paths: tuple[Path, ...] = ()
        self.says = pieces.label("", "error", wraps=True)
        self.says.hide()
        self.open = pieces.button(
            tr("Open an experiment\u2026"), self.open_requested.emit, role="primary"
        )
        self.create_ = pieces.button(
            tr("New experiment\u2026"), self.create_requested.emit
        )
        self.server = pieces.button(
            tr("New on a server\u2026"), self.server_requested.emit
        )
        self.model = QStandardItemModel(self)
        self.recent = QListView()
        self.recent.setModel(self.model)
        self._delegate = RowDelegate(theme, self.recent)
        self.recent.setItemDelegate(self._delegate)
        self.recent.setAccessibleName(tr("Recent experiments"))
        self.recent.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.recent.activated.connect(
            lambda index: self.recent_requested.emit(str(index.data(VALUE)))
        )
        self.recent.clicked.connect(
            lambda index: self.recent_requested.emit(str(index.data(VALUE)))
        )
        self._title = pieces.label(tr("Recent experiments"), "section")
        left = pieces.column(
            pieces.label(tr("No experiment is open"), "heading"),
            pieces.label(
                tr(
                    "An experiment is a folder that holds your images, what you know "
                    "of them, and every result with its history."
                ),
                "muted",
                wraps=True,
            ),
            pieces.row(self.open, self.create_, self.server, None, gap=8),
            self.says,
            None,
            gap=10,
        )
        right = pieces.column(self._title, self.recent, gap=4)
        both = pieces.row(gap=28, margin=16)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        self.setLayout(both)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._delegate.theme = theme
        self.show_recent(self._paths)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """List experiments, the newest first."""
        self._paths = tuple(paths)
        self.model.clear()
        for path in self._paths[:_SHOWN]:
            self.model.appendRow(
                row_item(
                    path.name,
                    str(path.parent),
                    value=str(path),
                    icon=themed("dataset", self._theme),
                    tip=str(path),
                )
            )
        self.recent.setVisible(bool(paths))
        self._title.setVisible(bool(paths))

    def say(self, text: str, role: str = "error") -> None:
        """Say why an experiment could not be opened, or what goes on."""
        self.says.setText(text)
        pieces.restyle(self.says, role=role)
        self.says.setVisible(bool(text))

    def focus(self) -> None:
        """Give the keys to what is most likely wanted."""
        widget = self.recent if self._paths else self.open
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
