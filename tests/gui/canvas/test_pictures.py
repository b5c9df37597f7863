import pytest
from PySide6.QtGui import QImage

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.pictures import read_picture
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.workflow.file import read_document


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_carries_its_workflow(
    canvas: Canvas, editor: Editor, form: str
) -> None:
    picture = canvas.picture(form)
    assert read_document(read_picture(picture)) == editor.workflow.document


def test_a_png_shows_everything_twice_as_sharp(canvas: Canvas, editor: Editor) -> None:
    image = QImage.fromData(canvas.picture("png"))
    xs = [node.x for node in editor.scene.nodes.values()]
    assert image.width() == 2 * (max(xs) - min(xs) + 220 + 80)


def test_what_is_selected_does_not_show(canvas: Canvas, editor: Editor) -> None:
    before = canvas.picture("png")
    editor.select(["gaussian"])
    assert QImage.fromData(canvas.picture("png")) == QImage.fromData(before)


def test_other_forms_are_refused(canvas: Canvas) -> None:
    with pytest.raises(ValueError, match="gif"):
        canvas.picture("gif")
