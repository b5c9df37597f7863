"""Where jobs run and what they may use; which folders are used."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QSpinBox,
    QWidget,
)

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.folder_dialog import call_with_folder
from bioimageit_flow.gui.language import tr
from bioimageit_flow.session.preferences import (
    Preferences,
    apply_preferences,
    load_preferences,
    reread_tools,
    save_preferences,
    set_by_hand,
)

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

_LEAST: Final = 18
"""Letters of a choice that are seen where there is little room."""


class Machine(QObject):
    """The choices of this user for this machine, kept and obeyed at once.

    Attributes
    ----------
    changed : Signal
        When a choice was kept.
    """

    changed = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.chosen = load_preferences()
        self.by_hand = set_by_hand()

    def change(self, **choices: Any) -> FlowError | None:  # noqa: ANN401
        """Keep other choices; return why they cannot be obeyed, if so."""
        wanted: Preferences = replace(self.chosen, **choices)
        if wanted == self.chosen:
            return None
        try:
            save_preferences(wanted)
        except FlowError as error:
            return error
        folders = wanted.tool_folders != self.chosen.tool_folders
        engine = wanted.engine != self.chosen.engine
        self.chosen = wanted
        apply_preferences(wanted)
        workspace = self._window.workspace
        if engine:
            workspace.session.close()
        if folders:
            reread_tools(workspace.session)
            for editor in workspace.editors:
                editor.reload_tools()
            self._window.newcomers.begin()
        self.changed.emit()
        return None


class _Page(QWidget):
    def __init__(self, machine: Machine, title: str, about: str) -> None:
        super().__init__()
        self.machine = machine
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(20)
        self.form.setVerticalSpacing(12)
        self.says = pieces.label("", "error", wraps=True)
        self.setLayout(
            pieces.column(
                pieces.label(title, "heading"),
                pieces.label(about, "muted", wraps=True),
                self.form,
                self.says,
                None,
                margin=20,
                gap=14,
            )
        )

    def take(self, **choices: Any) -> bool:  # noqa: ANN401
        """Keep choices, or say why not."""
        error = self.machine.change(**choices)
        self.says.setText(
            f"{error.message} {error.remedy}".strip() if error is not None else ""
        )
        return error is None

    def add(self, words: str, field: QWidget, variable: str = "") -> None:
        """Add a line; a variable that was set by hand wins and is named."""
        field.setAccessibleName(words)
        value = self.machine.by_hand.get(variable)
        if value is None:
            self.form.addRow(words, field)
            return
        field.setEnabled(False)
        note = pieces.label(
            tr("{name} is set to {value}, which wins.", name=variable, value=value),
            "small",
            wraps=True,
        )
        self.form.addRow(words, pieces.holder(pieces.column(field, note, gap=3)))


class RunsPage(_Page):
    """Which runtime, the address of the engine, processors and memory."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(
            machine,
            tr("Runs and limits"),
            tr(
                "Where tools run, and how much of this machine all jobs of a run use "
                "together. Runs that were started already keep what they have."
            ),
        )
        chosen = machine.chosen
        self.runtime = QComboBox()
        self.runtime.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.runtime.setMinimumContentsLength(_LEAST)
        for name, words in (
            ("auto", tr("Containers where they can be had, else environments")),
            ("container", tr("Containers only")),
            ("environment", tr("Environments only (not isolated)")),
        ):
            self.runtime.addItem(words, name)
        self.runtime.setCurrentIndex(max(0, self.runtime.findData(chosen.runtime)))
        self.runtime.activated.connect(
            lambda _place: self.take(runtime=str(self.runtime.currentData()))
        )
        self.engine = QLineEdit(chosen.engine)
        self.engine.setPlaceholderText(tr("found by itself"))
        self.engine.editingFinished.connect(self._take_engine)
        self.cpus = QSpinBox()
        self.cpus.setRange(0, 1024)
        self.cpus.setSpecialValueText(tr("all"))
        self.cpus.setValue(chosen.cpus or 0)
        self.cpus.valueChanged.connect(lambda value: self.take(cpus=value or None))
        self.memory = QDoubleSpinBox()
        self.memory.setRange(0, 100_000)
        self.memory.setDecimals(1)
        self.memory.setSingleStep(1)
        self.memory.setSuffix(" GB")
        self.memory.setSpecialValueText(tr("nine tenths of it"))
        self.memory.setValue(chosen.memory_gb or 0)
        self.memory.valueChanged.connect(
            lambda value: self.take(memory_gb=round(value, 1) or None)
        )
        self.add(tr("Tools run in"), self.runtime)
        self.add(tr("Address of the engine"), self.engine, "DOCKER_HOST")
        self.add(tr("Processors"), self.cpus, "BIOIMAGEIT_FLOW_CPUS")
        self.add(tr("Memory"), self.memory, "BIOIMAGEIT_FLOW_MEMORY_BYTES")
        self.form.addRow(
            "",
            pieces.label(
                tr(
                    "A job that needs two processors and 4 GB takes that much of it; "
                    "as many jobs run at once as have room."
                ),
                "small",
                wraps=True,
            ),
        )

    def _take_engine(self) -> None:
        done = self.take(engine=self.engine.text().strip())
        pieces.restyle(self.engine, state="" if done else "bad")


