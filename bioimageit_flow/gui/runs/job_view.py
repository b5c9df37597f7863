"""One job: how it ended, its command, its log, what it took and made."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QSizePolicy, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.model.units import format_bytes, format_seconds

_LOG_BYTES: Final = 65_536
_LISTED: Final = 40


class JobView(QWidget):
    """What is known of one job.

    Attributes
    ----------
    open_asked : Signal
        With a `JobRecord` whose results are to be looked at.
    trace_asked : Signal
        With the id of a result whose history is to be shown.
    """

    open_asked = Signal(object)
    trace_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: JobRecord | None = None
        self.title = pieces.label("", "heading", wraps=True)
        self.facts = pieces.label("", "muted", wraps=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr("Log of the job"))
        self.open_button = pieces.button(tr("Look at it"), self._open)
        self.trace_button = pieces.button(tr("Where it comes from"), self._trace)
        self.copy_button = pieces.button(tr("Copy the command"), self._copy)
        buttons = pieces.holder(
            pieces.column(
                pieces.row(self.open_button, self.copy_button, None),
                pieces.row(self.trace_button, None),
            )
        )
        policy = QSizePolicy.Policy  # the matrix beside it needs the room
        buttons.setSizePolicy(policy.Ignored, policy.Fixed)
        self.setLayout(
            pieces.column(self.title, self.facts, self.text, buttons, margin=6)
        )
        self.show_job(None, "", None)

    def show_job(
        self, record: JobRecord | None, item: str, experiment: Path | None
    ) -> None:
        """Show a job; None for none."""
        self._record = record
        for button in (self.open_button, self.trace_button, self.copy_button):
            button.setEnabled(record is not None)
        if record is None or experiment is None:
            self.title.setText(tr("Choose a cell to see its job."))
            self.facts.setText("")
            self.text.setPlainText("")
            return
        self.title.setText(f"{record.node} \u00b7 {item}")
        self.facts.setText(" \u00b7 ".join(_facts(record)))
        parts = [record.message] if record.message else []
        parts += [_parameters(record), _passed(record)]
        parts.append(_tail(experiment / record.log) if record.log else "")
        self.text.setPlainText("\n\n".join(part for part in parts if part))
        self.copy_button.setEnabled(bool(record.command))
        self.open_button.setEnabled(bool(record.produced or record.consumed))
        self.trace_button.setEnabled(bool(record.produced))

    def _open(self) -> None:
        if self._record is not None:
            self.open_asked.emit(self._record)

    def _trace(self) -> None:
        """Ask for the history of the result; of several, which one."""
        made = () if self._record is None else self._record.produced
        if len(made) == 1:
            self.trace_asked.emit(made[0].id)
        elif made:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for one in made[:_LISTED]:
                ask = partial(self.trace_asked.emit, one.id)
                menu.addAction(f"{one.port}: {one.name}", ask)
            menu.popup(self.trace_button.mapToGlobal(QPoint(0, 0)))

    def _copy(self) -> None:
        if self._record is not None:
            import shlex

            QGuiApplication.clipboard().setText(shlex.join(self._record.command))


def _facts(record: JobRecord) -> list[str]:
    facts = [tr(str(record.state)), record.tool]
    measured: list[tuple[object, Callable[[], str]]] = [
        (record.elapsed_s, lambda: format_seconds(record.elapsed_s)),
        (record.peak_memory, lambda: format_bytes(record.peak_memory or 0)),
    ]
    facts += [words() for value, words in measured if value]
    if record.attempt > 1:
        facts.append(tr("attempt {number}", number=record.attempt))
    if record.cause is not None:
        facts.append(tr(str(record.cause)))
    facts.append(f"{record.runtime.name} {record.runtime.detail}".strip())
    return facts


def _parameters(record: JobRecord) -> str:
    return "\n".join(
        f"{name} = {value} {record.units.get(name, '')}".rstrip()
        for name, value in record.parameters.items()
    )


def _passed(record: JobRecord) -> str:
    """Return what came in over each edge, and what was made of it."""
    edges = Counter(edge.edge for edge in record.consumed)
    lines = [f"{edge}: {count}" for edge, count in edges.items()]
    lines += [f"{one.port}: {one.name}" for one in record.produced[:_LISTED]]
    return "\n".join(lines)


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _LOG_BYTES))
            data = stream.read()
    except OSError:
        return ""
    text = data.decode("utf-8", "replace")
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
