"""What a screen reader sees of a canvas."""

import gc

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas.accessible import CanvasAccess
from bioimageit_flow.gui.canvas.canvas import Canvas

NAME = QAccessible.Text.Name


def access(canvas: Canvas) -> CanvasAccess:
    found = QAccessible.queryAccessibleInterface(canvas.view)
    assert isinstance(found, CanvasAccess)
    return found


def test_boxes_and_notes_are_items_with_names(canvas: Canvas, editor: Editor) -> None:
    editor.add_note("Look **here**", (0.0, 900.0))
    root = access(canvas)
    items = [root.child(number) for number in range(root.childCount())]
    names = [item.text(NAME) for item in items if item is not None]

    assert len(names) == len(editor.scene.nodes) + 1
    for view, name in zip(editor.scene.nodes.values(), names, strict=False):
        assert view.title in name
    assert items[-1] is not None
    assert items[-1].text(QAccessible.Text.Value) == "Look **here**"
    assert [root.indexOfChild(item) for item in items if item] == [*range(len(items))]


def test_ports_are_inside_their_box(canvas: Canvas, editor: Editor) -> None:
    root = access(canvas)
    for place, view in enumerate(editor.scene.nodes.values()):
        item = root.child(place)
        assert item is not None
        assert item.parent() is root
        assert item.childCount() == len(view.inputs) + len(view.outputs)
        for number, port in enumerate((*view.inputs, *view.outputs)):
            inside = item.child(number)
            assert inside is not None
            assert (port.label or view.title) in inside.text(NAME)
            assert inside.state().checked == port.is_wired
            assert root.rect().intersects(inside.rect())


def test_point_of_the_screen_leads_to_the_box(canvas: Canvas, editor: Editor) -> None:
    root = access(canvas)
    key, view = next(iter(editor.scene.nodes.items()))
    middle = QPointF(view.x + view.width / 2, view.y + 12)
    at = canvas.screen_point((middle.x(), middle.y()))
    found = root.childAt(at.x(), at.y())

    assert found is root.item(key)
    assert found.rect().contains(at)


def test_selection_is_told(canvas: Canvas, editor: Editor) -> None:
    root = access(canvas)
    key = next(iter(editor.scene.nodes))
    editor.select([key])

    assert root.item(key).state().selected
    editor.select(())
    assert not root.item(key).state().selected


def test_what_is_gone_is_not_valid_and_harmless(
    canvas: Canvas, editor: Editor, qtbot: QtBot
) -> None:
    root = access(canvas)
    key = next(iter(editor.scene.nodes))
    item = root.item(key)
    port = item.child(0)
    assert port is not None
    editor.remove([key])

    assert not item.isValid()
    assert not port.isValid()
    assert item.text(NAME) == port.text(NAME) == ""
    assert item.state().invalid
    assert item.childCount() == 0
    assert root.childCount() == len(editor.scene.nodes)
    del item, port, root
    gc.collect()
    QApplication.processEvents()
