"""A workflow as one file, and one that somebody shared; packed in a thread."""

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.message_line import Offer

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session.unsharing import Unpacked

ARCHIVE: Final = ".flow.zip"


def share(window: "MainWindow") -> None:
    """Ask where to, and pack the workflow in front with its tools."""
    editor = window.editor
    if editor is None:
        return
    document = editor.workflow.document
    folder = editor.path.parent if editor.path else None
    catalogue = window.workspace.session.catalogue

    def pack(target: Path) -> None:
        place = target if target.suffix == ".zip" else Path(f"{target}{ARCHIVE}")

        def work() -> int:
            from bioimageit_flow.session.sharing import share as write_archive

            packed = write_archive(document, place, catalogue, folder=folder)
            return len(packed.tools)

        def tell(tools: int) -> None:
            window.message.say(
                tr(
                    "Packed {name} with {count} tool(s); drop it on another editor.",
                    name=place.name,
                    count=tools,
                ),
                level="good",
                stays=True,
            )

        window.background.run(work, tell, window.refuse)

    window.files.ask_to_save(
        tr("Share as one file"),
        f"{tr('Shared workflow')} (*{ARCHIVE})",
        window.files.file_name(editor, ARCHIVE),
        pack,
    )


def open_shared(window: "MainWindow", archive: Path) -> None:
    """Take an archive out beside itself, and open its workflow."""
    catalogue = window.workspace.session.catalogue
    folder = _free_folder(archive)

    def work() -> "Unpacked":
        from bioimageit_flow.session.unsharing import open_shared as unpack

        return unpack(archive, folder, catalogue)

    def show(done: "Unpacked") -> None:
        catalogue.refresh()
        if not window.files.open(done.workflow):
            return
        for name, place in done.data.items():
            window.bindings[name] = str(place)
        said = [tr("Taken out to {folder}.", folder=folder)]
        if done.added:
            names = ", ".join(done.added)
            said.append(tr("Added to your tools: {names}.", names=names))
        if done.missing:
            names = ", ".join(done.missing)
            said.append(tr("Neither here nor in the archive: {names}.", names=names))
        window.message.say(
            " ".join(said),
            level="warning" if done.missing else "good",
            offers=[Offer(tr("Good"), lambda: None)],
        )
        window.newcomers.begin()

    window.background.run(work, show, window.refuse)


def _free_folder(archive: Path) -> Path:
    stem = archive.name.removesuffix(".zip").removesuffix(".flow")
    for number in count(1):
        folder = archive.parent / (stem if number == 1 else f"{stem}-{number}")
        if not folder.exists():
            return folder
    raise AssertionError("unreachable")
