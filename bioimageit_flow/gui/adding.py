"""How things come onto the canvas: by search, from the palette, from files dropped."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QPoint, QPointF

from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeRole, PortAddress
from bioimageit_flow.editor.seeking import Suggestion
from bioimageit_flow.gui.canvas.canvas import Canvas
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.search_popup import Entry, SearchPopup
from bioimageit_flow.gui.words import fits_words
from bioimageit_flow.model.kinds import Kind

_IMAGES: Final = (".tif", ".tiff", ".png", ".czi", ".nd2", ".lif", ".zarr", ".jpg")
_TABLES: Final = (".csv", ".parquet")
_STEP: Final = 60.0
_COLUMN: Final = 280.0
_ROW: Final = 140.0

Attempt = Callable[[Callable[[], object]], bool]


class Adding(QObject):
    """Opens the search and does what is chosen in it.

    Parameters
    ----------
    popup : SearchPopup
        The search of the window.
    attempt : callable
        Runs an intent and shows a refusal in the window.
    used : callable
        Told the reference of a tool that was added.
    """

    def __init__(
        self,
        popup: SearchPopup,
        attempt: Attempt,
        used: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._popup = popup
        self._attempt = attempt
        self._used = used
        self._take: Callable[[object], bool] = lambda _value: False
        popup.chosen.connect(self._chosen)

    def search(
        self,
        canvas: Canvas,
        place: tuple[float, float],
        at: QPoint | None,
        port: PortAddress | None = None,
        *,
        is_output: bool = True,
    ) -> None:
        """Open the search for a tool, or for those that fit a port."""
        editor = canvas.editor
        if editor is None:
            return
        hint = ""
        if port is not None:
            name = _port_name(editor, port)
            hint = tr("Tools that take {port}", port=name)
            if not is_output:
                hint = tr("Tools that give {port}", port=name)
        spots = _places(place)
        source = port if port is not None and is_output else None
        target = (
            (port[0], port[1] or "") if port is not None and not is_output else None
        )

        def find(text: str) -> Sequence[Entry]:
            if port is None:
                return [*_entries(_found(editor, text)), *_others(text)]
            found = editor.suggest(port, text, is_output=is_output)
            return _entries(found)

        def take(value: object) -> bool:
            x, y = editor.free_at(next(spots), source, target)
            if value == "dataset":
                return self._attempt(lambda: editor.add_dataset(at=(x, y)))
            if value == "note":
                return self._attempt(lambda: editor.add_note(tr("Note"), (x, y)))
            ref = str(value)
            return self._added(
                ref,
                lambda: canvas.reveal(
                    editor.add_tool(
                        ref, at=(x, y), connect_from=source, connect_to=target
                    )
                ),
            )

        self._open(find, take, at=at, hint=hint)

    def search_insert(
        self, canvas: Canvas, place: tuple[float, float], at: QPoint | None, key: str
    ) -> None:
        """Open the search for a tool to be put on a wire."""
        editor = canvas.editor
        if editor is None or key not in editor.scene.wires:
            return
        wire = editor.scene.wires[key]
        onward = {one.ref for one in editor.suggest(wire.target, is_output=False)}

        def find(text: str) -> Sequence[Entry]:
            found = editor.suggest(wire.source, text)
            return _entries([one for one in found if not onward or one.ref in onward])

        def take(value: object) -> bool:
            ref = str(value)
            return self._added(
                ref, lambda: editor.add_tool(ref, at=place, insert_on=key)
            )

        self._open(find, take, at=at, hint=tr("Insert a tool on this wire"))

    def search_swap(self, editor: Editor, node: str, at: QPoint | None) -> None:
        """Open the search for a tool that takes the place of a node's."""
        title = editor.title_of(node)

        def take(value: object) -> bool:
            ref = str(value)
            return self._added(ref, lambda: editor.swap_tool(node, ref))

        self._open(
            lambda text: _entries(_found(editor, text)),
            take,
            at=at,
            hint=tr("Replace {title}; wires and parameters that fit stay", title=title),
            keys=tr("Enter replaces, Esc closes"),
        )

    def choose(
        self,
        find: Callable[[str], Sequence[Entry]],
        take: Callable[[object], bool],
        *,
        hint: str,
        prompt: str,
        keys: str,
    ) -> None:
        """Let something be chosen from a list of its own, in the middle."""
        self._take = take
        self._popup.open(find, at=None, hint=hint, prompt=prompt, keys=keys)

    def add_tool(self, canvas: Canvas, ref: str) -> None:
        """Add a tool in the middle of what is seen, or beside what is selected."""
        editor = canvas.editor
        if editor is None:
            return
        place = _free_place(editor, canvas)
        self._added(ref, lambda: canvas.reveal(editor.add_tool(ref, at=place)))

    def add_dataset(self, canvas: Canvas) -> None:
        """Add a dataset input."""
        editor = canvas.editor
        if editor is not None:
            place = _free_place(editor, canvas) or _place_of_input(editor)
            self._attempt(lambda: canvas.reveal(editor.add_dataset(at=place)))

    def add_files(self, canvas: Canvas, paths: Sequence[Path], at: QPointF) -> None:
        """Add one dataset input for files or folders that were dropped."""
        editor = canvas.editor
        if editor is None or not paths:
            return
        first = paths[0]
        name = _identifier(first.stem if len(paths) == 1 else first.parent.name)
        self._attempt(
            lambda: editor.add_dataset(
                name,
                _kind_of(paths),
                editor.room_at((at.x(), at.y())),
                label=first.name if len(paths) == 1 else first.parent.name,
            )
        )

    def _open(
        self,
        find: Callable[[str], Sequence[Entry]],
        take: Callable[[object], bool],
        *,
        at: QPoint | None,
        hint: str,
        keys: str = "",
    ) -> None:
        self._take = take
        self._popup.open(
            find,
            at=at,
            hint=hint,
            prompt=tr("Name, keyword or task"),
            keys=keys or tr("Enter adds, Ctrl+Enter adds and stays, Esc closes"),
        )

    def _chosen(self, value: object, _stays: bool) -> None:
        self._take(value)

    def _added(self, ref: str, intent: Callable[[], object]) -> bool:
        done = self._attempt(intent)
        if done:
            self._used(ref)
        return done


