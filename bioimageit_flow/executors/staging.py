"""What a job sees: staged inputs, ``job.json``, empty output folders, its command."""

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.command import CommandValues, build_command
from bioimageit_flow.model.data import AnnotationValue, DataInfo
from bioimageit_flow.model.json_writing import json_writer
from bioimageit_flow.model.kinds import FORMATS
from bioimageit_flow.model.naming import staged_extension
from bioimageit_flow.model.parameter import ParameterType, ParameterValue
from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.model.tool import OutputPort, Tool
from bioimageit_flow.runtimes.protocol import Layout

JOB_SCHEMA = "bioimageit-flow/job/1"

_as_json = json_writer(allow_nan=True, separators=(", ", ": "))


@dataclass(frozen=True, slots=True)
class StagedInput:
    """One input item, where its content lies.

    Attributes
    ----------
    selector : str
        Which image of the file; the job gets a file with just that one.
    annotations : mapping
        The values that the tool reads, nothing else.
    """

    path: Path
    name: str
    info: DataInfo
    selector: str = ""
    annotations: Mapping[str, AnnotationValue] | None = None


class Staging(Protocol):
    """What `stage` needs of a job."""

    @property
    def inputs(self) -> Mapping[str, tuple[StagedInput, ...]]:
        """The inputs by port."""

    @property
    def parameters(self) -> Mapping[str, ParameterValue]:
        """Resolved parameters."""

    @property
    def seed(self) -> int:
        """For tools that draw random numbers."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A job that is ready to start.

    Attributes
    ----------
    command : tuple of str
        Argument list as the job's process gets it.
    looks : tuple
        Path, size and time of each input, to notice a tool that writes to its input.
    """

    command: tuple[str, ...]
    looks: tuple[tuple[Path, str, int, int], ...]

    def find_tampering(self) -> tuple[FailureCause, str] | None:
        """Say which input the tool has changed, if any."""
        for path, name, size, mtime_ns in self.looks:
            try:
                now = path.stat()
                is_same = (now.st_size, now.st_mtime_ns) == (size, mtime_ns)
            except OSError:
                is_same = False
            if not is_same:
                text = f"the tool changed its input {name}, which it may only read"
                return FailureCause.TOOL_ERROR, text
        return None


def output_name(port: OutputPort) -> str:
    """Return what a tool is asked to call its output."""
    return "" if port.many else f"0{FORMATS[port.format].extension}"


def stage(folder: Path, tool: Tool, layout: Layout, job: Staging) -> Staged:
    """Make a job's folder ready.

    Parameters
    ----------
    folder : Path
        The job's folder: made here, or one of an earlier job that was cleared.

    Raises
    ------
    DataError
        If one image of a file with several cannot be taken out.
    OSError
        If an input is gone, or the disk is full.
    """
    place = os.fspath(folder)
    if not os.path.exists(place):  # noqa: PTH110 - asked for each job
        _new_folders(place, job.inputs, tool.outputs)
    names: dict[str, list[str]] = {}
    looks: list[tuple[Path, str, int, int]] = []
    for port, items in job.inputs.items():
        names[port] = []
        for n, item in enumerate(items):
            name = f"{n}{_extension(item)}"
            seen = _place(item, f"{place}/in/{port}/{name}", layout)
            names[port].append(f"{layout.job}/in/{port}/{name}")
            looks.append((item.path, item.name, seen.st_size, seen.st_mtime_ns))
        entry = tool.inputs.get(port)
        if entry is not None and entry.takes == "group":
            listing = "".join(f"{name}\n" for name in names[port])
            _write(f"{place}/in/{port}.list", listing)
    outputs = {
        port: f"{layout.job}/out/{port}/{output_name(entry)}".rstrip("/")
        for port, entry in tool.outputs.items()
    }
    description = _job_json(tool, job, names, outputs)
    # On one line, which the encoder in C writes ten times as fast as an indented one.
    text = _as_json(description)
    _write(f"{place}/job.json", text)
    values = _values(tool, layout, job, names, outputs)
    return Staged(tuple(build_command(tool.command, values)), tuple(looks))


def _job_json(
    tool: Tool,
    job: Staging,
    names: Mapping[str, list[str]],
    outputs: Mapping[str, str],
) -> dict[str, object]:
    files = _chosen_files(tool, names)
    return {
        "schema": JOB_SCHEMA,
        "tool": tool.id,
        "version": tool.version,
        "inputs": {port: paths for port, paths in names.items() if port not in files},
        "outputs": outputs,
        "parameters": {**job.parameters, **files},
        "annotations": {
            port: [dict(item.annotations or {}) for item in items]
            for port, items in job.inputs.items()
            if port not in files
        },
        "seed": job.seed,
        "cpu": tool.resources.cpu,
        "gpu": tool.resources.gpu,
    }


