"""What is taken from NodeGraphQt: the one module that imports it.

NodeGraphQt 0.6.44 (pinned) gives the view, the scene and the items of nodes and pipes.
It owns nothing here: its graph, ids, undo stack, cycle check, gestures, menus and
session files are not used. ``tests/gui/canvas/test_nodegraph_contract.py`` holds what
is relied on.
"""

import os
import warnings
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
    QWidget,
)

if TYPE_CHECKING:
    # NodeGraphQt has no types; these say what of its classes is used.

    class AbstractNodeItem(QGraphicsItem):
        """A box of the scene."""

        id: str
        _width: float
        _height: float

        def __init__(self, name: str = "node") -> None: ...

        def delete(self) -> None:
            """Take it out of the scene."""

    class PipeItem(QGraphicsPathItem):
        """A wire of the scene."""

        _dir_pointer: QGraphicsItem

        def delete(self) -> None:
            """Take it out of the scene."""

    class NodeScene(QGraphicsScene):
        """The scene; its events go to the view."""

    class NodeViewer(QGraphicsView):
        """The view."""

        _search_widget: QWidget
        _ctx_menu_bar: QWidget
        _rubber_band: QWidget
        _LIVE_PIPE: QGraphicsItem
        _SLICER_PIPE: QGraphicsItem
        _cursor_text: QGraphicsItem

        def add_node(self, node: AbstractNodeItem, pos: object = None) -> None:
            """Put a box into the scene."""

        def all_nodes(self) -> list[AbstractNodeItem]:
            """Return the boxes of the scene."""

        def all_pipes(self) -> list[PipeItem]:
            """Return the wires of the scene."""
else:
    # NodeGraphQt reaches Qt through Qt.py, which takes what this variable names.
    os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")
    with warnings.catch_warnings():
        # It imports LooseVersion from distutils, which left the standard library in
        # Python 3.12 and comes from setuptools, each with a warning of its own.
        warnings.filterwarnings("ignore", ".*distutils", DeprecationWarning)
        warnings.filterwarnings("ignore", "Distutils was imported", UserWarning)
        warnings.filterwarnings("ignore", "Setuptools is replacing", UserWarning)
        warnings.filterwarnings("ignore", "pkg_resources", DeprecationWarning)
        warnings.filterwarnings("ignore", "pkg_resources", UserWarning)
        from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
        from NodeGraphQt.qgraphics.pipe import PipeItem
        from NodeGraphQt.widgets import viewer as _viewer
        from NodeGraphQt.widgets.scene import NodeScene

        class NodeViewer(_viewer.NodeViewer):
            """The view without its search box, menu bar and scene of its own."""

            def __init__(self, parent: QWidget | None = None) -> None:
                with warnings.catch_warnings():
                    # LooseVersion warns again each time it is used.
                    warnings.filterwarnings("ignore", ".*distutils", DeprecationWarning)
                    super().__init__(parent)


__all__ = ["AbstractNodeItem", "NodeScene", "NodeViewer", "PipeItem"]
