"""What it takes to run a run again: the file ``recipe.jsonl`` of a crate.

The metadata of a crate describe a run to everybody; this file says the same to this
program without loss: kinds, selectors and typed annotations of what went in, and for
each result its hash before it was stamped and the raw data it descends from. One JSON
object per line, so that neither side holds all of it as text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bioimageit_flow.errors import DataError, NewerVersionError
from bioimageit_flow.model.data import AnnotationValue, DataInfo
from bioimageit_flow.model.ids import ItemId, Sha256

RECIPE = "recipe.jsonl"
SCHEMA = "bioimageit-flow/recipe/1"
MAX_LINE = 64_000_000
"""Longer lines than this are no recipe: a result has far fewer raw data."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    def text(self) -> str:
        """Return it as a line of the file."""
        return self.model_dump_json(by_alias=True) + "\n"


class RunLine(_Line):
    """The run as a whole.

    Attributes
    ----------
    workflow : str
        Path of the workflow in the crate.
    incomplete_groups, unpaired : str
        As the run was told; see `Experiment.run`.
    """

    line: Literal["run"] = "run"
    schema_: str = Field(SCHEMA, alias="schema")
    run: str
    name: str
    workflow: str
    workflow_sha256: Sha256
    started: str
    user: str = ""
    program: str = ""
    os: str = ""
    incomplete_groups: Literal["stop", "run"] = "stop"
    unpaired: Literal["stop", "leave out"] = "stop"


class ToolLine(_Line):
    """A tool that the run used.

    Attributes
    ----------
    folder, toolbox_folder : str
        Where its files lie in the crate; empty where it has none.
    runtime, identity, detail : str
        What it ran in, as `model.run.RuntimeUsed` says.
    """

    line: Literal["tool"] = "tool"
    ref: str
    folder: str = ""
    toolbox_folder: str = ""
    code_sha256: str = ""
    runtime: str = ""
    identity: str = ""
    detail: str = ""
    deterministic: bool = True


class GivenLine(_Line):
    """An item that the run was given.

    Attributes
    ----------
    path : str
        Where it lies in the crate; a URL where its bytes are not in it.
    inputs : tuple of str
        Dataset inputs that took it; ``files -> node.parameter`` for the file of a
        parameter.
    content, file_sha256 : Sha256
        Hash by which it is known, and of the file in the crate, which may be stamped.
    info, annotations, corrected : mapping
        As the run saw them.
    """

    line: Literal["given"] = "given"
    item: ItemId
    path: str
    name: str
    dataset: str
    inputs: tuple[str, ...]
    content: Sha256
    file_sha256: Sha256
    size: int
    is_folder: bool = False
    selector: str = ""
    info: dict[str, Any]
    annotations: dict[str, AnnotationValue] = {}
    corrected: dict[str, Any] = {}


class ResultLine(_Line):
    """An item that the run made.

    Attributes
    ----------
    roots : tuple of int
        Of which given items it was made: their places in the list, from 0.
    """

    line: Literal["result"] = "result"
    node: str
    port: str
    part: str = ""
    name: str
    path: str
    content: Sha256
    file_sha256: Sha256
    is_folder: bool = False
    info: dict[str, Any]
    roots: tuple[int, ...]


def is_away(path: str) -> bool:
    """Say whether a path of a recipe names bytes that are not in the crate."""
    return "://" in path or path.startswith("urn:")


AnyLine = RunLine | ToolLine | GivenLine | ResultLine
_ADAPTER: TypeAdapter[AnyLine] = TypeAdapter(
    Annotated[AnyLine, Field(discriminator="line")]
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, read."""

    run: RunLine
    tools: tuple[ToolLine, ...]
    given: tuple[GivenLine, ...]
    results: tuple[ResultLine, ...]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises
    ------
    DataError
        If it is none, or says what cannot be; names the line.
    NewerVersionError
        If a newer version of the program wrote it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return _recipe(path, _lines(path, file))
    except FileNotFoundError as error:
        raise _wrong(path, "it is not there") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, str(error)) from error


def _lines(path: Path, file: Any) -> Iterator[AnyLine]:  # noqa: ANN401
    number = 0
    while text := file.readline(MAX_LINE + 1):
        number += 1
        if len(text) > MAX_LINE:
            raise _wrong(path, f"line {number} is far too long")
        try:
            value = json.loads(text)
            if number == 1:
                _check_version(path, value)
            yield _ADAPTER.validate_python(value)
        except (ValueError, RecursionError, ValidationError) as error:
            first = str(error).splitlines()[0]
            raise _wrong(path, f"line {number} makes no sense ({first})") from error


def _check_version(path: Path, head: object) -> None:
    said = str(head.get("schema", "")) if isinstance(head, Mapping) else ""
    prefix, _, version = said.rpartition("/")
    if prefix != SCHEMA.rpartition("/")[0] or not version.isdigit():
        raise _wrong(path, "it does not begin as one")
    if int(version) > int(SCHEMA.rpartition("/")[2]):
        raise NewerVersionError(
            f"{path.name} was written by a newer version of the program.",
            remedy="Update with `pip install --upgrade bioimageit-flow`.",
        )


def _recipe(path: Path, lines: Iterable[AnyLine]) -> Recipe:
    runs: list[RunLine] = []
    tools: list[ToolLine] = []
    given: list[GivenLine] = []
    results: list[ResultLine] = []
    for line in lines:
        match line:
            case RunLine():
                runs.append(line)
            case ToolLine():
                tools.append(line)
            case GivenLine():
                given.append(line)
            case ResultLine():
                results.append(line)
    if len(runs) != 1:
        raise _wrong(path, f"it tells of {len(runs)} runs")
    if len({one.item for one in given}) != len(given):
        raise _wrong(path, "an item is given twice")
    for one in results:
        if any(not 0 <= root < len(given) for root in one.roots):
            raise _wrong(path, f"{one.name} comes from what was never given")
    for info in (*(g.info for g in given), *(r.info for r in results)):
        try:
            DataInfo.from_json(info)
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            raise _wrong(path, f"a description makes no sense ({error})") from error
    return Recipe(runs[0], tuple(tools), tuple(given), tuple(results))


def _wrong(path: Path, why: str) -> DataError:
    return DataError(
        f"{path.name} of the crate cannot be used: {why}.",
        remedy="It was changed or damaged; ask for the crate anew.",
    )
