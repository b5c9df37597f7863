"""A workflow as one file, and one that somebody shared; packed in a thread."""

from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from bioimageit_flow.errors import Cancelled, FlowError
from bioimageit_flow.gui.file_dialogs import file_name
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Session
    from bioimageit_flow.session.shared_images import Loaded, SharedImage
    from bioimageit_flow.session.unsharing import Unpacked

ARCHIVE: Final = ".flow.zip"
_EXPERIMENT: Final = "experiment"


class _Progress(QObject):
    """Carries from the thread that packs to the window how far it is."""

    told = Signal(str)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._last = ""
        self.told.connect(window.status.show_work)

    def tell(self, name: str, done: int, of: int) -> None:
        """Say what is done and how far; called from the thread."""
        words = f"{name}: {100 * done // max(of, 1)} %"
        if words != self._last:
            self._last = words
            self.told.emit(words)


def share(window: "MainWindow") -> None:
    """Say how large the images are, ask where to, and pack the workflow in front."""
    editor = window.editor
    if editor is None:
        return
    document = editor.workflow.document
    folder = editor.path.parent if editor.path else None
    session = window.workspace.session

    def measure() -> "list[SharedImage]":
        from bioimageit_flow.session.shared_images import images_of

        return [one for one in images_of(session, document, folder) if one.size]

    def ask(images: "list[SharedImage]") -> None:
        if window.editor is not editor:
            return
        if not images:
            _choose(window, editor, [])
            return
        size = format_bytes(sum(one.size or 0 for one in images))
        window.message.say(
            tr(
                "The container images of its tools take {size}. With them it runs "
                "where there is no network.",
                size=size,
            ),
            offers=[
                Offer(tr("Without images"), lambda: _choose(window, editor, [])),
                Offer(
                    tr("With images ({size})", size=size),
                    lambda: _choose(window, editor, images),
                ),
            ],
        )

    def without(_error: FlowError) -> None:
        ask([])  # no engine answers, so there are no images to take along

    window.background.run(measure, ask, without)


def _choose(
    window: "MainWindow", editor: "Editor", images: "list[SharedImage]"
) -> None:
    window.files.dialogs.ask_to_save(
        tr("Share as one file"),
        f"{tr('Shared workflow')} (*{ARCHIVE})",
        file_name(editor, ARCHIVE),
        lambda target: pack(window, editor, target, images),
    )


def pack(
    window: "MainWindow", editor: "Editor", target: Path, images: "list[SharedImage]"
) -> None:
    """Write the archive in a thread; with images it can be stopped."""
    document = editor.workflow.document
    folder = editor.path.parent if editor.path else None
    session = window.workspace.session
    place = target if target.suffix == ".zip" else Path(f"{target}{ARCHIVE}")
    cancel, progress = Event(), _Progress(window)

    def work() -> int:
        from bioimageit_flow.session.shared_images import saved
        from bioimageit_flow.session.sharing import share as write_archive

        files = saved(session, images, progress.tell, cancel) if images else {}
        done = write_archive(
            document, place, session.catalogue, folder=folder, saved_images=files
        )
        return len(done.tools)

    def tell(tools: int) -> None:
        progress.deleteLater()
        size = format_bytes(place.stat().st_size) if place.exists() else ""
        window.message.say(
            tr(
                "Packed {name}: {count} tool(s), {size}; drop it on another editor.",
                name=place.name,
                count=tools,
                size=size,
            ),
            level="good",
            stays=True,
        )

    def fail(error: FlowError) -> None:
        progress.deleteLater()
        if isinstance(error, Cancelled):
            window.message.say(tr("Stopped; nothing was written."))
        else:
            window.refuse(error)

    window.background.run(work, tell, fail)
    if images:
        window.message.say(
            tr("Packing {name}; go on working meanwhile.", name=place.name),
            offers=[Offer(tr("Stop"), cancel.set)],
        )


def open_shared(window: "MainWindow", archive: Path) -> None:
    """Take an archive out beside itself, open its workflow, and load its images.

    Its data are imported into an experiment of their own, a dataset for each input, so
    that a run can follow.
    """
    session = window.workspace.session
    folder = _free_folder(archive)
    progress = _Progress(window)
    window.message.say(tr("Taking out {name}…", name=archive.name), stays=True)

    def work() -> "tuple[Unpacked, Loaded | None]":
        from bioimageit_flow.session.shared_images import load_images
        from bioimageit_flow.session.unsharing import open_shared as unpack

        done = unpack(archive, folder, session.catalogue)
        if done.data:
            _import_data(session, done, folder / _EXPERIMENT, progress)
        wanted = [tool.image for tool in done.contents.tools]
        if not done.images:
            return done, None
        return done, load_images(session, done.images, wanted, progress.tell)

    def show(found: "tuple[Unpacked, Loaded | None]") -> None:
        progress.deleteLater()
        done, loaded = found
        session.catalogue.refresh()
        if done.data:
            bindings = {name: name for name in done.data}
            window.workspace.experiment.open(folder / _EXPERIMENT, bindings)
        if not window.files.open(done.workflow):
            return
        said, is_whole = _words(folder, done, loaded)
        window.message.say(
            " ".join(said), level="good" if is_whole else "warning", stays=True
        )
        window.newcomers.begin()

    def fail(error: FlowError) -> None:
        progress.deleteLater()
        window.refuse(error)

    window.background.run(work, show, fail)


def _import_data(
    session: "Session", done: "Unpacked", place: Path, progress: _Progress
) -> None:
    from bioimageit_flow.session import Experiment

    name = done.contents.name or place.parent.name
    with Experiment.create(place, name=name, session=session) as experiment:
        for dataset, folder in done.data.items():
            experiment.import_files(
                [folder], dataset=dataset, progress=partial(progress.tell, dataset)
            )


def _words(
    folder: Path, done: "Unpacked", loaded: "Loaded | None"
) -> tuple[list[str], bool]:
    """Return what became of an archive, and whether all of it is here now."""
    said = [tr("Taken out to {folder}.", folder=folder)]
    if done.data:
        inputs = ", ".join(done.data)
        said.append(tr("Its data are imported for: {inputs}.", inputs=inputs))
    is_whole = not done.missing
    for names, words in (
        (done.added, tr("Added to your tools: {names}.", names="{names}")),
        (
            done.missing,
            tr("Neither here nor in the archive: {names}.", names="{names}"),
        ),
        (
            loaded.added if loaded else (),
            tr("Images given to the engine: {names}.", names="{names}"),
        ),
        (
            loaded.refused if loaded else (),
            tr(
                "Images not loaded, as their names mean others here: {names}.",
                names="{names}",
            ),
        ),
    ):
        if names:
            said.append(words.replace("{names}", ", ".join(names)))
    if loaded is not None and (loaded.failure or loaded.refused):
        is_whole = False
    if loaded is not None and loaded.failure:
        said.append(tr("Images were not loaded: {why}", why=loaded.failure))
    return said, is_whole


def _free_folder(archive: Path) -> Path:
    stem = archive.name.removesuffix(".zip").removesuffix(".flow")
    for number in count(1):
        folder = archive.parent / (stem if number == 1 else f"{stem}-{number}")
        if not folder.exists():
            return folder
    raise AssertionError("unreachable")
