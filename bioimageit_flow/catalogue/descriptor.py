"""Reading `tool.yaml` and `toolbox.yaml`."""

import re
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bioimageit_flow import __version__
from bioimageit_flow.catalogue.complaints import complaints
from bioimageit_flow.errors import NewerVersionError, ToolError
from bioimageit_flow.model.tool import TOOL_SCHEMA, TOOLBOX_SCHEMA, Tool, Toolbox
from bioimageit_flow.model.yaml_text import YamlTextError, read_yaml

TOOL_FILE = "tool.yaml"
TOOLBOX_FILE = "toolbox.yaml"

MAX_BYTES = 1_000_000

_SCHEMA = re.compile(r"bioimageit-flow/([a-z]+)/([0-9]{1,6})")

_Descriptor = TypeVar("_Descriptor", Tool, Toolbox)


class DescriptorError(ToolError):
    """A descriptor that cannot be read.

    Attributes
    ----------
    path : Path
        The file.
    complaints : tuple of str
        Everything that is wrong with it; the message has the first.
    """

    def __init__(self, path: Path, *found: str, remedy: str = "") -> None:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{path}: {found[0]}{more}.", remedy=remedy)
        self.path = path
        self.complaints = found


def read_tool(path: Path) -> Tool:
    """Read a ``tool.yaml``.

    Raises
    ------
    DescriptorError
        With a sentence that names the file, the key, what is wrong with it and what is
        expected.
    NewerVersionError
        If the file is of a schema that this version does not know.
    """
    return _read(path, Tool, TOOL_SCHEMA)


def read_toolbox(path: Path) -> Toolbox:
    """Read a ``toolbox.yaml``; errors are those of `read_tool`."""
    return _read(path, Toolbox, TOOLBOX_SCHEMA)


def _read(path: Path, model: type[_Descriptor], schema: str) -> _Descriptor:
    try:
        data = read_yaml(_text(path))
    except YamlTextError as error:
        raise DescriptorError(path, str(error)) from error
    if not isinstance(data, dict):
        raise DescriptorError(path, f"it has no keys; expected 'schema: {schema}'")
    _check_schema(path, data.get("schema"), schema)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DescriptorError(path, *complaints(error, data)) from error


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise DescriptorError(path, "there is no such file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise DescriptorError(path, f"it is larger than {MAX_BYTES} bytes")
        return content.decode()
    except OSError as error:
        why = error.strerror or str(error)
        raise DescriptorError(path, f"it cannot be read ({why})") from error
    except UnicodeDecodeError as error:
        raise DescriptorError(
            path,
            f"it is not UTF-8 text (byte {error.start})",
            remedy="Save it as UTF-8.",
        ) from error


def _check_schema(path: Path, given: object, wanted: str) -> None:
    if given == wanted:
        return
    found = _SCHEMA.fullmatch(str(given))
    kind, _, number = wanted.removeprefix("bioimageit-flow/").partition("/")
    if found and found[1] == kind and int(found[2]) > int(number):
        raise NewerVersionError(
            f"{path}: it is written for a newer version of the program "
            f"({given}; this is bioimageit-flow {__version__}, which knows {wanted}).",
            remedy="Install the newest: `pip install --upgrade bioimageit-flow`.",
        )
    if given is None:
        raise DescriptorError(path, f"'schema' is missing; expected {wanted}")
    raise DescriptorError(path, f"'schema' is {given!r}; expected {wanted}")
