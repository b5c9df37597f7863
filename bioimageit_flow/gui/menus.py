"""Which command stands in which menu, and which can be used now."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from bioimageit_flow.editor.scene import NodeRole
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import themed
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.view_switches import show_switches

if TYPE_CHECKING:
    from bioimageit_flow.gui.theme import Theme
    from bioimageit_flow.gui.window import MainWindow

_ICON: Final = 19
_STRETCH: Final = QSizePolicy(
    QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred
)

_TOOLBAR: Final = (
    "file.new",
    "file.open",
    "file.save",
    "",
    "edit.undo",
    "edit.redo",
    "",
    "add.search",
    "add.dataset",
    "add.note",
    "",
    "arrange.layout",
    "view.fit",
    "-",
    "run.pilot",
    "run.all",
    "run.cancel",
)
_LABELLED: Final = {"add.search", "run.all", "run.pilot"}

MENUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "&File",
        (
            "file.new",
            "file.open",
            "@recent",
            "",
            "file.save",
            "file.save_as",
            "",
            "file.share",
            "file.picture",
            "file.compare",
            "",
            "file.about",
            "file.reload",
            "file.start",
            "file.close",
            "file.quit",
        ),
    ),
    (
        "&Edit",
        (
            "edit.undo",
            "edit.redo",
            "",
            "edit.cut",
            "edit.copy",
            "edit.paste",
            "edit.paste_wired",
            "edit.duplicate",
            "edit.duplicate_wired",
            "edit.delete",
            "edit.delete_reconnect",
            "",
            "edit.select_all",
            "edit.select_none",
            "edit.find",
            "edit.commands",
        ),
    ),
    (
        "&Add",
        (
            "add.search",
            "add.dataset",
            "add.note",
            "add.frame",
            "add.reroute",
            "",
            "subworkflow.make",
            "subworkflow.enter",
            "subworkflow.leave",
            "subworkflow.unpack",
            "subworkflow.embed",
            "subworkflow.publish",
        ),
    ),
    (
        "&Node",
        (
            "node.parameters",
            "node.rename",
            "node.swap",
            "node.disable",
            "node.bypass",
            "",
            "node.connect",
            "node.insert",
            "node.disconnect",
            "",
            "node.help",
            "",
            "arrange.layout",
            "arrange.layout_selection",
            "@align",
            "arrange.snap",
        ),
    ),
    (
        "&View",
        (
            "view.fit",
            "view.fit_selection",
            "view.zoom_in",
            "view.zoom_out",
            "view.zoom_reset",
            "view.minimap",
            "",
            "@docks",
            "view.next_problem",
            "view.reset",
            "",
            "view.next_tab",
            "view.previous_tab",
            "",
            "view.larger_text",
            "view.smaller_text",
        ),
    ),
    (
        "&Run",
        (
            "run.all",
            "run.pilot",
            "run.try_one",
            "",
            "run.to_here",
            "run.from_here",
            "run.only_this",
            "",
            "run.pause",
            "run.cancel",
            "run.resume",
            "run.failed",
            "",
            "run.next_item",
            "run.previous_item",
            "run.hide_items",
            "",
            *("run.look", "run.curtain"),
            "run.sheet",
            "run.sweep_board",
            "",
            "run.terminal",
            "run.plan",
        ),
    ),
    (
        "&Help",
        (
            "help.tutorial",
            "help.shortcuts",
            "help.preferences",
            "help.doctor",
            "",
            "help.about",
        ),
    ),
)

_ALIGN: Final = (
    "arrange.align_left",
    "arrange.align_centre",
    "arrange.align_right",
    "",
    "arrange.align_top",
    "arrange.align_middle",
    "arrange.align_bottom",
    "",
    "arrange.distribute_horizontal",
    "arrange.distribute_vertical",
)

_ALWAYS: Final = {
    "file.new",
    "file.open",
    "file.compare",
    "file.start",
    "file.quit",
    "edit.commands",
    "view.next_tab",
    "view.previous_tab",
    "view.larger_text",
    "view.smaller_text",
    "view.experiment",
    "view.lineage",
    "view.viewer",
    "help.tutorial",
    "help.shortcuts",
    "help.preferences",
    "help.doctor",
    "help.about",
}
_NEED_SELECTION: Final = {
    "run.to_here",
    "run.from_here",
    "run.only_this",
    *("run.look", "run.curtain"),
    "run.sheet",
    "run.sweep_board",
    "edit.cut",
    "edit.copy",
    "edit.duplicate",
    "edit.duplicate_wired",
    "edit.delete",
    "edit.delete_reconnect",
    "node.rename",
    "add.frame",
    "subworkflow.make",
    "subworkflow.enter",
    "subworkflow.unpack",
    "subworkflow.publish",
    "node.disable",
    "node.bypass",
    "node.swap",
    "node.connect",
    "node.insert",
    "add.reroute",
    "node.disconnect",
    "node.help",
    "arrange.layout_selection",
    "view.fit_selection",
    *(one for one in _ALIGN if one),
}


def fill_menu_bar(window: "MainWindow") -> None:
    """Make the menus of a window."""
    bar = window.menuBar()
    actions = window.actions_
    for title, ids in MENUS:
        menu = bar.addMenu(tr(title))
        menu.aboutToShow.connect(lambda: show_switches(window))
        for id_ in ids:
            match id_:
                case "@recent":
                    recent = menu.addMenu(tr("Open &recent"))
                    recent.aboutToShow.connect(
                        lambda recent=recent: _fill_recent(window, recent)
                    )
                case "@align":
                    actions.fill(menu.addMenu(tr("A&lign and distribute")), _ALIGN)
                case "@docks":
                    actions.fill(menu, (f"view.{name}" for name in window.docks))
                case _:
                    actions.fill(menu, (id_,))


def icon_size(theme: "Theme") -> QSize:
    """Return how large the signs of the toolbar are beside texts of a size."""
    side = round(_ICON * theme.font_scale)
    return QSize(side, side)


def toolbar(window: "MainWindow") -> QToolBar:
    """Return the toolbar: the few commands that a newcomer looks for."""
    bar = QToolBar(tr("Toolbar"), window)
    bar.setObjectName("toolbar")
    bar.setIconSize(icon_size(window.theme))
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for id_ in _TOOLBAR:
        match id_:
            case "":
                bar.addSeparator()
            case "-":
                space = QWidget()
                space.setSizePolicy(_STRETCH)
                bar.addWidget(space)
            case _:
                bar.addAction(window.actions_[id_])
                made = bar.widgetForAction(window.actions_[id_])
                if id_ in _LABELLED and isinstance(made, QToolButton):
                    beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                    made.setToolButtonStyle(beside)
                    pieces.restyle(made, role="labelled")
    return bar


def enable(window: "MainWindow") -> None:
    """Grey out what cannot be used now."""
    editor = window.editor
    for id_, action in window.actions_.all():
        is_on = id_ in _ALWAYS or editor is not None
        if editor is not None and id_ in _NEED_SELECTION:
            is_on = bool(editor.selection)
        if id_ == "subworkflow.leave":
            is_on = editor is not None and bool(editor.entered)
        if id_ in ("edit.undo", "edit.redo") and editor is not None:
            end = 0 if id_ == "edit.undo" else -1
            is_on = not editor.history[end].is_present
        action.setEnabled(is_on)


def fill_context_menu(
    window: "MainWindow",
    menu: QMenu,
    key: str,
    place: tuple[float, float],
    at: QPoint,
) -> None:
    """Fill the menu of what was clicked; an empty key is the canvas itself."""
    editor, page = window.editor, window.page
    if editor is None or page is None:
        return
    if key and key not in editor.selection:
        editor.select([key])
    enable(window)
    actions, theme = window.actions_, window.theme
    if not key:
        add = menu.addAction(themed("add", theme), tr("Add a tool here\u2026"))
        add.triggered.connect(lambda: window.adding.search(page.canvas, place, at))
        actions.fill(menu, ("add.dataset", "add.note", "", "edit.paste"))
        actions.fill(menu, ("edit.select_all", "", "arrange.layout", "view.fit"))
        return
    if key in editor.scene.wires:
        insert = menu.addAction(themed("add", theme), tr("Insert a tool\u2026"))
        insert.triggered.connect(
            lambda: window.adding.search_insert(page.canvas, place, at, key)
        )
        bend = menu.addAction(themed("wire", theme), tr("Bend the wire here"))
        bend.triggered.connect(
            lambda: window.attempt(lambda: editor.add_waypoint(key, place))
        )
        actions.fill(menu, ("", "edit.delete"))
        return
    node = editor.scene.nodes.get(key)
    if node is None:
        actions.fill(menu, ("node.rename", "edit.copy", "edit.delete"))
        return
    actions.fill(menu, ("node.parameters", "node.rename"))
    if node.role is not NodeRole.DATASET:
        swap = menu.addAction(tr("Replace by\u2026"))
        swap.triggered.connect(lambda: window.adding.search_swap(editor, key, at))
        menu.addSeparator()
        actions.fill(menu, ("node.disable", "node.bypass", "node.help"))
        menu.addSeparator()
        actions.fill(
            menu, ("run.to_here", "run.from_here", "run.only_this", "run.look")
        )
    menu.addSeparator()
    if node.role is NodeRole.SUBWORKFLOW:
        actions.fill(
            menu, ("subworkflow.enter", "subworkflow.unpack", "subworkflow.publish", "")
        )
    actions.fill(
        menu,
        (
            "edit.copy",
            "edit.duplicate",
            "edit.duplicate_wired",
            "",
            "add.frame",
            "subworkflow.make",
            "arrange.layout_selection",
        ),
    )
    if len(editor.selection) > 1:
        actions.fill(menu.addMenu(tr("A&lign and distribute")), _ALIGN)
    actions.fill(menu, ("", "edit.delete", "edit.delete_reconnect"))


def _fill_recent(window: "MainWindow", menu: QMenu) -> None:
    menu.clear()
    paths = [one.path for one in window.workspace.recent if one.path.exists()]
    for path in paths:
        action = menu.addAction(path.name)
        action.setToolTip(str(path))
        action.triggered.connect(lambda _=False, path=path: window.files.open(path))
    if not paths:
        menu.addAction(tr("Nothing yet")).setEnabled(False)
