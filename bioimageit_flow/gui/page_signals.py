"""What passes between the canvas of a page and the window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from bioimageit_flow.gui import menus
from bioimageit_flow.gui.experiment import experiment_panel
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.gui.document_page import DocumentPage
    from bioimageit_flow.gui.window import MainWindow


def connect_page(window: "MainWindow", page: "DocumentPage") -> None:
    """Let a window answer what is asked for on a canvas."""
    canvas = page.canvas
    settings = window.workspace.settings
    canvas.view.snaps = settings.snaps
    canvas.minimap.set_wanted(settings.shows_minimap)
    window.actions_.add_canvas(canvas)

    def open_menu(place: QPointF, at: QPoint, key: str) -> None:
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menus.fill_context_menu(window, menu, key, (place.x(), place.y()), at)
        menu.popup(at)

    canvas.search_requested.connect(
        lambda place, at, port: window.adding.search(
            canvas,
            (place.x(), place.y()),
            at,
            port,
            is_output=canvas.is_output(port),
        )
    )
    canvas.insert_requested.connect(
        lambda place, at, key: window.adding.search_insert(
            canvas, (place.x(), place.y()), at, key
        )
    )
    canvas.context_requested.connect(open_menu)
    canvas.files_dropped.connect(
        lambda paths, at: window.files.dropped(paths, canvas, at)
    )
    canvas.data_dropped.connect(
        lambda data, at, key: experiment_panel(window).watch.drop(data, at, key)
    )
    canvas.refused.connect(
        lambda text, remedy, choices: window.message.say(
            text,
            "" if choices else remedy,
            level="warning",
            offers=[Offer(words, call) for words, call in choices],
            until_edit=True,
        )
    )
    canvas.activated.connect(window.navigation.activate)
    canvas.zoom_changed.connect(window.status.show_zoom)
    page.leave_requested.connect(
        lambda depth: page.editor.leave(len(page.editor.entered) - int(depth))
    )
