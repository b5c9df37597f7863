"""One parameter: name, value, how it is given, what is wrong with it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from bioimageit_flow.editor.form import Field, FieldMode
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import icon
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.parameters.values import (
    CheckEditor,
    ChoiceEditor,
    FileEditor,
    ListEditor,
    NumberEditor,
    TextEditor,
    ValueEditor,
)
from bioimageit_flow.gui.sentences import said
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.workflow.document import FromAnnotation, Swept
from bioimageit_flow.workflow.sweep_text import keep_sweep, read_sweep, sweep_text

_MODES: Final = (FieldMode.CONSTANT, FieldMode.ANNOTATION, FieldMode.SWEEP)
_ICONS: Final = {
    FieldMode.CONSTANT: "constant",
    FieldMode.ANNOTATION: "annotation",
    FieldMode.SWEEP: "sweep",
}


class FieldRow(QWidget):
    """Shows one field of a form and tells what the user makes of it.

    Attributes
    ----------
    edited : Signal
        With the name and the new setting; None resets to the default.
    """

    edited = Signal(str, object)

    def __init__(
        self, field: Field, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"parameter-{field.name}")
        self.field = field
        self._theme = theme
        self._mode = field.mode
        self.name = pieces.label(tr(field.label))
        self.name.setToolTip(field.help)
        self._unit = pieces.label(tr(field.unit), "small")
        self.reset = pieces.tool_button(
            tr("Reset to the default"), icon("reset", theme.muted), self._reset, size=14
        )
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.mode = self._mode_button()
        self.constant = _constant_editor(field, theme)
        self.constant.edited.connect(self._give)
        self.other = QLineEdit()
        self.other.textEdited.connect(self._give_other)
        self.problem = pieces.label("", "error", wraps=True)
        self.help = pieces.label(field.help, "small", wraps=True)
        self.help.hide()
        self._asks = pieces.tool_button(
            tr("What is this?"), icon("help", theme.muted), self._toggle_help, size=14
        )
        head = pieces.row(
            self.name, self._unit, None, self.reset, self._asks, self.mode, gap=4
        )
        self.setLayout(
            pieces.column(
                head, self.constant, self.other, self.problem, self.help, gap=3
            )
        )
        # Not before they lie in this row: alone they would be windows for a moment.
        self._unit.setVisible(bool(field.unit))
        self._asks.setVisible(bool(field.help))
        self.show_field(field)

    def show_field(self, field: Field) -> None:
        """Show a new state of the same parameter."""
        self.field = field
        self._mode = field.mode
        self._show_mode()
        if field.mode is FieldMode.CONSTANT:
            self.constant.show_value(field.value, is_mixed=field.is_mixed)
        else:
            self._show_other(field.value)
        self._show_problem(self._misread() or field.problem)
        self.reset.setVisible(not field.is_default)
        font = self.name.font()
        font.setBold(not field.is_default)
        self.name.setFont(font)
        about = field.help or field.label
        self.constant.set_name(tr(field.label), f"{about} {field.problem}".strip())
        self.other.setAccessibleName(tr(field.label))
        for one in self.buttons:  # they are alike in every row
            one.setAccessibleName(f"{one.toolTip()}: {tr(field.label)}")

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """What belongs to the value: reset, mode, help."""
        return self.reset, self.mode, self._asks

    def has_focus(self) -> bool:
        """Say whether the user is in this row."""
        return self.isAncestorOf(self.window().focusWidget() or self.window())

    def _mode_button(self) -> QToolButton:
        made = pieces.tool_button(
            tr("How the value is given"), icon("constant", "#000000")
        )
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        group = QActionGroup(menu)
        words = {
            FieldMode.CONSTANT: tr("One value for all"),
            FieldMode.ANNOTATION: tr("From an annotation of each item"),
            FieldMode.SWEEP: tr("Several values in turn (sweep)"),
        }
        self._actions: dict[FieldMode, QAction] = {}
        for mode in _MODES:
            action = menu.addAction(icon(_ICONS[mode], self._theme.text), words[mode])
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, mode=mode: self.set_mode(mode))
            self._actions[mode] = action
        made.setMenu(menu)
        return made

    def set_mode(self, mode: FieldMode) -> None:
        """Give the value in another way."""
        if mode is self._mode:
            return
        self._mode = mode
        self._show_mode()
        match mode:
            case FieldMode.CONSTANT:
                self.edited.emit(self.field.name, None)
            case FieldMode.ANNOTATION:
                self.other.setText(self.field.name)
                self._give_other(self.field.name)
            case FieldMode.SWEEP:
                text = _first_sweep(self.field)
                self.other.setText(text)
                self._give_other(text)
        target = self.constant if mode is FieldMode.CONSTANT else self.other
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_mode(self) -> None:
        is_constant = self._mode is FieldMode.CONSTANT
        self.constant.setVisible(is_constant)
        self.other.setVisible(not is_constant)
        colour = self._theme.muted if is_constant else self._theme.accent
        self.mode.setIcon(icon(_ICONS[self._mode], colour))
        self._actions[self._mode].setChecked(True)
        if self._mode is FieldMode.ANNOTATION:
            self.other.setPlaceholderText(tr("Key of the annotation"))
        elif self._mode is FieldMode.SWEEP:
            self.other.setPlaceholderText(tr("5, 10, 20 or 1 to 10 step 0.5"))

    def _show_other(self, value: object) -> None:
        match value:
            case FromAnnotation():
                text = value.annotation
            case Swept():
                text = sweep_text(value.sweep)
            case _:
                text = ""
        if not self.other.hasFocus():
            self.other.setText(text)

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(said(problem))
        self.problem.setVisible(bool(problem))
        self.constant.mark(is_bad=bool(problem))
        pieces.restyle(self.other, state="bad" if problem else "")

    def _give(self, value: object) -> None:
        self.edited.emit(self.field.name, value)

    def _give_other(self, text: str) -> None:
        if self._mode is FieldMode.ANNOTATION:
            self.edited.emit(self.field.name, FromAnnotation(annotation=text.strip()))
            return
        swept = keep_sweep(text, self.field.type)
        before = self.field.value
        if isinstance(before, Swept):  # its names stand in the file, not in the text
            names = {"zip": before.sweep.zip, "key": before.sweep.key}
            swept = Swept(sweep=swept.sweep.model_copy(update=names))
        self.edited.emit(self.field.name, swept)

    def _misread(self) -> str:
        """Return why what stands there is no sweep; empty if it is one."""
        if self._mode is not FieldMode.SWEEP:
            return ""
        try:
            read_sweep(self.other.text(), self.field.type)
        except ValueError as error:
            return f"{str(error)[:1].upper()}{str(error)[1:]}."
        return ""

    def _reset(self) -> None:
        self.edited.emit(self.field.name, None)

    def _toggle_help(self) -> None:
        self.help.setVisible(self.help.isHidden())


def _first_sweep(field: Field) -> str:
    """Return a sweep to begin with: the present value and its neighbours."""
    value = field.default if field.is_mixed else field.value
    if field.type is ParameterType.CHOICE:
        return ", ".join(choice for choice, _words in field.choices)
    if field.type is ParameterType.BOOL:
        return "true, false"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value or "")
    low, high = field.bounds
    tried = [value / 2, value, value * 2] if value else [0, 1, 2]
    if field.type is ParameterType.INT:
        tried = [round(one) for one in tried]
    kept = [
        one
        for one in tried
        if (low is None or one >= low) and (high is None or one <= high)
    ]
    return ", ".join(f"{one:g}" for one in dict.fromkeys(kept))


def _constant_editor(field: Field, theme: Theme) -> ValueEditor:
    match field.type:
        case ParameterType.INT | ParameterType.FLOAT:
            is_whole = field.type is ParameterType.INT
            made = NumberEditor(
                is_whole=is_whole,
                step=field.step or (1 if is_whole else 0.1),
                bounds=field.bounds,
            )
            made.field.setToolTip(bounds_text(field))
            return made
        case ParameterType.BOOL:
            return CheckEditor(tr("on"))
        case ParameterType.CHOICE:
            return ChoiceEditor(field.choices)
        case ParameterType.LIST:
            return ListEditor(field.item)
        case ParameterType.FILE:
            return FileEditor(theme)
        case _:
            return TextEditor()


def bounds_text(field: Field) -> str:
    """Return the bounds and the default in words."""
    low, high = field.bounds
    unit = f" {field.unit}" if field.unit else ""
    default = tr("default {value}", value=f"{field.default}{unit}")
    if low is not None and high is not None:
        return (
            tr("{low} to {high}", low=f"{low:g}", high=f"{high:g}{unit}")
            + f", {default}"
        )
    if low is not None:
        return tr("at least {low}", low=f"{low:g}{unit}") + f", {default}"
    if high is not None:
        return tr("at most {high}", high=f"{high:g}{unit}") + f", {default}"
    return default
