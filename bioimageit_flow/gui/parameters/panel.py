"""The panel Parameters: a form for what is selected, and the page of its tool."""

from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bioimageit_flow.editor.form import Field, Form
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon, pixmap
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.parameters.about_page import about_page
from bioimageit_flow.gui.parameters.field_column import FieldColumn
from bioimageit_flow.gui.parameters.field_row import FieldRow
from bioimageit_flow.gui.parameters.version_row import Compare, VersionRow
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.tool import InstalledTool

_MARGIN: Final = 14


class ParametersPanel(QScrollArea):
    """Fields of the selected nodes; edits go out, states come in.

    Attributes
    ----------
    edited : Signal
        With the name of a parameter and its new setting; None for the default.
    renamed : Signal
        With a new title.
    version_requested : Signal
        With a reference of the same tool in another version.
    """

    edited = Signal(str, object)
    renamed = Signal(str)
    version_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._theme = theme
        self._columns: tuple[FieldColumn, ...] = ()  # plain and advanced, of a form
        self._shown: object = None
        self._advanced_open = False
        self._about_open = False
        self._about_button: QPushButton | None = None
        self._body: QWidget | None = None
        self._frame = pieces.column(gap=0)
        self.setWidget(pieces.holder(self._frame))
        self.show_nothing()

    @property
    def rows(self) -> dict[str, FieldRow]:
        """The rows that are made, by the name of their parameter."""
        return {name: row for part in self._columns for name, row in part.rows.items()}

    @property
    def is_complete(self) -> bool:
        """Whether every row that is not folded is made."""
        shown = self._columns if self._advanced_open else self._columns[:1]
        return all(part.is_complete for part in shown)

    def has_field(self, name: str) -> bool:
        """Say whether the form has a parameter, its row made or not."""
        return any(name in part for part in self._columns)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours, with the next selection."""
        self._theme = theme
        self._shown = None

    def show_nothing(self, text: str = "") -> None:
        """Say that nothing is selected."""
        if self._shown == ("nothing", text):
            return
        self._shown = ("nothing", text)
        self._drop_rows()
        sign = QLabel()
        sign.setPixmap(pixmap("parameters", self._theme.border, 48, 2))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = pieces.label(
            text or tr("Select a box on the canvas to see its parameters."),
            "muted",
            wraps=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._put(pieces.column(None, sign, words, None, None, margin=24, gap=12))

    def show_page(self, key: object, body: QVBoxLayout) -> None:
        """Show something else than a form, such as a dataset input."""
        self._shown = key
        self._drop_rows()
        self._put(body)

    def is_showing(self, key: object) -> bool:
        """Say whether a page is shown."""
        return bool(self._shown == key)

    def show_form(
        self,
        form: Form,
        *,
        title: str,
        subtitle: str,
        problem: str = "",
        installed: InstalledTool | None = None,
        versions: tuple[str, ...] = (),
        compare: Compare = lambda _version: (),
    ) -> None:
        """Show a form.

        Parameters
        ----------
        title, subtitle : str
            Of the node; of several nodes together.
        problem : str
            The worst problem of the node.
        installed : InstalledTool, optional
            The tool, whose help and facts are shown below.
        versions : tuple of str
            Which can be chosen, the newest first.
        compare : callable
            What another version changes for this node.
        """
        ref = str(installed.ref) if installed else ""
        names = tuple(field.name for field in form.fields)
        key = ("form", form.nodes, names, ref, versions)
        if self._shown != key:
            self._shown = key
            self._build(form, installed, versions, compare)
        else:
            for part in self._columns:
                part.show_fields(form.fields)
        if not self._title.hasFocus():
            self._title.setText(tr(title))
        self._title.setReadOnly(len(form.nodes) != 1)
        self._subtitle.setText(subtitle)
        is_said_below = any(field.problem for field in form.fields)
        self._problem.setText(said(problem))
        self._problem.setVisible(bool(problem) and not is_said_below)
        self._show_advanced_count(form)

    def focus_first(self) -> bool:
        """Put the cursor into the first field; False if there is none."""
        for part in self._columns:
            for name in part.names:
                self.focus_field(name)
                return True
        return False

    def focus_field(self, name: str) -> None:
        """Put the cursor into one field, and bring it into view."""
        for part in self._columns:
            if name in part:
                if part is self._advanced and not self._advanced_open:
                    self._toggle_advanced()
                part.focus(name)

    def _build(
        self,
        form: Form,
        installed: InstalledTool | None,
        versions: tuple[str, ...],
        compare: Compare,
    ) -> None:
        self._drop_rows()
        self._installed = installed
        body = QVBoxLayout()
        body.setContentsMargins(_MARGIN, 12, _MARGIN, _MARGIN)
        body.setSpacing(12)
        self._title = QLineEdit()
        self._title.setObjectName("nodeTitle")
        self._title.setAccessibleName(tr("Title of the box"))
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self._title.setFont(font)
        self._title.editingFinished.connect(self._rename)
        self._subtitle = pieces.label("", "small", wraps=True)
        self._problem = pieces.label("", "error", wraps=True)
        body.addLayout(pieces.column(self._title, self._subtitle, self._problem, gap=4))
        if installed is not None and len(versions) > 1:
            body.addWidget(self._version_row(installed, versions, compare))
        plain = [field for field in form.fields if not field.is_advanced]
        advanced = [field for field in form.fields if field.is_advanced]
        self._plain = self._part(plain)
        self._advanced = self._part(advanced)
        self._columns = (self._plain, self._advanced)
        if not plain:
            self._plain.hide()
        body.addWidget(self._plain)
        if not form.fields:
            says = (
                tr("There is nothing to set.")
                if len(form.nodes) == 1
                else tr("These boxes have no parameter in common.")
            )
            body.addWidget(pieces.label(says, "muted", wraps=True))
        self.advanced_button = pieces.button(
            tr("Advanced"), self._toggle_advanced, role="quiet"
        )
        if not advanced:
            self.advanced_button.hide()
        if not (advanced and self._advanced_open):
            self._advanced.hide()
        body.addWidget(self.advanced_button)
        body.addWidget(self._advanced)
        if installed is not None:
            body.addWidget(pieces.line())
            self._about_button = pieces.button("", self._toggle_about, role="quiet")
            self._about = pieces.column()
            body.addWidget(self._about_button)
            body.addLayout(self._about)
        self._show_folds()
        body.addStretch(1)
        self._put(body)
        self._plain.begin()
        if advanced and self._advanced_open:
            self._advanced.begin()
        if self._about_open:
            self._fill_about()
        self._order()

    def _order(self) -> None:
        """Let Tab walk from value to value, and after them over the buttons of rows."""
        first, folded = (tuple(part.rows.values()) for part in self._columns)
        stops: list[QWidget] = [self._title]
        stops += (one for row in first for one in (row.constant, row.other))
        stops.append(self.advanced_button)
        stops += (one for row in folded for one in (row.constant, row.other))
        stops += (one for row in (*first, *folded) for one in row.buttons)
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _part(self, fields: list[Field]) -> FieldColumn:
        made = FieldColumn(fields, self._theme)
        made.edited.connect(self.edited)
        made.grown.connect(self._order)
        made.reached.connect(self._bring_into_view)
        return made

    def _bring_into_view(self, row: QWidget) -> None:
        self.ensureWidgetVisible(row)
        # A row that was made just now has its place in the next turn.
        QTimer.singleShot(0, row, lambda: self.ensureWidgetVisible(row))

    def _drop_rows(self) -> None:
        for part in self._columns:
            part.stop()
        self._columns = ()
        self._about_button = None

    def _version_row(
        self, installed: InstalledTool, versions: tuple[str, ...], compare: Compare
    ) -> VersionRow:
        id_ = installed.tool.id
        made = VersionRow(installed.tool.version, versions, compare, self._theme)
        made.taken.connect(lambda one: self.version_requested.emit(f"{id_}@{one}"))
        return made

    def open_about(self) -> None:
        """Unfold the page of the tool, and bring it into view."""
        if self._about_button is None:
            return
        if not self._about_open:
            self._toggle_about()
        self.ensureWidgetVisible(self._about_button, 0, 300)

    def _toggle_advanced(self) -> None:
        self._advanced_open = not self._advanced_open
        self._advanced.setVisible(self._advanced_open)
        if self._advanced_open:
            self._advanced.begin()
        self._show_folds()

    def _toggle_about(self) -> None:
        self._about_open = not self._about_open
        self._fill_about()
        self._show_folds()

    def _fill_about(self) -> None:
        """Make the page of the tool, which is long, only where it is read."""
        if self._about_open and self._about.isEmpty() and self._installed is not None:
            self._about.addWidget(about_page(self._installed))
        elif not self._about_open:
            pieces.clear(self._about)

    def _show_folds(self) -> None:
        def sign(is_open: bool) -> QIcon:
            return icon("down" if is_open else "right", self._theme.accent)

        self.advanced_button.setIcon(sign(self._advanced_open))
        if self._about_button is not None:
            self._about_button.setText(tr("About this tool"))
            self._about_button.setIcon(sign(self._about_open))

    def _show_advanced_count(self, form: Form) -> None:
        changed = sum(
            field.is_advanced and not field.is_default for field in form.fields
        )
        words = tr("Advanced")
        if changed:
            words = tr("Advanced ({count} changed)", count=changed)
        self.advanced_button.setText(words)
        is_bad = any(field.is_advanced and field.problem for field in form.fields)
        if is_bad and not self._advanced_open:
            self._toggle_advanced()

    def _rename(self) -> None:
        if self._title.isModified():
            self._title.setModified(False)
            self.renamed.emit(self._title.text())

    def _put(self, body: QVBoxLayout) -> None:
        # Within a frame that stays: what has no parent is dressed anew, which is slow.
        old, self._body = self._body, pieces.holder(body)
        if old is not None:
            self._frame.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._frame.addWidget(self._body)
