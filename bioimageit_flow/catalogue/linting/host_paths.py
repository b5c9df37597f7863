"""A tool works on machines other than its author's."""

import re
from collections.abc import Iterator

from bioimageit_flow.catalogue.content import files_of
from bioimageit_flow.catalogue.descriptor import TOOL_FILE, TOOLBOX_FILE
from bioimageit_flow.catalogue.linting.subject import MAX_SOURCE_BYTES, Subject
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.problem import Problem

_OWN_PATH = re.compile(
    r"""(?<![\w.:/-])(
        (/home|/Users|/mnt|/media|/Volumes)/[\w.-]+[\w./-]*
        | [A-Za-z]:[\\/]+(Users|Documents|Program)\b[\w.\\/-]*
    )""",
    re.VERBOSE,
)
_SOURCES = frozenset(
    {".py", ".sh", ".r", ".R", ".jl", ".m", ".ijm", ".groovy", ".js", ".java", ".toml"}
    | {".json", ".cfg", ".ini", ".yaml", ".yml"}
)
_OURS = ("/tool", "/toolbox", "/job")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield paths that only exist on one machine."""
    for argument in subject.arguments:
        value = argument.rpartition("=")[2]
        if _OWN_PATH.search(argument) or value.startswith("~"):
            yield subject.error(
                "host-path",
                f"The argument {argument!r} names a place on one machine.",
                fix="Make the file an input or a parameter, or put it into the tool.",
            )
        elif (
            subject.installed.lock is not None
            and value.startswith("/")
            and not value.startswith(_OURS)
        ):
            yield subject.error(
                "host-path",
                f"The argument {argument!r} only exists in the container, but the tool "
                "also has an environment.",
                fix="Put the file into the tool and write /tool/..., or use an input.",
            )
    yield from _sources(subject)


def _sources(subject: Subject) -> Iterator[Problem]:
    folders = [subject.folder, subject.installed.library]
    for folder in [folder for folder in folders if folder is not None]:
        try:
            found = sorted(files_of(folder))
        except FlowError:
            continue  # the rule about files says so
        for name, path in found:
            if (
                name in (TOOL_FILE, TOOLBOX_FILE)  # their commands are looked at above
                or path.suffix not in _SOURCES
                or path.stat().st_size > MAX_SOURCE_BYTES
            ):
                continue
            lines = path.read_text("utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, start=1):
                if place := _OWN_PATH.search(line):
                    yield subject.warning(
                        "host-path",
                        f"Line {number} of {path.name} names {place[0]}, a place on "
                        "one machine.",
                        at=path,
                        fix="Use an input, a parameter, or a file of the tool.",
                    )
