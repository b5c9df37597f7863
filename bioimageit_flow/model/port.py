"""Ports of tools: what they take and what they give."""

import re
from typing import Literal

from pydantic import field_validator, model_validator

from bioimageit_flow.model.described import Axes, Described, FormatName
from bioimageit_flow.model.kinds import Kind


class InputPort(Described):
    """What a tool takes on one port.

    Attributes
    ----------
    kind : Kind
        What it takes: image, labels, points, shapes, tracks, surface, table, scalar,
        model or file. An image port takes labels too, a table port points and tracks.
    axes : tuple of str
        Axes it can work on, such as ``YX`` and ``ZYX``; ``*`` or nothing for any.
    formats : tuple of str
        File formats it reads; nothing for any.
    takes : str
        ``item``: one job per item. ``group``: one job for a group of items.
    optional : bool
        Whether a workflow may leave it unwired.
    use_for_all : bool
        Whether a single unrelated item (one PSF) is used for all items of the others.
    label : str
        What the editor writes at the port; its name by default.
    help : str
        What the user should wire to it, in a sentence.
    """

    kind: Kind
    axes: tuple[Axes, ...] = ()
    formats: tuple[FormatName, ...] = ()
    takes: Literal["item", "group"] = "item"
    optional: bool = False
    use_for_all: bool = False
    label: str = ""
    help: str = ""


class OutputPort(Described):
    """What a tool gives on one port.

    Attributes
    ----------
    kind : Kind
        What it gives.
    format : str
        The file format it writes.
    like : str or None
        The input whose axes and pixel size the output has.
    axes : str or None
        Axes of the output where they are always the same.
    many : bool
        Whether the output is a folder, each file in it an item.
    parts : str or None
        With `many`: a regular expression with a group ``(?P<part>...)`` that finds the
        name of the part in a file name; its stem by default.
    optional : bool
        Whether the tool may leave it out.
    label : str
        What the editor writes at the port; its name by default.
    help : str
        What comes out of it, in a sentence.
    """

    kind: Kind
    format: FormatName
    like: str | None = None
    axes: Axes | None = None
    many: bool = False
    parts: str | None = None
    optional: bool = False
    label: str = ""
    help: str = ""

    @field_validator("parts")
    @classmethod
    def _has_part_group(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        if "part" not in groups:
            raise ValueError("'parts' needs a named group (?P<part>...)")
        return pattern

    @model_validator(mode="after")
    def _parts_need_many(self) -> "OutputPort":
        if self.parts is not None and not self.many:
            raise ValueError("'parts' needs 'many: true'")
        return self