def _entries(found: Sequence[Suggestion]) -> list[Entry]:
    return [
        Entry(
            tr(one.title), tr(one.summary), one.ref, tag=tr(one.category), tip=one.ref
        )
        for one in found
    ]


def _found(editor: Editor, text: str) -> list[Suggestion]:
    """Return the tools that words fit, also those of the window's language."""
    found = list(editor.search(text))
    known = {one.ref for one in found}
    translated = (
        one
        for one in (editor.search("") if text.strip() else ())
        if tr(one.title) != one.title
        and fits_words(text, f"{tr(one.title)} {tr(one.summary)}")
    )
    first = [one for one in translated if one.ref not in known]
    return [*first, *found]


def _others(text: str) -> list[Entry]:
    """Return what else can be added, where the words ask for it."""
    words = text.lower().strip()
    offers = (
        (
            Entry(
                tr("Dataset input"),
                tr("Where a run gets its images or tables."),
                "dataset",
                icon="dataset",
            ),
            "dataset input images data source",
        ),
        (
            Entry(tr("Note"), tr("Text on the canvas."), "note", icon="note"),
            "note text comment",
        ),
    )
    if not words:
        return [entry for entry, _ in offers]
    return [
        entry
        for entry, known in offers
        if words in known or words in entry.title.lower()
    ]


def _places(place: tuple[float, float]) -> Iterator[tuple[float, float]]:
    number = 0
    while True:
        yield place[0] + number * _STEP, place[1] + number * _STEP
        number += 1


def _port_name(editor: Editor, port: PortAddress) -> str:
    view = editor.scene.nodes.get(port[0])
    if view is None:
        return port[0]
    if view.role is NodeRole.DATASET:
        return view.title
    return f"{view.title} \u2192 {port[1]}"


def _free_place(editor: Editor, canvas: Canvas) -> tuple[float, float] | None:
    """Return the middle of the view; None (beside others) where something is there."""
    if editor.scene.nodes:
        return None
    x, y = canvas.middle()
    return x - 110, y - 50


def _place_of_input(editor: Editor) -> tuple[float, float]:
    """Return a place left of everything, or below the dataset inputs there."""
    nodes = editor.scene.nodes.values()
    left = min(node.x for node in nodes)
    first = [node for node in nodes if node.x < left + _COLUMN / 2]
    inputs = [node for node in first if node.role is NodeRole.DATASET]
    if inputs:
        return left, max(node.y for node in first) + _ROW
    return left - _COLUMN, min(node.y for node in first)


def _identifier(text: str) -> str:
    kept = "".join(one if one.isascii() and one.isalnum() else "_" for one in text)
    kept = kept.strip("_")[:40]
    return kept if kept and kept[0].isalpha() else f"images_{kept}".rstrip("_")


def _kind_of(paths: Sequence[Path]) -> Kind:
    names = [path.name.lower() for path in paths]
    if all(name.endswith(_TABLES) for name in names):
        return Kind.TABLE
    if any(path.is_dir() for path in paths) or all(
        name.endswith(_IMAGES) for name in names
    ):
        return Kind.IMAGE
    return Kind.FILE
