"""The command that asks a file where it comes from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimageit_flow.cli import exits
from bioimageit_flow.cli.commands import Spec
from bioimageit_flow.cli.options import AsJson
from bioimageit_flow.cli.output import (
    clean_line,
    count,
    hint,
    say,
    say_json,
    short,
    show,
)
from bioimageit_flow.cli.writing import write_text
from bioimageit_flow.errors import DataError

if TYPE_CHECKING:
    from bioimageit_flow.model.stamp import Stamp
    from bioimageit_flow.session.whence import Whence


def whence(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Any file; its name does not matter."),
    ],
    experiment: Annotated[
        list[Path] | None,
        typer.Option(
            "--experiment",
            "-e",
            metavar="FOLDER",
            help="An experiment in which to look, beside those that you have worked "
            "in; may be given several times.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="SVG", help="Also draw where it comes from."),
    ] = None,
    workflow: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the workflow that it names."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every branch, however many.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say where a file comes from, also when it was renamed or moved.

    Results of runs carry a stamp that says what made them. A file without one is looked
    for by its content in the experiments that you have worked in.
    """
    from bioimageit_flow.session.whence import draw_whence
    from bioimageit_flow.session.whence import whence as find

    found = find(file, experiment or ())
    if picture is not None:
        write_text(picture, draw_whence(found))
    if workflow is not None:
        _write_workflow(found, workflow)
    if as_json:
        say_json(found.as_json())
    else:
        _say(found, every=every)
        for written in (picture, workflow):
            if written is not None:
                say("Written: ", (str(written), "bold"))
    if found.stamp is None and not found.places:
        raise typer.Exit(exits.BAD_DATA)


def _write_workflow(found: "Whence", path: Path) -> None:
    from bioimageit_flow.session.whence import branch_document
    from bioimageit_flow.workflow.file import save_document

    stamp = found.stamp
    if stamp is None:
        raise DataError(
            f"'{found.path}' has no stamp, so that it names no workflow.",
            remedy="Take the workflow of its run: runs/<run id>/workflow.flow.yaml.",
        )
    save_document(branch_document(stamp.branch, stamp.node, stamp.port), path)


def _say(found: "Whence", *, every: bool) -> None:
    from bioimageit_flow.cli.lineage_tree import drawn, say_summary

    say((clean_line(found.path.name), "bold"), f"  sha256 {found.sha256[:16]}…")
    if found.is_side_car:
        say("It is the side-car of another file, and this is said of that file.")
    if found.stamp is not None:
        _say_stamp(found.stamp)
        if found.is_side_car:
            _say_beside(found.path)
        elif found.is_unchanged:
            say(("It is unchanged since it was made.", "green"))
        else:
            say(
                ("It was changed after it was made:", "bold yellow"),
                " what follows is said of the file that it was.",
            )
    for place in found.places:
        how = "by its content" if found.stamp is None else "also"
        name = clean_line(place.experiment)
        say()
        say(
            f"Known {how} in the experiment ",
            (name, "bold"),
            f" ({short(place.path)}):",
        )
        show(drawn(place.tree, forward=False, every=every))
        is_cut = any(tree.left_out for tree in place.tree.walk())
        say_summary(place.kin, forward=False, is_cut=is_cut)
        if is_cut:
            hint(
                f"`lineage {short(place.path)} {place.item.id[:8]} --lines` tells "
                "everything."
            )
        if place.others:
            have = "has" if place.others == 1 else "have"
            say(f"{count(place.others, 'more item')} there {have} the same content.")
    if found.places:
        return
    if found.stamp is not None:
        _say_branch(found.stamp)
        hint("Name the experiment it comes from with --experiment to see its lineage.")
        return
    say("Nothing is known of it: it has no stamp, and no experiment has this content.")
    say("A program that saves a file anew drops its stamp and writes other bytes.")
    hint("Name the experiment that it may come from with --experiment.")


def _say_beside(path: Path) -> None:
    from bioimageit_flow.formats.stamps import SIDE_CAR

    file = path.with_name(path.name.removesuffix(SIDE_CAR))
    if file != path and file.exists():
        hint(f"`whence {short(file)}` says whether that file is unchanged.")


def _say_stamp(stamp: "Stamp") -> None:
    from bioimageit_flow.cli.lineage_tree import settings_of

    part = f", part {stamp.part}" if stamp.part else ""
    settings = settings_of(stamp.parameters)
    say(
        "It says that it is ",
        (clean_line(f"{stamp.node}.{stamp.port}{part}"), "bold"),
        " of a workflow, made by ",
        (clean_line(stamp.tool), "bold"),
        clean_line(f" ({settings})." if settings else "."),
    )


def _say_branch(stamp: "Stamp") -> None:
    from bioimageit_flow.session.whence import branch_document

    document = branch_document(stamp.branch, stamp.node, stamp.port)
    say()
    say("Made in ", clean_line(stamp.environment), " from")
    for port, taken in stamp.inputs.items():
        listed = ", ".join(content[:12] for content in taken.contents[:4])
        more = ", …" if taken.count > 4 else ""
        say(clean_line(f"  {port}: {count(taken.count, 'item')}  {listed}{more}"))
        for words in taken.converted:
            say(clean_line(f"    {words}"))
    say("by this branch of a workflow:")
    for name, node in document.nodes.items():
        takes = ", ".join(str(one) for port in node.wires for one in node.sources(port))
        what = node.tool or node.where or "a subworkflow"
        say(clean_line(f"  {name}: {what}" + (f"  from {takes}" if takes else "")))


COMMANDS = (
    Spec(
        "whence",
        whence,
        (
            "whence figure_3.png",
            "whence renamed.csv --experiment spots",
            "whence image.ome.tif --picture whence.svg --workflow again.flow.yaml",
        ),
    ),
)
