"""Drawing a wire, from either end, and pulling the end of one that is there."""

from PySide6.QtCore import QPoint, QPointF, Qt

from bioimageit_flow.editor.scene import PortAddress
from bioimageit_flow.gui.canvas.board import Spot
from bioimageit_flow.gui.canvas.gestures.base import Gesture, Stage
from bioimageit_flow.gui.canvas.wires import WireItem
from bioimageit_flow.gui.language import tr

REACH = 24
"""Pixels of the screen from which a port draws the end of a wire to itself."""


class DrawWire(Gesture):
    """Draw a wire to a port that fits; ports that do not fit fade.

    Nothing changes before the release. A wire that is pulled off a port stays where it
    was when its new end is refused.

    Parameters
    ----------
    fixed : Spot
        The port at the end that stays.
    pulled : WireItem, optional
        The wire of which the other end is pulled.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        stage: Stage,
        at: QPoint,
        fixed: Spot,
        *,
        pulled: WireItem | None = None,
    ) -> None:
        super().__init__(stage, at)
        self._fixed = fixed
        self._pulled = pulled
        self._over: Spot | None = None
        self._refusal = ""
        self._fits: set[PortAddress] = set()

    def begin(self) -> None:
        """Let the ports that fit glow."""
        board, fixed = self.stage.board, self._fixed
        self._fits = set(
            self.stage.editor.compatible(fixed.address, is_output=fixed.is_output)
        )
        for key, item in board.nodes.items():
            ports = {
                spot.key
                for spot, _ in board.ports_of(item)
                if spot.is_output != fixed.is_output and spot.address in self._fits
            }
            if key == fixed.node:
                ports.add(fixed.key)
            item.glow(ports, is_source=key == fixed.node)
        for wire in board.wires.values():
            wire.fade(True)
        if self._pulled is not None:
            self._pulled.setVisible(False)

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the wire to the mouse, or to the port that it would hold at."""
        board = self.stage.board
        here = self.stage.place(at)
        over = self._find(here)
        if over != self._over:
            self._mark(over)
        anchor = board.port_place(self._fixed.address, is_output=self._fixed.is_output)
        end = (here.x(), here.y())
        if over is not None:
            end = board.port_place(over.address, is_output=over.is_output)
        ends = (anchor, end) if self._fixed.is_output else (end, anchor)
        self.stage.loose.lay(
            *ends,
            self._fixed.view.kind,
            is_refused=bool(self._refusal),
            is_held=over is not None,
        )
        self.stage.say(self._refusal, at)

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Connect, tell why not, cut what was pulled off, or ask what to add."""
        here = self.stage.place(at)
        over = self._find(here)
        if over is not None:
            self._join(over, at)
        elif self._pulled is not None:
            keys = (self._pulled.view.key,)
            self.stage.attempt(lambda: self.stage.editor.disconnect(keys))
        elif self.stage.board.node_at(here) is None:
            self.stage.ask_for_tool(here, at, self._fixed.address)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select the node whose port was clicked."""
        node = self._fixed.node
        if self._pulled is not None:
            node = self._pulled.view.target[0]
        self.stage.editor.select((node,), "replace")

    def end(self) -> None:
        """Let everything look as before."""
        self._mark(None)
        self.stage.loose.setVisible(False)
        for item in self.stage.board.nodes.values():
            item.glow(None, is_source=False)
        for wire in self.stage.board.wires.values():
            wire.fade(False)
        if self._pulled is not None:
            self._pulled.setVisible(True)
        super().end()

    def _join(self, over: Spot, at: QPoint) -> None:
        source, target = self._ends(over)
        editor = self.stage.editor
        pulled = self._pulled.view if self._pulled is not None else None
        if pulled is not None and (pulled.source, pulled.target) == (source, target):
            return  # put back where it was
        verdict = editor.try_connect(source, target)
        if not verdict.ok:
            self.stage.refuse(
                self._named(verdict.text, source, target),
                verdict.remedy,
                at,
                source=source,
                target=target,
                inserts=verdict.insert,
            )
        elif pulled is None:
            self.stage.attempt(lambda: editor.connect(source, target))
        elif self._fixed.is_output:
            self.stage.attempt(lambda: editor.rewire(pulled.key, target=target))
        else:
            self.stage.attempt(lambda: editor.rewire(pulled.key, source=source))

    def _named(self, text: str, source: PortAddress, target: tuple[str, str]) -> str:
        """Return a sentence of the rules with titles in the place of ids."""
        nodes = self.stage.board.nodes
        for node, port in (target, source):
            if node in nodes:
                title = tr(nodes[node].view.title)
                address = f"{node}.{port}" if port else node
                text = text.replace(address, f"{title} ({port})" if port else title, 1)
        return text

    def _ends(self, over: Spot) -> tuple[PortAddress, tuple[str, str]]:
        first, second = (
            (self._fixed, over) if self._fixed.is_output else (over, self._fixed)
        )
        return first.address, (second.node, second.name)

    def _find(self, here: QPointF) -> Spot | None:
        """Return the port meant: the nearest one, or the best of a node."""
        board, fixed = self.stage.board, self._fixed
        reach = max(REACH / self.stage.zoom, 13.0)
        near = board.port_at(here, reach)
        if near is not None and near.is_output != fixed.is_output:
            return near
        item = board.node_at(here)
        if item is None or item.id == fixed.node:
            return None
        sides = [
            spot
            for spot, _ in board.ports_of(item)
            if spot.is_output != fixed.is_output
        ]
        fitting = [spot for spot in sides if spot.address in self._fits]
        free = [spot for spot in fitting if not spot.view.is_wired]
        return next(iter(free or fitting or sides), None)

    def _mark(self, over: Spot | None) -> None:
        board = self.stage.board
        if self._over is not None and self._over.node in board.nodes:
            board.nodes[self._over.node].highlight()
        self._over = over
        self._refusal = ""
        if over is None:
            return
        board.nodes[over.node].highlight(port=over.key)
        if over.address not in self._fits:
            source, target = self._ends(over)
            verdict = self.stage.editor.try_connect(source, target)
            if not verdict.ok:
                text = self._named(verdict.text, source, target)
                self._refusal = " ".join((text, verdict.remedy)).strip()
