"""The line in which a query is written: completed, and wrong where it is wrong."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QInputMethodEvent,
    QKeyEvent,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QWidget

from bioimageit_flow.editor.experiment.completion import (
    Completion,
    Option,
    Vocabulary,
    complete,
    mistake,
)
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.rows import TAG, VALUE, RowDelegate
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.query import doubts, parse

_PAUSE_MS: Final = 350
_ROWS: Final = 9


class QueryField(QWidget):
    """A query, with what can be typed next below it.

    Attributes
    ----------
    asked : Signal
        With a query that can be read, or an empty text for everything; a little after
        the last key, or at once with Enter.
    """

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._known = Vocabulary()
        self._completion: Completion | None = None
        self._asked = ""
        self.field = QLineEdit()
        self.field.setPlaceholderText(
            tr("Filter, for example: condition = drug and dose >= 5")
        )
        self.field.setAccessibleName(tr("Filter of items"))
        self.field.setClearButtonEnabled(True)
        self._sign = QAction(tr("Search"), self)
        self.field.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.says = pieces.label("", "error", wraps=True)
        self.says.hide()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._pause)
        self.popup = QListView(self)
        self.popup.setWindowFlag(Qt.WindowType.ToolTip)
        self.popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.popup.setFocusProxy(self.field)
        self.popup.setAccessibleName(tr("What can be typed next"))
        self.popup.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.model = QStandardItemModel(self)
        self.popup.setModel(self.model)
        self._delegate = RowDelegate(theme, self.popup)
        self.popup.setItemDelegate(self._delegate)
        self.popup.clicked.connect(lambda index: self._take(index.data(VALUE)))
        self.popup.hide()
        self.field.textEdited.connect(self._typed)
        self.field.textChanged.connect(self._changed)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)
        self.setLayout(pieces.column(self.field, self.says, gap=3))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._delegate.theme = theme
        self._sign.setIcon(themed("search", theme))
        self.popup.setStyleSheet(
            f"QListView {{ background: {theme.raised}; padding: 4px;"
            f" border: 1px solid {theme.strong_border}; border-radius: 6px; }}"
        )

    @property
    def text(self) -> str:
        """The query as it was last asked."""
        return self._asked

    def show_known(self, known: Vocabulary) -> None:
        """Say what can be asked for."""
        self._known = known
        if mistake(self.field.text()) is None:
            self._say_unknown()

    def put(self, text: str) -> None:
        """Put a query into the line and ask it."""
        self.field.setText(text)
        self.ask()

    def ask(self) -> None:
        """Ask what stands in the line, or say why it cannot be read."""
        self._later.stop()
        text = self.field.text().strip()
        error = mistake(self.field.text())
        pieces.restyle(self.field, state="bad" if error else "")
        if error is not None:
            self._say(error.message, "error")
            self._underline(error.position or 0)
            return
        self._say_unknown()
        self._underline(None)
        if text != self._asked:
            self._asked = text
            self.asked.emit(text)

    def _say(self, text: str, role: str) -> None:
        self.says.setText(text)
        pieces.restyle(self.says, role=role)
        self.says.setVisible(bool(text))

    def _say_unknown(self) -> None:
        """Name the keys that no item has, with those that are spelled like them."""
        known = [use.name for use in self._known.keys if use.items]
        text = self.field.text()
        found = doubts(parse(text), known) if text.strip() else ()
        self._say(" ".join(said(one) for one in found), "warning")

    def _pause(self) -> None:
        """Ask after a pause; while something is offered the query is not finished."""
        if not self.popup.isVisible() or mistake(self.field.text()) is None:
            self.ask()

    def release(self) -> None:
        """Stop what waits."""
        self._later.stop()
        self.popup.hide()

    def _underline(self, position: int | None) -> None:
        """Draw a wave below what cannot be read; Qt has no other way to do so."""
        marks: list[QInputMethodEvent.Attribute] = []
        text = self.field.text()
        if position is not None and text:
            start = min(position, len(text) - 1)
            end = next(
                (n for n in range(start, len(text)) if text[n].isspace()), len(text)
            )
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(self._theme.error))
            form.setForeground(QColor(self._theme.error))
            marks.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat,
                    start - self.field.cursorPosition(),
                    max(1, end - start),
                    form,
                )
            )
        QApplication.sendEvent(self.field, QInputMethodEvent("", marks))

    # Completion

    def _changed(self) -> None:
        self._underline(None)
        self._later.start()

    def _typed(self) -> None:
        self.offer()

    def offer(self) -> None:
        """Show what can be typed at the cursor."""
        text, cursor = self.field.text(), self.field.cursorPosition()
        found = complete(text, cursor, self._known)
        self._completion = found
        if not found.options:
            self.popup.hide()
            return
        self.model.clear()
        for option in found.options:
            item = QStandardItem(option.text)
            item.setData(option, VALUE)
            item.setData(tr(option.detail) if option.detail else "", TAG)
            item.setEditable(False)
            self.model.appendRow(item)
        self._place_popup(len(found.options))

    def _place_popup(self, rows: int) -> None:
        height = self.popup.sizeHintForRow(0) * min(rows, _ROWS) + 14
        width = min(max(320, self.field.width() // 2), 520)
        below = self.field.mapToGlobal(QPoint(0, self.field.height() + 2))
        screen = self.field.screen().availableGeometry()
        if below.y() + height > screen.bottom():
            below = self.field.mapToGlobal(QPoint(0, -height - 2))
        self.popup.setGeometry(below.x(), below.y(), width, height)
        self.popup.show()
        self.popup.setCurrentIndex(self.model.index(-1, 0))

    def _take(self, option: object) -> None:
        if not isinstance(option, Option) or self._completion is None:
            return
        text, cursor = self._completion.put(self.field.text(), option)
        self.field.setText(text)
        self.field.setCursorPosition(cursor)
        self.field.setFocus()
        self.offer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lead the keys that choose among what is offered to the list."""
        if watched is not self.field:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut:
            self.popup.hide()
            self._later.start()
        elif event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key, is_open = Qt.Key(event.key()), self.popup.isVisible()
        chosen = self.popup.currentIndex()
        match key:
            case Qt.Key.Key_Space if (
                event.modifiers() == Qt.KeyboardModifier.ControlModifier
            ):
                self.offer()
                return True
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                if not is_open:
                    self.offer()
                    return True
                step = 1 if key is Qt.Key.Key_Down else -1
                count = self.model.rowCount()
                row = chosen.row() + step if chosen.isValid() else (step - 1) // 2
                self.popup.setCurrentIndex(self.model.index(row % count, 0))
                return True
            case Qt.Key.Key_Tab if is_open:
                first = chosen if chosen.isValid() else self.model.index(0, 0)
                self._take(first.data(VALUE))
                return True
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if is_open and chosen.isValid():
                    self._take(chosen.data(VALUE))
                else:
                    self.popup.hide()
                    self.ask()
                return True
            case Qt.Key.Key_Escape if is_open:
                self.popup.hide()
                self._later.start()
                return True
        return False
