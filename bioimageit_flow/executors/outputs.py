"""What a job has written: collected, checked against its ports, hashed.

Output of a tool is not trusted: links, devices and names that lead elsewhere are
refused.
"""

import re
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.executors.output_files import entries_of, make_plain, shown
from bioimageit_flow.executors.staging import StagedInput, output_name
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.data import Content, DataInfo
from bioimageit_flow.model.naming import split_name
from bioimageit_flow.model.tool import OutputPort, Tool

MAX_PARTS = 100_000


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One checked output.

    Attributes
    ----------
    part : str
        Which of many; empty where there is one.
    path : Path
        In the job's folder.
    """

    port: str
    path: Path
    content: Content
    info: DataInfo
    part: str = ""


def collect_outputs(
    folder: Path, tool: Tool, inputs: Mapping[str, tuple[StagedInput, ...]]
) -> tuple[OutputFile, ...]:
    """Return every output of a job.

    Raises
    ------
    DataError
        If one is missing, or is not what its port declares; names the port.
    """
    found: list[OutputFile] = []
    for name, port in tool.outputs.items():
        place = folder / "out" / name
        if not _is_own_folder(place):
            raise DataError(f"output {name!r} is missing: its folder is gone")
        for part, path in _files(name, port, place):
            make_plain(name, path)
            info = _checked(name, port, path, inputs)
            found.append(OutputFile(name, path, hash_content(path), info, part))
    return tuple(found)


def _is_own_folder(place: Path) -> bool:
    try:
        return stat.S_ISDIR(place.lstat().st_mode)
    except OSError:
        return False


def _files(name: str, port: OutputPort, place: Path) -> list[tuple[str, Path]]:
    entries = entries_of(name, place, MAX_PARTS)
    if port.many:
        if not entries and not port.optional:
            raise DataError(f"output {name!r} is missing: the tool wrote no file")
        parts = [(_part(name, port, path.name), path) for path in entries]
        for part, count in Counter(part for part, _ in parts).items():
            if count > 1:
                raise DataError(
                    f"output {name!r} has two files for the part {shown(part)}"
                )
        return parts
    wanted = place / output_name(port)
    if wanted not in entries:
        if port.optional and not entries:
            return []
        others = ", ".join(shown(path.name) for path in entries[:3])
        instead = f" (instead it wrote {others})" if others else ""
        raise DataError(
            f"output {name!r} is missing: the tool did not write {wanted.name}{instead}"
        )
    return [("", wanted)]


def _part(name: str, port: OutputPort, filename: str) -> str:
    if port.parts is None:
        return split_name(filename)[0]
    match = re.fullmatch(port.parts, filename)
    if not match:
        raise DataError(
            f"output {name!r}: the file name {shown(filename)} does not fit "
            f"{port.parts!r}"
        )
    return match["part"]


def _checked(
    name: str,
    port: OutputPort,
    path: Path,
    inputs: Mapping[str, tuple[StagedInput, ...]],
) -> DataInfo:
    from bioimageit_flow.formats import check_output

    axes = None if port.axes == "*" else port.axes
    if axes is None and port.like is not None and inputs.get(port.like):
        axes = inputs[port.like][0].info.axes
    try:
        return check_output(path, port.kind, port.format, axes)
    except DataError as error:
        raise DataError(
            f"output {name!r}: {error.message}", remedy=error.remedy
        ) from error
