"""A job as a script that a person can run: the same mounts, limits and rights."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.protocol import JobProcess, Layout

SCRIPT = "repeat.sh"


@runtime_checkable
class Repeating(Protocol):
    """What a runtime has beside `Runtime` if its jobs can be repeated by hand."""

    @property
    def name(self) -> str:
        """Of the runtime."""

    def layout(self, tool: InstalledTool, folder: Path) -> Layout:
        """Say how a job's folders look from inside; as `Runtime.layout`."""

    def repeat_command(self, process: JobProcess) -> "Repetition":
        """Return what runs a job in just the way in which the runtime does.

        Raises
        ------
        RuntimeUnavailableError
            If the engine, the image or the environment is not there.
        """


@dataclass(frozen=True, slots=True)
class Repetition:
    """How a job is repeated by hand.

    Attributes
    ----------
    command : tuple of str
        Program and arguments.
    folder : Path or None
        Where it is to be run, if that matters; made by the script.
    before, after : tuple of tuple of str
        Commands around it, such as those that hand the output folder over and back.
    """

    command: tuple[str, ...]
    folder: Path | None = None
    before: tuple[tuple[str, ...], ...] = ()
    after: tuple[tuple[str, ...], ...] = ()

    def one_line(self) -> str:
        """Return the command for a shell, to be copied."""
        go = "" if self.folder is None else f"cd {shlex.quote(str(self.folder))} && "
        return f"{go}{shlex.join(self.command)}"

    def script(self, title: str, out: Path, ports: Sequence[str]) -> str:
        """Return a complete script for ``sh``.

        Parameters
        ----------
        title : str
            What it repeats: one line.
        out : Path
            The output folder, which is emptied first.
        ports : sequence of str
            The output ports, each of which has a folder.
        """
        folders = [str(out / port) for port in ports]
        words = " ".join(title.split())
        lines = [
            "#!/bin/sh",
            f"# {words}",
            "# A job finds its output folders empty.",
            shlex.join(["rm", "-rf", "--", str(out)]),
            shlex.join(["mkdir", "-p", "--", *folders]),
            *map(shlex.join, self.before),
            *self._go(),
            _folded(self.command),
            "status=$?",
            *map(shlex.join, self.after),
            'exit "$status"',
        ]
        return "\n".join(lines) + "\n"

    def _go(self) -> list[str]:
        if self.folder is None:
            return []
        place = str(self.folder)
        return [shlex.join(["mkdir", "-p", "--", place]), f"cd {shlex.quote(place)}"]


def _folded(command: Sequence[str]) -> str:
    """Return a command on several lines, one option on each."""
    text = shlex.quote(command[0])
    for word in command[1:]:
        gap = " \\\n  " if word.startswith("--") else " "
        text += gap + shlex.quote(word)
    return text


def docker_run(
    program: str,
    image: str,
    options: Mapping[str, Any],
    *,
    user: str,
    namespace: str,
    variables: Mapping[str, str],
    command: Sequence[str],
) -> tuple[str, ...]:
    """Return the ``docker run`` that makes just the container of some options.

    Parameters
    ----------
    program : str
        ``docker`` or ``podman``.
    options : mapping
        As `container_making.container_options` gives them.
    """
    words = [program, "run", "--rm", f"--user={user}", "--workdir=/tmp"]
    words += ["--hostname=job"]
    if namespace:
        words.append(f"--userns={namespace}")
    words += _words(options)
    words += [f"--env={name}={value}" for name, value in variables.items()]
    return (*words, f"--entrypoint={command[0]}", image, *command[1:])


def _words(options: Mapping[str, Any]) -> Iterator[str]:
    for mount in options["mounts"]:
        access = ",readonly" if mount.get("ReadOnly") else ""
        source, target = _field(mount["Source"]), _field(mount["Target"])
        yield f"--mount=type=bind,{_quoted(f'source={source}')},target={target}{access}"
    for place, how in options["tmpfs"].items():
        yield f"--tmpfs={place}:{how}"
    yield f"--shm-size={options['shm_size']}b"
    if options.get("network_mode"):
        yield f"--network={options['network_mode']}"
    yield f"--ipc={options['ipc_mode']}"
    if options["read_only"]:
        yield "--read-only"
    yield from (f"--cap-drop={name}" for name in options["cap_drop"])
    yield from (f"--security-opt={text}" for text in options["security_opt"])
    if options["init"]:
        yield "--init"
    for limit in options["ulimits"]:
        yield f"--ulimit={limit['Name']}={limit['Soft']}:{limit['Hard']}"
    yield from (f"--group-add={group}" for group in options.get("group_add") or ())
    if "mem_limit" in options:
        yield f"--memory={options['mem_limit']}b"
    if "memswap_limit" in options:
        yield f"--memory-swap={options['memswap_limit']}b"
    if "nano_cpus" in options:
        yield f"--cpus={options['nano_cpus'] / 10**9:g}"
    if "pids_limit" in options:
        yield f"--pids-limit={options['pids_limit']}"
    for request in options.get("device_requests") or ():
        devices = ",".join(request.get("DeviceIDs") or ())
        yield f'--gpus="device={devices}"' if devices else f"--gpus={request['Count']}"


def _field(text: str) -> str:
    return text.replace('"', '""')


def _quoted(field: str) -> str:
    """Quote a field of ``--mount``, which is read as a line of CSV."""
    return f'"{field}"' if any(letter in field for letter in ',"') else field