def _values(
    tool: Tool,
    layout: Layout,
    job: Staging,
    names: Mapping[str, list[str]],
    outputs: Mapping[str, str],
) -> CommandValues:
    description = f"{layout.job}/job.json"
    texts = {"job": description, "annotations": description}
    texts |= {"seed": str(job.seed), "cpu": str(tool.resources.cpu)}
    for port, entry in tool.inputs.items():
        paths = names.get(port, [])
        folder = f"{layout.job}/in/{port}"
        is_item = entry.takes == "item"
        texts[port] = (paths[0] if paths else "") if is_item else folder
        texts[f"{port}.list"] = f"{folder}.list"
    texts |= outputs
    texts |= _chosen_files(tool, names)
    texts |= {name: argument_text(value) for name, value in job.parameters.items()}
    true = {name for name, value in job.parameters.items() if value is True}
    return CommandValues(
        texts=texts,
        items=names,
        true=frozenset(true | {port for port, paths in names.items() if paths}),
        tool_folder=layout.tool,
        python=layout.python,
    )


def _chosen_files(tool: Tool, names: Mapping[str, list[str]]) -> dict[str, str]:
    """Return where the job sees the files that parameters name."""
    return {
        name: names[name][0]
        for name, parameter in tool.parameters.items()
        if parameter.type is ParameterType.FILE and names.get(name)
    }


def argument_text(value: ParameterValue) -> str:
    """Return a parameter as it stands in an argument.

    Booleans are ``true`` and ``false``, lists are joined by commas, numbers are the
    shortest text that reads back to the same number.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(argument_text(element) for element in value)
        case _:
            return str(value)


def _extension(item: StagedInput) -> str:
    if item.selector:
        return FORMATS["ome-tiff"].extension
    return staged_extension(item.info.format, item.name)


def _place(item: StagedInput, place: str, layout: Layout) -> os.stat_result:
    """Put an input where the job sees it: link it where that is safe, else copy it.

    Returns
    -------
    os.stat_result
        How the file itself looks.
    """
    if item.selector:
        from bioimageit_flow.formats import read_image, write_ome_tiff

        target = Path(place)
        image = read_image(item.path, item.selector)
        write_ome_tiff(
            target,
            image.array,
            image.axes,
            pixel_size_um=image.pixel_size_um,
            time_step_s=image.time_step_s,
            channels=image.channels,
        )
        target.chmod(0o644)
        return item.path.stat()
    seen = _look(item.path)
    if layout.follows_links and _can_link(item.path, place, seen):
        return seen
    target = Path(place)
    if stat.S_ISDIR(seen.st_mode):
        shutil.copytree(item.path, target)
    elif not _hard_link(item.path, target, seen):
        shutil.copyfile(item.path, target)
        target.chmod(0o644)
    return seen


def _look(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError as error:
        raise DataError(
            f"{path} is gone.", remedy="Put it back, or import it again."
        ) from error


def _can_link(source: Path, place: str, seen: os.stat_result) -> bool:
    try:
        os.symlink(_real(os.fspath(source), seen), place)  # noqa: PTH211 - for each input
    except (OSError, NotImplementedError):
        return False  # Windows without the right to make links: copy instead
    return True


def _real(path: str, seen: os.stat_result) -> str:
    """Return a path without links, which whoever puts it elsewhere must not meet."""
    folder, name = os.path.split(path)
    real = f"{_real_folder(folder)}{os.sep}{name}"
    with suppress(OSError):
        if os.path.samestat(os.lstat(real), seen):  # it is the very file, and no link
            return real
    return os.path.realpath(path)


@lru_cache(maxsize=1024)
def _real_folder(folder: str) -> str:
    """Return a folder without links, as it was once; many files lie in one folder."""
    return os.path.realpath(folder)


def _hard_link(source: Path, target: Path, seen: os.stat_result) -> bool:
    """Link a file that everybody may read; False where a copy is needed."""
    if not seen.st_mode & stat.S_IROTH:
        return False
    try:
        os.link(source, target)
    except OSError:
        return False  # another file system, or links are not allowed there
    return True


def _new_folders(place: str, inputs: Iterable[str], outputs: Iterable[str]) -> None:
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    folders = [place, f"{place}/in", f"{place}/out"]
    folders += [f"{place}/in/{port}" for port in inputs]
    folders += [f"{place}/out/{port}" for port in outputs]
    for folder in map(Path, folders):
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask says


def _write(path: str, text: str) -> None:
    """Write a small file; one that is there is written over, which is quicker."""
    data = text.encode()
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        file.truncate(len(data))
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o644)
