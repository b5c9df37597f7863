"""Opening exhibits: an item with what belongs to it."""

from typing import TYPE_CHECKING

from bioimageit_flow.editor.viewing.contrast import looks_of
from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.objects import Objects
from bioimageit_flow.editor.viewing.shapes import (
    Shapes,
    shapes_of_json,
    shapes_of_rows,
)
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import Item
from bioimageit_flow.session.results import Result
from bioimageit_flow.session.viewing import ImageSource, Related, related

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


def open_exhibit(experiment: "Experiment", item: Item) -> Exhibit:
    """Open an item with what belongs to it.

    Raises
    ------
    DataError
        If the item itself cannot be read. What belongs to it and cannot be read is
        left out, and said in `Exhibit.notes`.
    """
    return exhibit_of(related(experiment, item), item)


def exhibit_of(found: Related, item: Item) -> Exhibit:
    """Open files that belong together; see `open_exhibit`."""
    made = Exhibit(item, found)
    if item.info.axes and not item.info.kind.is_pixels and found.own is not None:
        made.image = ImageSource(found.own.path)  # a figure
    for role in ("image", "labels", "points", "tracks", "table", "shapes"):
        result = getattr(found, role)
        if result is None:
            continue
        try:
            if role in ("image", "labels"):
                setattr(made, role, ImageSource(result.path, result.item))
            elif role == "shapes":
                made.shapes = _shapes(result, made)
            else:
                table = result.read_table()
                name = "rows" if role == "table" else role
                setattr(made, name, Objects(table.columns, table.rows, made.info))
        except DataError as error:
            if result.item.id == item.id and role != "shapes":
                made.close()
                raise
            made.notes.append(error.message)
    made.looks = looks_of(made.channels, made.info.channels) if made.image else []
    return made


def _shapes(result: Result, exhibit: Exhibit) -> Shapes:
    if result.path.suffix.lower() != ".csv":
        return shapes_of_json(result.path)
    table = result.read_table()
    stack = "" if exhibit.base is None else exhibit.base.stack.replace("C", "")
    return shapes_of_rows(table.columns, table.rows, stack)
