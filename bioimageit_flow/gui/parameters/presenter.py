"""Between the selection of an editor and the panel Parameters."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import COLOURS, NodeRole, NodeView
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.parameters.panel import ParametersPanel
from bioimageit_flow.model.kinds import Kind

_AXES = ("", "YX", "ZYX", "CYX", "TYX", "CZYX", "TCYX", "TCZYX")


class ParametersPresenter(QObject):
    """Shows what is selected, and makes intents of what is edited.

    Parameters
    ----------
    panel : ParametersPanel
        Where it is shown.
    attempt : callable
        Runs an intent and shows a refusal in the window.
    """

    def __init__(
        self,
        panel: ParametersPanel,
        attempt: Callable[[Callable[[], object]], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._attempt = attempt
        self._editor: Editor | None = None
        self._fields: dict[str, QWidget] = {}
        panel.edited.connect(self._set)
        panel.renamed.connect(self._rename)
        panel.version_requested.connect(self._change_version)

    def show_editor(self, editor: Editor | None) -> None:
        """Follow another editor."""
        self._editor = editor
        self.refresh()

    def refresh(self) -> None:
        """Show the present state of what is selected."""
        editor = self._editor
        if editor is None:
            self._panel.show_nothing(tr("Open or begin a workflow."))
            return
        chosen = editor.selection
        nodes = editor.selected_nodes
        if len(nodes) == 1 and editor.scene.nodes[nodes[0]].role is NodeRole.DATASET:
            self._show_dataset(editor, nodes[0])
        elif nodes:
            self._show_form(editor, nodes)
        elif len(chosen) == 1 and next(iter(chosen)) in editor.scene.notes:
            self._show_note(editor, next(iter(chosen)))
        elif len(chosen) == 1 and next(iter(chosen)) in editor.scene.frames:
            self._show_frame(editor, next(iter(chosen)))
        elif len(chosen) == 1 and next(iter(chosen)) in editor.scene.wires:
            self._show_wire(editor, next(iter(chosen)))
        else:
            self._show_workflow(editor)

    def focus(self) -> bool:
        """Put the cursor into the first field."""
        if self._panel.focus_first():
            return True
        for widget in self._fields.values():
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        return False

    # Forms

    def _show_form(self, editor: Editor, nodes: tuple[str, ...]) -> None:
        form = editor.form(nodes)
        views = [editor.scene.nodes[node] for node in nodes]
        tools = [one for one in views if one.role is not NodeRole.DATASET]
        if not tools:
            self._panel.show_nothing(tr("Several dataset inputs are selected."))
            return
        first = tools[0]
        installed = editor.installed_tool(first.id) if len(tools) == 1 else None
        versions = editor.versions_of(first.id) if installed else ()
        title = first.title
        subtitle = _subtitle(first)
        if len(tools) > 1:
            title = tr("{count} boxes", count=len(tools))
            subtitle = tr("What they share; a change is made in all of them.")
        self._panel.show_form(
            form,
            title=title,
            subtitle=subtitle,
            problem=first.problem if len(tools) == 1 else "",
            installed=installed,
            versions=versions,
            compare=partial(editor.version_changes, first.id),
        )

    def _set(self, name: str, value: object) -> None:
        editor = self._editor
        if editor is not None and editor.selected_nodes:
            nodes = tuple(
                node
                for node in editor.selected_nodes
                if editor.scene.nodes[node].role is not NodeRole.DATASET
            )
            self._attempt(lambda: editor.set_parameter(nodes, name, value))

    def _rename(self, title: str) -> None:
        editor = self._editor
        if editor is not None and len(editor.selected_nodes) == 1:
            (node,) = editor.selected_nodes
            self._attempt(lambda: editor.rename(node, title))

    def _change_version(self, ref: str) -> None:
        editor = self._editor
        if editor is not None and len(editor.selected_nodes) == 1:
            (node,) = editor.selected_nodes
            self._attempt(lambda: editor.swap_tool(node, ref))

    # Other pages

    def _show_dataset(self, editor: Editor, node: str) -> None:
        given = editor.document.inputs[node]
        key = ("dataset", id(editor), node)
        if not self._panel.is_showing(key):
            self._fields = {
                "label": QLineEdit(),
                "kind": _box([(kind.value, tr(kind.value)) for kind in Kind]),
                "axes": _box([(one, one or tr("any")) for one in _AXES], is_open=True),
                "help": QPlainTextEdit(),
            }
            names = {
                "label": tr("Title"),
                "kind": tr("Kind of data"),
                "axes": tr("Axes"),
                "help": tr("What to bind here"),
            }
            about = tr(
                "A dataset input names what a run needs. The run binds it to a "
                "dataset of an experiment, so the file holds nobody's paths."
            )
            body = self._page(tr("Dataset input"), node, names, about)
            for name, widget in self._fields.items():
                self._follow(widget, partial(self._set_dataset, name))
            self._panel.show_page(key, body)
        self._give("label", given.label)
        self._give("kind", given.kind.value)
        self._give("axes", ", ".join(given.axes))
        self._give("help", given.help)

    def _set_dataset(self, name: str, value: str) -> None:
        editor = self._editor
        if editor is None or len(editor.selected_nodes) != 1:
            return
        (node,) = editor.selected_nodes
        fields: dict[str, object] = {name: value}
        if name == "axes":
            words = value.replace(",", " ").upper().split()
            fields = {"axes": tuple(words)}
        self._attempt(lambda: editor.set_dataset(node, **fields))

    def _show_note(self, editor: Editor, note: str) -> None:
        key = ("note", id(editor), note)
        if not self._panel.is_showing(key):
            self._fields = {"text": QPlainTextEdit()}
            about = tr("Markdown: **bold**, *italic*, lists and links.")
            body = self._page(tr("Note"), "", {"text": tr("Text")}, about)
            self._follow(
                self._fields["text"],
                lambda value: self._attempt(lambda: editor.set_note(note, value)),
            )
            self._panel.show_page(key, body)
        self._give("text", editor.scene.notes[note].text)

    def _show_frame(self, editor: Editor, frame: str) -> None:
        key = ("frame", id(editor), frame)
        view = editor.scene.frames[frame]
        if not self._panel.is_showing(key):
            self._fields = {
                "title": QLineEdit(),
                "colour": _box([(one, tr(one)) for one in COLOURS]),
            }
            names = {"title": tr("Title"), "colour": tr("Colour")}
            about = tr("A frame carries the boxes in it along.")
            body = self._page(tr("Frame"), "", names, about)
            for name, widget in self._fields.items():
                self._follow(
                    widget,
                    partial(self._set_frame, editor, frame, name),
                )
            self._panel.show_page(key, body)
        self._give("title", view.title)
        self._give("colour", view.colour)

    def _show_wire(self, editor: Editor, wire: str) -> None:
        view = editor.scene.wires[wire]
        key = ("wire", id(editor), wire, view.problem, view.kind)
        if self._panel.is_showing(key):
            return
        self._fields = {}
        about = view.problem or tr("Press Delete to remove it.")
        kind = tr(view.kind.value) if view.kind else tr("unknown")
        body = self._page(
            tr("Wire"), wire, {}, f"{tr('It carries {kind}.', kind=kind)} {about}"
        )
        self._panel.show_page(key, body)

    def _show_workflow(self, editor: Editor) -> None:
        document = editor.document
        key = ("workflow", id(editor), editor.entered)
        if not self._panel.is_showing(key):
            self._fields = {
                "name": QLineEdit(),
                "description": QPlainTextEdit(),
                "licence": QLineEdit(),
            }
            names = {
                "name": tr("Name"),
                "description": tr("Description"),
                "licence": tr("Licence"),
            }
            about = tr("Select a box on the canvas to see its parameters.")
            body = self._page(tr("Workflow"), "", names, about)
            for name, widget in self._fields.items():
                self._follow(
                    widget,
                    partial(self._set_about, editor, name),
                )
            self._panel.show_page(key, body)
        self._give("name", document.name)
        self._give("description", document.description)
        self._give("licence", document.licence)

    def _set_frame(self, editor: Editor, frame: str, name: str, value: str) -> None:
        self._attempt(lambda: editor.set_frame(frame, **{name: value}))

    def _set_about(self, editor: Editor, name: str, value: str) -> None:
        self._attempt(lambda: editor.set_about(**{name: value}))

    def _page(
        self, title: str, subtitle: str, names: dict[str, str], about: str
    ) -> QVBoxLayout:
        body = pieces.column(pieces.label(title, "heading"), margin=14, gap=12)
        if subtitle:
            body.addWidget(pieces.label(subtitle, "small", wraps=True))
        for name, words in names.items():
            widget = self._fields[name]
            widget.setObjectName(f"field-{name}")
            widget.setAccessibleName(words)
            if isinstance(widget, QComboBox) and (field := widget.lineEdit()):
                field.setAccessibleName(words)
            if isinstance(widget, QPlainTextEdit):
                widget.setMinimumHeight(96)
                widget.setMaximumHeight(180)
                widget.setTabChangesFocus(True)
            body.addLayout(pieces.column(pieces.label(words), widget, gap=3))
        body.addWidget(pieces.label(about, "muted", wraps=True))
        body.addStretch(1)
        return body

    def _follow(self, widget: QWidget, call: Callable[[str], object]) -> None:
        match widget:
            case QLineEdit():
                widget.textEdited.connect(lambda text: call(text))
            case QPlainTextEdit():
                widget.textChanged.connect(
                    lambda: call(widget.toPlainText()) if widget.hasFocus() else None
                )
            case QComboBox() if widget.isEditable():
                widget.editTextChanged.connect(
                    lambda text: call(text) if widget.hasFocus() else None
                )
                widget.activated.connect(
                    lambda _place: call(widget.currentData() or "")
                )
            case QComboBox():
                widget.activated.connect(lambda _place: call(str(widget.currentData())))

    def _give(self, name: str, text: str) -> None:
        match self._fields.get(name):
            case QLineEdit() as widget if widget.text() != text:
                if not widget.hasFocus():
                    widget.setText(text)
            case QPlainTextEdit() as widget if widget.toPlainText() != text:
                if not widget.hasFocus():
                    widget.setPlainText(text)
            case QComboBox() as widget if widget.isEditable():
                if not widget.hasFocus():
                    widget.setEditText(text)
            case QComboBox() as widget:
                widget.setCurrentIndex(widget.findData(text))


def _box(entries: list[tuple[str, str]], *, is_open: bool = False) -> QComboBox:
    made = QComboBox()
    made.setEditable(is_open)
    for value, words in entries:
        made.addItem(words, value)
    return made


def _subtitle(view: NodeView) -> str:
    parts = [tr(view.subtitle)]
    if view.category and view.category not in view.subtitle:
        parts.append(tr(view.category))
    return " \u00b7 ".join(part for part in parts if part)
