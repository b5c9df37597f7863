"""What this machine can do, and a button for each thing that can be mended."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QVBoxLayout, QWidget

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import pixmap
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.session.mending import (
    Diagnosis,
    Mend,
    command_of,
    diagnose_and_mend,
)

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

TOPICS: Final = (
    "program",
    "machine",
    "disk",
    "container engine",
    "limits",
    "images",
    "engine disk",
    "engine memory",
    "GPU",
    "isolation",
    "left-over containers",
    "uv",
    "environments",
    "tools",
    "plug-in",
    "plug-ins",
)
"""What `doctor` looks at."""


class _Lines(QObject):
    """Carries lines of what goes on from a thread to the window."""

    came = Signal(str)


class DoctorPage(QWidget):
    """Findings line by line, bad ones first, and what can be done about them.

    Parameters
    ----------
    window : MainWindow
        Whose session is looked at.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__()
        self._window = window
        self._is_gone = False
        self._is_looking = False
        self._busy: str = ""
        self._diagnosis: Diagnosis | None = None
        self._lines = _Lines(self)
        self._lines.came.connect(self._show_line)
        self.again = pieces.button(tr("Look again"), self.look)
        self.says = pieces.label("", "muted", wraps=True)
        self.rows = QVBoxLayout()
        self.rows.setContentsMargins(0, 0, 8, 0)
        self.rows.setSpacing(8)
        inner = QWidget()
        inner.setLayout(pieces.column(self.rows, None))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(tr("What this machine can do"))
        head = pieces.row(pieces.label(tr("This machine"), "heading"), None, self.again)
        self.setLayout(pieces.column(head, area, self.says, margin=20, gap=10))

    def look(self) -> None:
        """Look in a thread what this machine can do."""
        if self._is_looking:
            return
        self._is_looking = True
        self.again.setEnabled(False)
        self.says.setText(tr("Looking\u2026"))
        session = self._window.workspace.session

        def done(found: Diagnosis) -> None:
            self._is_looking = False
            if not self._is_gone:
                self._show(found)

        def failed(error: FlowError) -> None:
            self._is_looking = False
            if not self._is_gone:
                self.again.setEnabled(True)
                self._refuse(error)

        self._window.background.run(lambda: diagnose_and_mend(session), done, failed)

    def release(self) -> None:
        """Take no more answers."""
        self._is_gone = True

    def _show(self, found: Diagnosis) -> None:
        self._diagnosis = found
        self.again.setEnabled(True)
        pieces.clear(self.rows)
        for mend in found.mends:
            self.rows.addWidget(self._mend_row(mend))
        if found.mends:
            self.rows.addWidget(pieces.line())
        for finding in sorted(found.findings, key=lambda one: one.is_good):
            command = "" if finding.is_good else command_of(finding)
            remedy = "" if finding.is_good else finding.remedy
            self.rows.addWidget(
                self._row(finding.topic, finding.text, remedy, command, finding.is_good)
            )
        bad = sum(not finding.is_good for finding in found.findings)
        self.says.setText(_summary(bad, has_mends=bool(found.mends)))

    def _row(
        self, topic: str, text: str, remedy: str, command: str, is_good: bool
    ) -> QWidget:
        theme = self._window.theme
        sign = QLabel()
        ink = theme.success if is_good else theme.warning
        sign.setPixmap(pixmap("good" if is_good else "warning", ink, 18, 2))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        sign.setAccessibleName(tr("good") if is_good else tr("wants attention"))
        words = pieces.column(
            pieces.label(tr(topic), "section"),
            pieces.label(said(text), wraps=True),
            gap=2,
        )
        if remedy:
            words.addWidget(pieces.label(said(remedy), "muted", wraps=True))
        row = pieces.row(gap=10)
        row.addWidget(sign)
        row.addLayout(words, 1)
        if command:
            copy = pieces.button(
                tr("Copy the command"),
                lambda: QApplication.clipboard().setText(command),
                tip=command,
            )
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        return pieces.holder(row)

    def _mend_row(self, mend: Mend) -> QWidget:
        button = pieces.button(tr(mend.words), lambda: self._mend(mend), role="primary")
        button.setEnabled(not self._busy)
        button.setAccessibleName(f"{tr(mend.words)}: {mend.what}")
        row = pieces.row(
            pieces.label(tr("{what} is not there yet.", what=mend.what), wraps=True),
            button,
            gap=10,
        )
        row.setStretch(0, 1)
        return pieces.holder(row)

    def _mend(self, mend: Mend) -> None:
        """Do what a button says, and look again."""
        if self._busy:
            return
        self._busy = f"{tr(mend.words)}: {mend.what}"
        self.says.setText(f"{self._busy}\u2026")
        window, lines = self._window, self._lines
        if self._diagnosis is not None:
            self._show_busy(self._diagnosis)

        def done(_result: object) -> None:
            words, self._busy = self._busy, ""
            if self._is_gone:
                window.message.say(tr("Done: {what}.", what=words), level="good")
            else:
                self.look()

        def failed(error: FlowError) -> None:
            self._busy = ""
            if self._is_gone:
                window.refuse(error)
            else:
                self._refuse(error)
                if self._diagnosis is not None:
                    self._show_busy(self._diagnosis)

        window.background.run(lambda: mend.carry_out(lines.came.emit), done, failed)

    def _show_busy(self, found: Diagnosis) -> None:
        said = self.says.text()
        self._show(found)
        self.says.setText(said)

    def _show_line(self, line: str) -> None:
        if not self._is_gone:
            self.says.setText(f"{self._busy}: {line}" if self._busy else line)

    def _refuse(self, error: FlowError) -> None:
        self.says.setText(f"{error.message} {error.remedy}".strip())


def _summary(bad: int, *, has_mends: bool) -> str:
    match bad:
        case 0 if has_mends:
            return tr("Nothing is wrong; what is missing can be made above.")
        case 0:
            return tr("Everything is as it should be.")
        case 1:
            return tr("1 thing wants your attention.")
        case _:
            return tr("{count} things want your attention.", count=bad)
