"""The command `share`: a workflow as one file, and one that somebody shared."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.opening import opened_session
from bioimageit_flow.cli.options import AsJson, ToolFolders
from bioimageit_flow.cli.output import count, hint, say, say_json, short, tell, working
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.session import Session
    from bioimageit_flow.session.shared_images import Loaded, SharedImage
    from bioimageit_flow.session.unsharing import Unpacked
    from bioimageit_flow.workflow import Document

_SUFFIX = ".flow.zip"


def share(
    workflow: Annotated[
        Path,
        typer.Argument(
            metavar="WORKFLOW",
            help="A workflow file, *.flow.yaml, to share; or with --open an archive, "
            "*.flow.zip.",
        ),
    ],
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="The archive to write; with --open the folder to make. By default "
            "named after the workflow, here.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="INPUT=FILE",
            help="A file or folder for a dataset input, to go along; may be given "
            "several times.",
        ),
    ] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image",
            metavar="TAR",
            exists=True,
            dir_okay=False,
            help="An image that `docker save` wrote, to go along; may be given several "
            "times.",
        ),
    ] = None,
    with_images: Annotated[
        bool,
        typer.Option(
            "--images",
            help="Put the images of its tools into the archive too; says first how "
            "large they are.",
        ),
    ] = False,
    no_load: Annotated[
        bool,
        typer.Option(
            "--no-load",
            help="With --open: do not give the images in the archive to the container "
            "engine.",
        ),
    ] = False,
    open_: Annotated[
        bool,
        typer.Option("--open", help="Open an archive: take it out into a new folder."),
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Say what is in an archive; write nothing.")
    ] = False,
    tools: ToolFolders = None,
    as_json: AsJson = False,
) -> None:
    """Share a workflow as one file, or open one that somebody shared.

    The archive holds the workflow, the tools that it uses with their scripts and locks,
    and the digests of their images; with --images the images themselves. Opening it
    writes files and runs nothing. Tools that this machine lacks are put among your
    tools; without isolation they run only after `bioimageit-flow trust`. Images that it
    lacks are loaded into its container engine; none that is there is replaced.
    """
    if listed:
        _list(workflow, as_json)
        return
    with opened_session(tools) as session:
        if open_:
            _open(session, workflow, target, as_json, loads=not no_load)
        else:
            _share(
                session,
                workflow,
                target,
                data or [],
                image or [],
                as_json,
                with_images=with_images,
            )


def _share(
    session: "Session",
    workflow: Path,
    target: Path | None,
    data: list[str],
    images: list[Path],
    as_json: bool,
    *,
    with_images: bool,
) -> None:
    from bioimageit_flow.session.sharing import share as write_archive
    from bioimageit_flow.workflow import load_document

    document = load_document(workflow)
    stem = workflow.name.removesuffix(".yaml").removesuffix(".flow")
    archive = target or Path(f"{stem}{_SUFFIX}")
    folder = workflow.absolute().parent
    saved = _announced(session, document, folder) if with_images else []
    with working("Packing") as say_progress:
        done = write_archive(
            document,
            archive,
            session.catalogue,
            folder=folder,
            data=_data(data),
            images=images,
            saved_images=_saving(session, saved, say_progress),
        )
    if as_json:
        say_json(
            {
                "archive": str(archive),
                "tools": [tool.ref for tool in done.tools],
                "missing": list(done.missing),
                "data": {name: list(paths) for name, paths in done.data.items()},
                "images": list(done.images),
                "size": done.size,
            }
        )
        return
    files = sum(len(paths) for paths in done.data.values())
    with_data = f", {count(files, 'file')} of data" if files else ""
    packed = len(done.images)
    and_images = f", {count(packed, 'image')}" if packed else ""
    say(
        f"{done.name}: {short(archive)}, {count(len(done.tools), 'tool')}"
        f"{with_data}{and_images}, {format_bytes(archive.stat().st_size)}."
    )
    for ref in done.missing:
        say((f"{ref} is not here, so it is not in the archive.", "yellow"))
    hint(f"Elsewhere: bioimageit-flow share --open {archive.name}")


def _announced(
    session: "Session", document: "Document", folder: Path
) -> "list[SharedImage]":
    """Say how large the images are that go along, before anything is written."""
    from bioimageit_flow.session.shared_images import images_of

    found = images_of(session, document, folder)
    for one in found:
        if one.size is None:
            tell((f"{one.reference} is not here, so it does not go along.", "yellow"))
        else:
            tell(f"{one.reference}: {format_bytes(one.size)}")
    here = [one for one in found if one.size is not None]
    total = sum(one.size or 0 for one in here)
    if here:
        tell(f"Together at most {format_bytes(total)}.")
    return here


def _saving(
    session: "Session", images: "list[SharedImage]", say_progress: Callable[[str], None]
) -> "dict[str, Iterator[bytes]]":
    from bioimageit_flow.session.shared_images import saved

    last = ""

    def progress(reference: str, done: int, of: int) -> None:
        nonlocal last
        words = f"Packing {reference}: {100 * done // max(of, 1) // 10 * 10} %"
        if words != last:
            last = words
            say_progress(words)

    return saved(session, images, progress) if images else {}


def _data(texts: list[str]) -> dict[str, list[Path]]:
    data: dict[str, list[Path]] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not Path(path).exists():
            raise typer.BadParameter(
                f"{text!r} is not INPUT=FILE with a file that is there",
                param_hint="--data",
            )
        data.setdefault(name, []).append(Path(path))
    return data


def _list(archive: Path, as_json: bool) -> None:
    from bioimageit_flow.session.shared_contents import contents

    found = contents(archive)
    if as_json:
        say_json(
            {
                "name": found.name,
                "description": found.description,
                "tools": [tool.ref for tool in found.tools],
                "missing": list(found.missing),
                "data": {name: list(paths) for name, paths in found.data.items()},
                "images": list(found.images),
                "size": found.size,
            }
        )
        return
    say((found.name, "bold"))
    for tool in found.tools:
        say(f"tool   {tool.ref}  {tool.image}")
    for ref in found.missing:
        say(f"lacks  {ref}")
    for name, paths in found.data.items():
        say(f"data   {name}: {count(len(paths), 'file')}")
    for one in found.images:
        say(f"image  {one}")


def _open(
    session: "Session",
    archive: Path,
    target: Path | None,
    as_json: bool,
    *,
    loads: bool,
) -> None:
    from bioimageit_flow.session.shared_images import Loaded, load_images
    from bioimageit_flow.session.unsharing import open_shared

    folder = target or Path(archive.name.removesuffix(".zip").removesuffix(".flow"))
    with working("Unpacking"):
        done = open_shared(archive, folder, session.catalogue)
    loaded = Loaded()
    if loads and done.images:
        with working("Loading images") as say_progress:
            loaded = load_images(
                session,
                done.images,
                [tool.image for tool in done.contents.tools],
                lambda name, _done, _of: say_progress(f"Loading {name}"),
            )
    if as_json:
        say_json(
            {
                "workflow": str(done.workflow),
                "data": {name: str(place) for name, place in done.data.items()},
                "images": [str(one) for one in done.images],
                "added": list(done.added),
                "known": list(done.known),
                "differing": list(done.differing),
                "missing": list(done.missing),
                "loaded": list(loaded.added),
                "refused": list(loaded.refused),
            }
        )
        return
    _tell_opened(done)
    _tell_images(done, loaded)


def _tell_images(done: "Unpacked", loaded: "Loaded") -> None:
    for reference in loaded.added:
        say(f"{reference} was given to the container engine.")
    for reference in loaded.known:
        say(f"{reference} was there already.")
    for reference in loaded.refused:
        say(
            (
                f"{reference} was not loaded: that name stands for another image here, "
                "or for none of these tools.",
                "yellow",
            )
        )
    if loaded.failure:
        say((f"Images were not loaded: {loaded.failure}", "yellow"))
    if done.images and not (loaded.added or loaded.known or loaded.refused):
        for image in done.images:
            say(f"Image: docker load --input {short(image)}")


def _tell_opened(done: "Unpacked") -> None:
    say((done.contents.name, "bold"), f": {short(done.workflow)}")
    for ref in done.added:
        say(f"{ref} was added to your tools.")
    for ref in done.differing:
        say(
            (
                f"{ref} is here with other content; the one that is here is used.",
                "yellow",
            )
        )
    for ref in done.missing:
        say((f"{ref} is neither here nor in the archive.", "yellow"))
    for name, place in done.data.items():
        say(f"Data of {name}: {short(place)}")


COMMANDS = (
    Spec(
        "share",
        share,
        (
            "share count.flow.yaml",
            "share count.flow.yaml spots.flow.zip --data images=raw/",
            "share count.flow.yaml --images",
            "share --open spots.flow.zip",
            "share --list spots.flow.zip --json",
        ),
    ),
)
