"""The line above an image: which item, how it is shown, where else to open it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.pieces import label, tool_button
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.gui.viewer.compare_area import Arrangement
from bioimageit_flow.session.programs import Program, open_in, programs


class PageHeader(QWidget):
    """Buttons and the name of the item.

    Attributes
    ----------
    stepped : Signal
        Go so many items on.
    arranged : Signal
        Two images are to stand otherwise.
    failed : Signal
        Another program did not start.
    """

    stepped = Signal(int)
    arranged = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        theme: Theme,
        *,
        fit: Callable[[], None],
        original: Callable[[], None],
        measure: Callable[[], None],
        cuts: Callable[[], None],
        files: Callable[[], list[Path]],
    ) -> None:
        super().__init__()
        self._files = files
        self._icons: list[tuple[QToolButton, str]] = []
        self.previous = self._button(
            tr("Previous item (Page Up)"), "up", lambda: self.stepped.emit(-1)
        )
        self.next = self._button(
            tr("Next item (Page Down)"), "down", lambda: self.stepped.emit(1)
        )
        self.count = label("", "muted")
        self.name = label("", "heading")
        self.name.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.arrangements: dict[Arrangement, QToolButton] = {}
        for arrangement, title in (
            (Arrangement.WIPE, tr("A/B curtain")),
            (Arrangement.SIDE, tr("Side by side")),
        ):
            made = self._text_button(title, partial(self.arranged.emit, arrangement))
            made.setCheckable(True)
            self.arrangements[arrangement] = made
        self.same = QCheckBox(tr("Same contrast"))
        self.same.setChecked(True)
        self.linked = QCheckBox(tr("Linked"))
        self.linked.setToolTip(tr("Both images show the same place"))
        self.linked.setChecked(True)
        self._fit = self._button(tr("Show all (F)"), "fit", fit)
        self._original = self._text_button("1:1", original)
        self._original.setToolTip(tr("One pixel of the image per pixel of the screen"))
        self.measure = self._text_button(tr("Measure"), measure)
        self.measure.setToolTip(
            tr("Length and intensities along a line that you drag (M)")
        )
        self.measure.setCheckable(True)
        self.cuts = self._text_button("XZ / YZ", cuts)
        self.cuts.setAccessibleName(tr("Cuts along the depth"))
        self.cuts.setToolTip(tr("Show the stack from the front and from the side (X)"))
        self.cuts.setCheckable(True)
        self.cuts.hide()
        self.elsewhere = self._button(tr("Open in another program"), "external")
        self.elsewhere.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.elsewhere.setMenu(self._menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(4)
        layout.addWidget(self.previous)
        layout.addWidget(self.next)
        layout.addWidget(self.count)
        layout.addSpacing(8)
        layout.addWidget(self.name, 1)
        for widget in (*self.arrangements.values(), self.linked, self.same):
            layout.addWidget(widget)
        layout.addSpacing(8)
        for widget in (
            self._fit,
            self._original,
            self.cuts,
            self.measure,
            self.elsewhere,
        ):
            layout.addWidget(widget)
        self.set_compares(has_two=False)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for made, name in self._icons:
            made.setIcon(themed(name, theme))

    def set_compares(self, *, has_two: bool) -> None:
        """Show what only two images need."""
        for widget in (*self.arrangements.values(), self.linked, self.same):
            widget.setVisible(has_two)

    def show_arrangement(self, arrangement: Arrangement) -> None:
        """Show which arrangement is taken."""
        for one, made in self.arrangements.items():
            made.setChecked(one == arrangement)

    def show_item(self, name: str, number: int, count: int) -> None:
        """Show which item it is, from 0, and of how many."""
        self.name.setText(name)
        self.name.setToolTip(name)
        self.count.setText(f"{number + 1} / {count}" if count > 1 else "")
        self.previous.setEnabled(number > 0)
        self.next.setEnabled(number + 1 < count)
        for made in (self.previous, self.next):
            made.setVisible(count > 1)

    def show_tools(self, *, has_image: bool) -> None:
        """Show what only images need."""
        for one in (self._fit, self._original, self.measure):
            one.setVisible(has_image)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for program in programs():
            action = self._menu.addAction(
                tr("Open in {name}", name=program.name)
                if program.is_there
                else tr("{name} was not found", name=program.name)
            )
            action.setEnabled(program.is_there)
            action.setToolTip(said(program.reason))
            action.triggered.connect(lambda _on=False, one=program: self._open(one))
        self._menu.setToolTipsVisible(True)
        missing = [one for one in programs() if not one.is_there]
        if missing:
            self._menu.addSeparator()
            for program in missing:
                told = self._menu.addAction(said(program.reason))
                told.setEnabled(False)

    def _open(self, program: Program) -> None:
        try:
            open_in(program, self._files())
        except FlowError as error:
            self.failed.emit(error)

    def _button(
        self, name: str, icon: str, call: Callable[[], object] | None = None
    ) -> QToolButton:
        made = tool_button(name, QIcon(), call)
        self._icons.append((made, icon))
        return made

    def _text_button(self, title: str, call: Callable[[], object]) -> QToolButton:
        made = QToolButton()
        made.setText(title)
        made.setAccessibleName(title)
        made.setProperty("role", "labelled")
        made.clicked.connect(lambda: call())
        return made
