"""The version of a tool, and what another one would change before it is taken."""

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QVBoxLayout, QWidget

from bioimageit_flow.editor.upgrading import ToolChange
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme

Compare = Callable[[str], Sequence[ToolChange]]


class VersionRow(QWidget):
    """Which version a node has; another one is looked at first, then taken.

    Parameters
    ----------
    present : str
        The version the node was drawn with.
    versions : sequence of str
        All there are, the newest first.
    compare : callable
        What a version changes for this node.

    Attributes
    ----------
    taken : Signal
        With a version, once its changes were seen and accepted.
    """

    taken = Signal(str)

    def __init__(
        self, present: str, versions: Sequence[str], compare: Compare, theme: Theme
    ) -> None:
        super().__init__()
        self._present = present
        self._compare = compare
        self._theme = theme
        self.box = QComboBox()
        self.box.setAccessibleName(tr("Version"))
        for version in versions:
            self.box.addItem(version)
        self.box.setCurrentText(present)
        self.box.activated.connect(lambda _place: self.consider(self.box.currentText()))
        self.upgrade = pieces.button(
            tr("Upgrade to {version}\u2026", version=versions[0]),
            lambda: self.consider(versions[0]),
            icon=icon("upgrade", theme.accent),
        )
        self.upgrade.setVisible(present != versions[0])
        self._card = QFrame()
        self._card.setProperty("role", "card")
        self._card.hide()
        head = pieces.row(pieces.label(tr("Version")), self.box, None)
        # Below and not beside: together they are wider than a panel.
        self.setLayout(pieces.column(head, self.upgrade, self._card, margin=0, gap=8))

    def consider(self, version: str) -> None:
        """Show what a version changes, with the buttons that take or leave it."""
        self.box.setCurrentText(version)
        is_other = version != self._present
        self.upgrade.setVisible(not is_other and self.box.itemText(0) != version)
        if not is_other:
            self._card.hide()
            return
        changes = self._compare(version)
        old = self._card.layout()
        if old is not None:
            QWidget().setLayout(old)  # takes the old rows with it
        self._card.setLayout(self._rows(version, changes))
        self._card.show()

    def _rows(self, version: str, changes: Sequence[ToolChange]) -> QVBoxLayout:
        title = tr("{new} instead of {old}", new=version, old=self._present)
        rows: list[QWidget] = [pieces.label(title, "heading")]
        if not changes:
            rows.append(
                pieces.label(
                    tr("Inputs, outputs, parameters and image are the same."),
                    "muted",
                    wraps=True,
                )
            )
        felt = [one for one in changes if one.is_felt]
        others = [one for one in changes if not one.is_felt]
        for heading, listed in (
            (tr("What this box uses"), felt),
            (tr("Other changes"), others),
        ):
            if listed:
                rows.append(pieces.label(heading, "section"))
                rows += [self._line(one) for one in listed]
        rows.append(
            pieces.label(
                tr("Results will be computed anew; Undo brings the old version back."),
                "small",
                wraps=True,
            )
        )
        take = pieces.button(
            tr("Use {version}", version=version),
            lambda: self.taken.emit(version),
            role="primary",
        )
        leave = pieces.button(
            tr("Keep {version}", version=self._present),
            lambda: self.consider(self._present),
        )
        return pieces.column(*rows, pieces.row(take, leave, None), margin=12, gap=7)

    def _line(self, change: ToolChange) -> QLabel:
        """Return a change as a line: what, and what it was and will be."""
        theme = self._theme
        name, _, fact = change.name.partition(".")
        what = tr(change.area)
        if name:
            what = f"{what} <b>{escape(name)}</b>"
        if fact:
            what = f"{what}, {tr(fact)}"
        old = f'<span style="color:{theme.muted}">{escape(change.old)}</span>'
        new = escape(change.new)
        if not change.old:
            says = f"{tr('new')}: {new}"
        elif not change.new:
            says = f"{tr('gone')} ({old})"
        else:
            says = f"{old} \u2192 {new}"
        made = QLabel(f"{what[:1].upper()}{what[1:]}: {says}")
        made.setTextFormat(Qt.TextFormat.RichText)
        made.setWordWrap(True)
        return made
