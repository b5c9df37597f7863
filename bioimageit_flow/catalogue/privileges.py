"""What a tool asks for: to be read by people before they trust it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bioimageit_flow.model.command import Argument, Each, When
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.model.units import format_bytes, format_seconds


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that a tool asks for.

    Attributes
    ----------
    topic : str
        image, build, environment, command, files, mounts, network, gpu, memory, time
        or isolation.
    text : str
        A sentence for people.
    is_notable : bool
        Whether it goes beyond computing on its inputs within its limits.
    """

    topic: str
    text: str
    is_notable: bool = False


def rights(tool: InstalledTool) -> tuple[Right, ...]:
    """Return what a tool asks for, in the order in which people should read it."""
    return tuple(
        Right(right.topic, _visible(right.text), right.is_notable)
        for right in _rights(tool)
    )


def _visible(text: str) -> str:
    """Return a text in which nothing can hide from who reads it in a terminal."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _rights(tool: InstalledTool) -> Iterator[Right]:
    says, needs = tool.tool, tool.tool.resources
    if tool.container is not None:
        reference = tool.container.reference
        if tool.container.published:
            source = (
                "a registry" if tool.container.build is None else "a registry or built"
            )
            yield Right("image", f"Runs in the image {reference} (from {source}).")
        else:
            yield Right("image", f"Runs in the image {reference}.")
        if tool.container.build is not None:
            context = tool.toolbox_folder / tool.container.build
            yield Right(
                "build",
                f"The image is built from {context / 'Dockerfile'}, whose commands may "
                "use the network.",
                is_notable=True,
            )
    else:
        yield Right("image", "Has no container image.", is_notable=True)
    if tool.lock is not None:
        yield Right("environment", f"Without a container engine, installs {tool.lock}.")
    yield Right("command", f"Runs: {' '.join(map(_shown, says.command))}")
    folders = [str(tool.folder), *([str(tool.library)] if tool.library else [])]
    yield Right("files", f"Its program lies in {' and '.join(folders)}.")
    shared = " and /toolbox/lib" if tool.library else ""
    yield Right(
        "mounts",
        f"In a container: its program (/tool{shared}) and its inputs (/job/in) to "
        "read, one empty folder (/job/out) to write.",
    )
    if needs.network:
        yield Right(
            "network",
            "Asks for the network: it could send your data away.",
            is_notable=True,
        )
    else:
        yield Right("network", "Asks for no network.")
    if needs.gpu:
        number = "a graphics processor" if needs.gpu == 1 else f"{needs.gpu} GPUs"
        may = ", and can do without" if needs.gpu_optional else ""
        yield Right("gpu", f"Asks for {number}{may}.", is_notable=True)
    yield Right("memory", f"Asks for {format_bytes(needs.memory_bytes)} of memory.")
    yield Right("time", f"May run for {format_seconds(needs.time_s)} per job.")
    yield _isolation(tool)


def _isolation(tool: InstalledTool) -> Right:
    if tool.lock is None:
        return Right(
            "isolation",
            "Runs in a container only: it sees its inputs and nothing else of this "
            "machine.",
        )
    return Right(
        "isolation",
        "In a container it sees its inputs and nothing else of this machine. In an "
        "environment nothing holds it back: it can read and change all that you can, "
        "and use the network.",
        is_notable=True,
    )


def _shown(argument: Argument) -> str:
    match argument:
        case str():
            return argument
        case When(when=name, args=args):
            return f"[{' '.join(args)}, if there is {name}]"
        case Each(each=name, args=args):
            return f"[{' '.join(args)}, for each of {name}]"
