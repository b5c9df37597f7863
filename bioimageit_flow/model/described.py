"""What all descriptors have in common: strict keys, and the types of their fields."""

import inspect
import re
from difflib import get_close_matches
from functools import cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bioimageit_flow.model.kinds import FORMATS

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
PORT = r"[a-z][a-z0-9_]*"

_NUMBER = r"(0|[1-9][0-9]*)"
_PART = r"(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = (
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(-{_PART}(\.{_PART})*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
"""A version number as https://semver.org has it."""

_AXES = re.compile(r"\*|(?!.*(.).*\1)[TZCYXS]+")


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; known are {', '.join(FORMATS)}")
    return name


def _known_axes(axes: str) -> str:
    if not _AXES.fullmatch(axes):
        raise ValueError(f"{axes!r} is neither '*' nor different letters of TZCYXS")
    return axes


def _inside(path: str) -> str:
    windows = PureWindowsPath(path)
    if (
        not path
        or "\\" in path
        or "\0" in path
        or path.startswith("/")
        or windows.drive
        or ".." in PurePosixPath(path).parts
    ):
        raise ValueError(
            f"{path!r} is not a relative path, with forward slashes, to something "
            "inside this folder"
        )
    return path


FormatName = Annotated[str, AfterValidator(_known_format)]
Axes = Annotated[str, AfterValidator(_known_axes)]
InnerPath = Annotated[str, AfterValidator(_inside)]
PortKey = Annotated[str, StringConstraints(pattern=f"^{PORT}$")]


def _function_of_file(text: str) -> str:
    path, _, function = text.rpartition(":")
    if not path.endswith(".py") or not function.isidentifier():
        raise ValueError(f"{text!r} is not 'file.py:function'")
    _inside(path)
    return text


FileFunction = Annotated[str, AfterValidator(_function_of_file)]
"""``tests/make.py:discs``: a function in a Python file of the tool."""


class Described(BaseModel):
    """A part of a descriptor: frozen, and strict about unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:  # noqa: ANN401 - whatever a file says
        if not isinstance(data, dict):
            return data
        known = _known_keys(cls)
        for key in data:
            if key not in known and not str(key).startswith("x-"):
                raise ValueError(_unknown_key(cls, str(key)))
        return data

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add what the docstring says, and the rule about unknown keys."""
        schema = handler(core_schema)
        inner = handler.resolve_ref_schema(schema)
        summary, attributes = _documented(cls)
        inner["description"] = summary
        for name, field in cls.model_fields.items():
            if text := attributes.get(field.alias or name):
                inner["properties"][field.alias or name]["description"] = text
        inner["patternProperties"] = {"^x-": {}}
        inner["additionalProperties"] = False
        return schema


def _documented(described: type) -> tuple[str, dict[str, str]]:
    """Return the text of a numpy docstring, and that of each of its attributes."""
    text, _, rest = inspect.cleandoc(described.__doc__ or "").partition(
        "\nAttributes\n"
    )
    attributes: dict[str, str] = {}
    for part in re.split(r"\n(?=\S)", rest.partition("\n\n")[0].partition("\n")[2]):
        names, _, lines = part.partition(" : ")
        words = " ".join(line.strip() for line in lines.split("\n")[1:])
        attributes |= dict.fromkeys(names.split(", "), words)
    return text.split("\n\n")[0].replace("\n", " ").strip(), attributes


@cache
def _known_keys(described: type[Described]) -> frozenset[str]:
    fields = described.model_fields
    return frozenset(fields) | {field.alias or name for name, field in fields.items()}


def _unknown_key(described: type[Described], key: str) -> str:
    fields = described.model_fields.items()
    known = sorted(field.alias or name for name, field in fields)
    near = get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"the key {key!r} is not known here ({hint})"