class FoldersPage(_Page):
    """Further tools, where jobs work, environments are, and results are shared."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(
            machine,
            tr("Folders"),
            tr("Empty fields mean the usual places of your system."),
        )
        chosen = machine.chosen
        self.tools = QListWidget()
        self.tools.addItems(list(chosen.tool_folders))
        self.tools.setMaximumHeight(110)
        buttons = pieces.column(
            pieces.button(tr("Add\u2026"), self._ask_tools),
            pieces.button(tr("Remove"), self._remove_tools),
            None,
        )
        self.tools.setAccessibleName(tr("Folders with tools"))
        self.form.addRow(
            tr("Folders with tools"),
            pieces.holder(pieces.row(self.tools, buttons)),
        )
        self.work = self._folder("work_folder", chosen.work_folder)
        self.cache = self._folder("cache_folder", chosen.cache_folder)
        self.add(tr("Jobs work in"), self.work, "BIOIMAGEIT_FLOW_WORK")
        self.add(tr("Environments are in"), self.cache, "BIOIMAGEIT_FLOW_CACHE")
        self.shared = self._folder("shared_folder", chosen.shared_folder, tr("none"))
        self.add(tr("Results are shared in"), self.shared, "BIOIMAGEIT_FLOW_SHARED")
        self.form.addRow(
            "",
            pieces.label(
                tr(
                    "Runs take what other experiments have computed already from this "
                    "folder, and add what they compute. Leave it empty to share "
                    "nothing. A new folder has to be empty."
                ),
                "small",
                wraps=True,
            ),
        )
        if "BIOIMAGEIT_FLOW_TOOLS" in machine.by_hand:
            self.tools.setEnabled(False)

    def _folder(self, name: str, value: str, empty: str = "") -> QLineEdit:
        field = QLineEdit(value)
        field.setPlaceholderText(empty or tr("the usual place"))
        choose = field.addAction(
            themed_folder(), QLineEdit.ActionPosition.TrailingPosition
        )
        choose.setText(tr("Choose a folder"))
        choose.triggered.connect(lambda: self._ask(field, name))
        field.editingFinished.connect(lambda: self._take(field, name))
        return field

    def _take(self, field: QLineEdit, name: str) -> None:
        done = self.take(**{name: field.text().strip()})
        pieces.restyle(field, state="" if done else "bad")

    def _ask(self, field: QLineEdit, name: str) -> None:
        def take(path: str) -> None:
            field.setText(path)
            self._take(field, name)

        self._choose(take)

    def _ask_tools(self) -> None:
        def take(path: str) -> None:
            folders = dict.fromkeys((*self.machine.chosen.tool_folders, path))
            if self.take(tool_folders=tuple(folders)):
                self._list_tools()

        self._choose(take)

    def _remove_tools(self) -> None:
        gone = {item.text() for item in self.tools.selectedItems()}
        folders = self.machine.chosen.tool_folders
        kept = tuple(one for one in folders if one not in gone)
        if self.take(tool_folders=kept):
            self._list_tools()

    def _list_tools(self) -> None:
        self.tools.clear()
        self.tools.addItems(list(self.machine.chosen.tool_folders))

    def _choose(self, call: object) -> None:
        dialog = QFileDialog(self, tr("Choose a folder"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setDirectory(str(Path.home()))
        assert callable(call)
        call_with_folder(dialog, lambda one: call(str(one)))
        dialog.open()


def themed_folder() -> Any:  # noqa: ANN401 - QIcon, made where a theme is known
    """Return the desktop's own sign of a folder."""
    from PySide6.QtWidgets import QApplication, QStyle

    return QApplication.style().standardIcon(QStyle.StandardPixmap.SP_DirOpenIcon)
