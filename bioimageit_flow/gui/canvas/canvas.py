"""The canvas: shows an editor's scene, and turns gestures into its intents."""

from collections.abc import Callable, Iterable, Mapping
from weakref import WeakKeyDictionary

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.geometry import Box, bounds
from bioimageit_flow.editor.scene import NodeView, PortAddress, Scene
from bioimageit_flow.gui.canvas.accessible import make_canvases_accessible
from bioimageit_flow.gui.canvas.arriving import part_of
from bioimageit_flow.gui.canvas.drops import Drops
from bioimageit_flow.gui.canvas.inline import InlineEdit
from bioimageit_flow.gui.canvas.keyboard import Keyboard
from bioimageit_flow.gui.canvas.minimap import Minimap
from bioimageit_flow.gui.canvas.pictures import drawn_picture, picture_of
from bioimageit_flow.gui.canvas.previews import Preview, Previews
from bioimageit_flow.gui.canvas.style import Style
from bioimageit_flow.gui.canvas.view import CanvasView
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import DARK, Theme

_STEP = 1.25
_LEGIBLE = 0.6


class Canvas(QWidget):
    """A workflow drawn: the widget that the window shows.

    Parameters
    ----------
    parent : QWidget, optional
        The window.

    Notes
    -----
    Signals carry a point of the scene, a point of the screen, and:

    * ``search_requested``: the port that a wire was dropped from, or None
    * ``insert_requested``: the key of the wire to insert a tool on
    * ``context_requested``: the id or key of what was clicked, or empty
    * ``files_dropped``: a list of paths, and a point of the scene
    * ``data_dropped``: what was dragged from an experiment, a point of the scene, and
      the id of the node below it
    * ``activated``: the id of what was double-clicked
    * ``refused``: a sentence, its remedy, and what would mend it: words and callables
    * ``zoom_changed``: the new zoom, 1 being natural size
    * ``announced``: what the keyboard came to, in words
    """

    search_requested = Signal(QPointF, QPoint, object)
    insert_requested = Signal(QPointF, QPoint, str)
    context_requested = Signal(QPointF, QPoint, str)
    files_dropped = Signal(list, QPointF)
    data_dropped = Signal(object, QPointF, str)
    activated = Signal(str)
    refused = Signal(str, str, object)
    zoom_changed = Signal(float)
    announced = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._style = Style(DARK)
        self._editor: Editor | None = None
        self._scene = Scene()
        self._coming = QTimer(self)
        self._coming.setSingleShot(True)
        self._coming.timeout.connect(self._show_part)
        self._must_fit = False
        self._is_fitted = False
        self._cameras: WeakKeyDictionary[Editor, tuple[float, QPointF]] = (
            WeakKeyDictionary()
        )
        self._zoom = 1.0
        self.view = CanvasView(self, self._style)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.minimap = Minimap(self.view, self._style)
        self.previews = Previews(self.view.board)
        self.inline = InlineEdit(self.view)
        self.keyboard = Keyboard(self.view, self.inline, self.announced.emit)
        self.drops = Drops(self.view, self.files_dropped.emit, self.data_dropped.emit)
        self.view.tool_asked.connect(self.search_requested)
        self.view.insert_asked.connect(self.insert_requested)
        self.view.menu_asked.connect(self.context_requested)
        self.view.refused.connect(self.refused)
        self.view.activated.connect(self._activate)
        self.view.moved.connect(self._camera_moved)
        self.view.setAccessibleName(tr("Canvas"))
        make_canvases_accessible()

    # What is shown

    @property
    def editor(self) -> Editor | None:
        """The document that is shown."""
        return self._editor

    def show_editor(self, editor: Editor | None) -> None:
        """Show another document, or nothing; each keeps its own view."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._editor.scene_changed.disconnect(self._show_scene)
            here = self.view.place(self.view.viewport().rect().center())
            self._cameras[self._editor] = (self.view.zoom, here)
        self._editor = editor
        self.view.set_editor(editor)
        self.keyboard.forget()
        self._show_scene(editor.scene if editor is not None else Scene())
        if editor is not None:
            editor.scene_changed.connect(self._show_scene)
            known = self._cameras.get(editor)
            if known is not None:
                self.view.set_zoom(known[0])
                self.view.centre(known[1])
            else:
                self._must_fit = True
                self._fit_once_seen()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._style = Style(theme)
        self.view.set_style(self._style)
        self.minimap.set_style(self._style)
        self.inline.set_style(self._style)

    def _show_scene(self, scene: Scene) -> None:
        before, self._scene = self._scene, scene
        is_elsewhere = scene.trail[1:] != before.trail[1:]
        self.view.card.hide()
        self._is_fitted = self._is_fitted and _places(scene.nodes) == _places(
            before.nodes
        )
        if self.view.gesture is not None:
            # A selection made by the press itself does not disturb its gesture.
            keys = set(scene.nodes) | set(scene.wires)
            if keys != set(before.nodes) | set(before.wires):
                self.view.cancel()
        self._show_part()
        self.minimap.show_scene(scene)
        self.view.setAccessibleDescription(self._in_words(scene))
        if is_elsewhere:
            self.fit()

    def _show_part(self) -> None:
        """Show the scene; of a large one the next part, and soon the rest."""
        part = part_of(self._scene, self.view.board.scene)
        self.view.board.show(part)
        self.previews.reconcile()
        self.keyboard.refresh()
        if part is self._scene:
            self._coming.stop()
        else:
            self._coming.start(0)

    @property
    def is_complete(self) -> bool:
        """Whether all of the scene is there: a large one comes in parts."""
        return not self._coming.isActive()

    def _bounds(self, ids: Iterable[str] | None = None) -> Box | None:
        if ids is None and not self.is_complete:
            return bounds(self._scene)
        return self.view.board.bounds(ids)

    def show_previews(self, previews: Mapping[str, Preview]) -> None:
        """Show small pictures below nodes, by their id; none for an empty mapping."""
        self.previews.show(previews)

    def _in_words(self, scene: Scene) -> str:
        return tr(
            "{nodes} nodes and {wires} wires",
            nodes=len(scene.nodes),
            wires=len(scene.wires),
        )

    # Where one looks

    def fit(self, ids: Iterable[str] | None = None) -> None:
        """Show everything, or the nodes given."""
        self.view.show_box(self._bounds(ids))
        self._is_fitted = ids is None

    def fit_selection(self) -> None:
        """Show what is selected; everything, if nothing is."""
        chosen = self._editor.selection if self._editor else frozenset()
        self.view.show_box(self._bounds(chosen or None))

    def centre_on(self, key: str) -> None:
        """Bring a node, frame, note or wire into the middle."""
        item = self.view.board.box(key)
        if item is not None:
            left, top, right, bottom = item.area
            self.view.centre(QPointF((left + right) / 2, (top + bottom) / 2))
        elif key in self.view.board.wires:
            self.view.centre(QPointF(*self.view.board.wires[key].curve.middle))

    def reveal(self, key: str) -> None:
        """See to it that a node, frame or note is seen whole, moving little.

        A small workflow is shown whole, no closer than now; else only the place moves.
        """
        item = self.view.board.box(key)
        if item is None:
            return
        left, top, right, bottom = item.area
        area = QRectF(QPointF(left, top), QPointF(right, bottom))
        if self.visible_area().contains(area):
            return
        everything = self._bounds()
        if everything is not None and self.view.zoom_for(everything) >= _LEGIBLE:
            self.view.show_box(everything, closest=self.view.zoom)
        else:
            self.view.reveal(item.area)

    def write_in(self, key: str) -> None:
        """Let what was added be given its words, where it is seen whole."""
        self.reveal(key)
        self.inline.open(key)

    def zoom_in(self) -> None:
        """Come closer."""
        self.view.set_zoom(self.view.zoom * _STEP)

    def zoom_out(self) -> None:
        """Step back."""
        self.view.set_zoom(self.view.zoom / _STEP)

    def zoom_reset(self) -> None:
        """Show everything at its natural size, as large as texts elsewhere."""
        self.view.set_zoom(self._style.theme.font_scale)

    reset = zoom_reset

    @property
    def zoom(self) -> float:
        """Pixels of the screen per pixel of the scene."""
        return self.view.zoom

    def middle(self) -> tuple[float, float]:
        """Return the point of the scene in the middle of the view."""
        here = self.view.place(self.view.viewport().rect().center())
        return here.x(), here.y()

    def cursor_place(self) -> tuple[float, float]:
        """Return the point of the scene under the mouse, else the middle."""
        if self.view.viewport().underMouse():
            here = self.view.place(self.view.last_at)
            return here.x(), here.y()
        return self.middle()

    def screen_point(self, at: tuple[float, float]) -> QPoint:
        """Return the point of the screen over a point of the scene."""
        return self.view.viewport().mapToGlobal(self.view.pixel(QPointF(*at)))

    def is_output(self, port: PortAddress | None) -> bool:
        """Say whether a port that a wire was dropped from is an output."""
        if port is None:
            return True
        return self.view.board.spot(*port, is_output=True) is not None

    # What the window's commands do here

    def copy(self) -> None:
        """Put what is selected on the clipboard, as text of the workflow file."""
        if self._editor is not None and self._editor.selection:
            text = self._editor.copy(self._editor.selection)
            QGuiApplication.clipboard().setText(text)

    def cut(self) -> None:
        """Copy and remove what is selected."""
        if self._editor is not None and self._editor.selection:
            self.copy()
            self.delete()

    def paste(self) -> None:
        """Add the nodes whose text is on the clipboard, at the mouse."""
        text = QGuiApplication.clipboard().text()
        editor = self._editor
        if editor is not None and text.strip():
            self.view.attempt(lambda: editor.paste(text, self.cursor_place()))

    def duplicate(self, *, with_inputs: bool = False) -> None:
        """Add what is selected once more, wired to the same inputs or not."""
        editor = self._editor
        if editor is not None and editor.selection:
            self.view.attempt(
                lambda: editor.duplicate(editor.selection, with_inputs=with_inputs)
            )

    def delete(self, *, reconnect: bool = False) -> None:
        """Remove what is selected; wires of what was before may go on to after."""
        editor = self._editor
        if editor is not None and editor.selection:
            self.view.attempt(
                lambda: editor.remove(editor.selection, reconnect=reconnect)
            )

    def rename(self) -> None:
        """Write another title for the selected node or frame, in its place."""
        if self._editor is not None:
            key = self.keyboard.current or next(iter(self._editor.selection), "")
            self.inline.open(key)

    def connect_by_keys(self) -> bool:
        """List what the present port, or the selected node, can be wired to."""
        self.view.setFocus()
        return self.keyboard.connect()

    def bend(self) -> bool:
        """Lead the selected wires through one more point; False if none is selected.

        A wire under the mouse is bent there, any other in its middle.
        """
        editor, board = self._editor, self.view.board
        if editor is None:
            return False
        chosen = [key for key in editor.selection if key in board.wires]
        for key in chosen:
            wire = board.wires[key]
            x, y = wire.curve.middle
            here = self.view.place(self.view.last_at)
            if self.view.viewport().underMouse() and (
                board.wire_at(here, self.view.reach(12)) is wire
            ):
                x, y = here.x(), here.y()
            leg = min(wire.curve.leg(x, y), len(wire.view.waypoints))
            editor.add_waypoint(key, (x, y), leg)
        return bool(chosen)

    def picture(self, form: str = "svg") -> bytes:
        """Return a picture of the whole workflow with its file inside.

        Parameters
        ----------
        form : {"svg", "png"}
            What kind of picture.
        """
        if self._editor is None:
            raise ValueError("there is nothing to take a picture of")
        return picture_of(self._editor, self._style, form)

    def drawn_picture(self, form: str) -> Callable[[], bytes]:
        """Draw such a picture now; what is returned packs it, in a thread if wished."""
        if self._editor is None:
            raise ValueError("there is nothing to take a picture of")
        return drawn_picture(self._editor, self._style, form)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the minimap in its corner."""
        super().resizeEvent(event)
        self._fit_once_seen()
        if self._is_fitted and self.isVisible():
            self.fit()  # docks that settle after the window is shown change the room
        self.minimap.follow(self.view.seen())
        self.minimap.settle()

    def event(self, event: QEvent) -> bool:
        """Fit a document once the size of the canvas is known."""
        done = super().event(event)
        if event.type() == QEvent.Type.Show:
            self._fit_once_seen()
            self.minimap.settle()
        return done

    def _fit_once_seen(self) -> None:
        if self._must_fit and self.isVisible() and self.width() > 80:
            self._must_fit = False
            self.fit()

    def _camera_moved(self) -> None:
        self._is_fitted = False
        self.minimap.follow(self.view.seen())
        self.inline.close_edit(is_kept=True)
        if self.view.zoom != self._zoom:
            self._zoom = self.view.zoom
            self.zoom_changed.emit(self._zoom)

    def _activate(self, key: str) -> None:
        if key in self.view.board.frames or key in self.view.board.notes:
            self.inline.open(key)
        self.activated.emit(key)

    def visible_area(self) -> QRectF:
        """Return what of the scene is seen."""
        return self.view.seen()


def _places(nodes: Mapping[str, NodeView]) -> dict[str, tuple[float, float, float]]:
    return {key: (node.x, node.y, node.height) for key, node in nodes.items()}
