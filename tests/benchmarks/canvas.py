"""How fluid the canvas is: milliseconds of the processor per frame.

Run ``python -m tests.benchmarks.canvas`` (``QT_QPA_PLATFORM=offscreen`` where there is
no display). A frame is everything from the event of the mouse to painted pixels, in a
window of 1600 x 1000. Ratios are to the same gesture on a canvas with ten nodes.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.gui.canvas import Canvas
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.document import Document

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def graph(count: int, *, columns: int) -> Editor:
    """Return an editor with nodes in columns, each wired to two before it."""
    nodes: dict[str, object] = {}
    places: dict[str, object] = {"images": [-320, 0]}
    for number in range(count - 1):
        column, row = number % columns, number // columns
        name = f"n{number}"
        wires = {"intensity": f"n{number - 2}.labels" if column > 1 else "images"}
        if column:
            wires["mask"] = f"n{number - 1}.labels"
        nodes[name] = {"tool": "skimage/label-watershed@1.0.0", "wires": wires}
        places[name] = [column * 300, row * 140]
    document = Document.model_validate(
        {
            "schema": "bioimageit-flow/workflow/1",
            "id": "6f1d3c0e-2b8a-4c57-9d64-0a8f5e1b7c23",
            "name": f"{count} nodes",
            "inputs": {"images": {"kind": "image"}},
            "nodes": nodes,
            "layout": {"nodes": places},
        }
    )
    return Editor(Workflow.of(document))


class Bench:
    """A canvas that shows a graph, and gestures on it."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.canvas = Canvas()
        self.canvas.resize(1600, 1000)
        self.canvas.show()
        self.canvas.show_editor(editor)
        self.view = self.canvas.view
        self.port = self.view.viewport()
        QApplication.processEvents()
        while not self.canvas.is_complete:
            QApplication.processEvents()

    def close(self) -> None:
        """Take the window away."""
        self.canvas.show_editor(None)
        self.canvas.close()
        self.canvas.deleteLater()
        QApplication.processEvents()

    def frames(self, step: Callable[[int], None], count: int = 40) -> float:
        """Return the median of milliseconds per frame."""
        times = []
        for number in range(count):
            begin = time.process_time()
            step(number)
            QApplication.processEvents()
            times.append(time.process_time() - begin)
        return statistics.median(times) * 1000

    def pan(self) -> float:
        """Pan at natural size."""
        self.view.set_zoom(1.0)
        self.view.centre(QPointF(900, 300))
        QApplication.processEvents()
        return self.frames(
            lambda number: self.view.pan(-7 if number % 40 < 20 else 7, 5)
        )

    def pan_all(self) -> float:
        """Pan with everything in view."""
        self.canvas.fit()
        QApplication.processEvents()
        return self.frames(
            lambda number: self.view.pan(-5 if number % 10 < 5 else 5, 2)
        )

    def zoom(self) -> float:
        """Zoom by the wheel through all levels of detail."""
        self.view.set_zoom(1.0)
        at = QPoint(800, 500)

        def step(number: int) -> None:
            turn = 40 if number % 80 >= 40 else -40
            event = QWheelEvent(
                QPointF(at),
                QPointF(self.port.mapToGlobal(at)),
                QPoint(),
                QPoint(0, turn),
                Qt.MouseButton.NoButton,
                NONE,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(self.port, event)

        return self.frames(step, 80)

    def hover(self) -> float:
        """Move the mouse over the canvas."""
        self.view.set_zoom(0.8)
        self.view.centre(QPointF(900, 300))
        QApplication.processEvents()
        return self.frames(
            lambda number: QTest.mouseMove(
                self.port, QPoint(100 + 30 * number, 200 + 11 * number)
            )
        )

    def drag(self) -> float:
        """Drag one node among the others."""
        self.view.set_zoom(1.0)
        name = next(iter(self.view.board.nodes.keys() - {"images"}))
        item = self.view.board.nodes[name]
        left, top, _, _ = item.area
        self.view.centre(QPointF(left, top))
        QApplication.processEvents()
        start = self.view.pixel(QPointF(left + 80, top + 16))
        QTest.mousePress(self.port, LEFT, NONE, start)
        taken = self.frames(
            lambda number: QTest.mouseMove(
                self.port, start + QPoint(9 + 6 * number, 7 + 4 * number)
            )
        )
        QTest.keyClick(self.view, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.port, LEFT, NONE, start)
        return taken

    def wire(self) -> float:
        """Draw a wire and take it back."""
        self.canvas.fit()
        names = list(self.editor.document.nodes)
        target = names[-1]
        key = next(
            (one for one in self.editor.scene.wires if one.endswith(f"{target}.mask")),
            None,
        )
        if key is not None:
            self.editor.disconnect([key])
        QApplication.processEvents()

        def step(_number: int) -> None:
            self.editor.connect((names[0], "labels"), (target, "mask"))
            QApplication.processEvents()
            self.editor.undo()

        return self.frames(step, 10)

    def select(self) -> float:
        """Select one node after the other."""
        names = list(self.editor.document.nodes)
        return self.frames(
            lambda number: self.editor.select([names[number % len(names)]]), 20
        )


ROWS = (
    ("pan, natural size", Bench.pan),
    ("pan, all in view", Bench.pan_all),
    ("zoom by the wheel", Bench.zoom),
    ("mouse over", Bench.hover),
    ("drag a node", Bench.drag),
    ("draw a wire and undo", Bench.wire),
    ("select a node", Bench.select),
)


def main() -> None:
    """Print the table."""
    application = QApplication(sys.argv[:1])
    sizes = {"10": (10, 5), "60 dense": (60, 30), "300": (300, 20)}
    results: dict[str, list[float]] = {}
    for title, (count, columns) in sizes.items():
        bench = Bench(graph(count, columns=columns))
        results[title] = [measure(bench) for _, measure in ROWS]
        bench.close()
    say = sys.stdout.write
    heads = " ".join(f"{one:>10}" for one in sizes)
    say(f"{'milliseconds per frame':24} {heads} 300 / 10\n")
    for number, (title, _) in enumerate(ROWS):
        times = [results[one][number] for one in sizes]
        ratio = times[-1] / times[0] if times[0] else 0.0
        shown = " ".join(f"{one:10.2f}" for one in times)
        say(f"{title:24} {shown} {ratio:8.1f}\n")
    application.quit()


if __name__ == "__main__":
    main()
