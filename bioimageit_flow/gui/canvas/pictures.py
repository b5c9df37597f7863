"""Pictures of the whole graph that carry the workflow: SVG and PNG."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from bioimageit_flow.editor.drawing import draw_svg
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.geometry import bounds
from bioimageit_flow.editor.pictures import with_workflow_png, with_workflow_svg
from bioimageit_flow.editor.scene import Scene
from bioimageit_flow.gui.canvas.board import Board
from bioimageit_flow.gui.canvas.style import Style
from bioimageit_flow.gui.canvas.surface import Surface
from bioimageit_flow.workflow.file import write_document

_MARGIN = 40.0
_SHARPNESS = 2.0
_MOST_PIXELS = 24_000_000


def picture_of(editor: Editor, style: Style, form: str) -> bytes:
    """Return a picture of what an editor shows, with the text of its file inside.

    Parameters
    ----------
    editor : Editor
        The workflow; the level that is seen is drawn, the whole is carried.
    style : Style
        The colours.
    form : {"svg", "png"}
        What kind of picture.

    Raises
    ------
    ValueError
        If the form is neither.
    """
    return drawn_picture(editor, style, form)()


def drawn_picture(editor: Editor, style: Style, form: str) -> Callable[[], bytes]:
    """Draw a picture now, and return what packs it, which may go to a thread.

    See `picture_of`.
    """
    document, scene = editor.workflow.document, editor.scene
    match form.lower():
        case "svg":
            return lambda: with_workflow_svg(
                draw_svg(scene, style.theme).encode(), write_document(document)
            )
        case "png":
            image = _painted(editor, style)
            return lambda: with_workflow_png(_png(image), write_document(document))
    raise ValueError(f"a picture is svg or png, not {form!r}")


def _painted(editor: Editor, style: Style) -> QImage:
    """Paint the items of a canvas of its own: no selection, no mouse, no keyboard."""
    surface = Surface(None, style)
    board = Board(surface, style)
    board.show(_unselected(editor.scene))
    box = bounds(editor.scene) or (0.0, 0.0, 320.0, 120.0)
    area = QRectF(box[0], box[1], box[2] - box[0], box[3] - box[1])
    area.adjust(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    pixels = area.width() * area.height()
    scale = min(_SHARPNESS, (_MOST_PIXELS / pixels) ** 0.5)
    image = QImage(
        max(round(area.width() * scale), 1),
        max(round(area.height() * scale), 1),
        QImage.Format.Format_RGB32,
    )
    image.fill(style.canvas)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    surface.render(
        painter,
        QRectF(image.rect()),
        area,
        Qt.AspectRatioMode.IgnoreAspectRatio,
    )
    painter.end()
    surface.clear()
    return image


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _unselected(scene: Scene) -> Scene:
    return replace(
        scene,
        nodes={k: replace(v, is_selected=False) for k, v in scene.nodes.items()},
        wires={k: replace(v, is_selected=False) for k, v in scene.wires.items()},
        frames={k: replace(v, is_selected=False) for k, v in scene.frames.items()},
        notes={k: replace(v, is_selected=False) for k, v in scene.notes.items()},
    )
