"""An environment is the same everywhere: exact versions, hashes, wheels only."""

import re
from collections.abc import Iterator
from pathlib import Path

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.problem import Problem

REMEDY = (
    "Make it with `uv pip compile --universal --fork-strategy fewest --generate-hashes "
    "--only-binary :all: --python-version 3.11 requirements.in -o requirements.lock`."
)

_PINNED = re.compile(r"[A-Za-z0-9][\w.-]*(\[[^\]]*\])?\s*==\s*[^\s;*]+")
_HASH = re.compile(r"--hash[= ]sha256:[0-9a-f]{64}")
_INDEX = re.compile(r"(-i|-f|--index-url|--extra-index-url|--find-links)\b")
_ONLY_WHEELS = re.compile(r"--only-binary[= ]:all:")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what makes a lock inexact."""
    lock = subject.installed.lock
    if lock is None:
        return
    text = lock.read_text("utf-8", errors="replace")
    requirements = list(_requirements(text))
    if not requirements:
        yield subject.error(
            "lock-empty", f"{lock.name} locks nothing.", at=lock, fix=REMEDY
        )
    for line in requirements:
        yield from _requirement(subject, lock, line)
    if not _ONLY_WHEELS.search(text):
        yield subject.warning(
            "lock-wheels",
            f"{lock.name} was not made for wheels only.",
            at=lock,
            fix=REMEDY,
        )


def _requirement(subject: Subject, lock: Path, line: str) -> Iterator[Problem]:
    name = re.split(r"[\s=<>~!;@\[]", line, maxsplit=1)[0]
    if _INDEX.match(line):
        yield subject.warning(
            "lock-index",
            f"{lock.name} names a package index ({line}) that others may not reach.",
            at=lock,
            fix="Take the line out; each machine is set up for its own index.",
        )
    elif line.startswith("-"):
        if not line.startswith(("--only-binary", "--no-binary")):
            yield subject.error(
                "lock-option",
                f"{lock.name} has the option {line!r}.",
                at=lock,
                fix=REMEDY,
            )
    elif not _PINNED.match(line):
        yield subject.error(
            "lock-pin",
            f"{lock.name} does not name the exact version of {name}.",
            at=lock,
            fix=REMEDY,
        )
    elif not _HASH.search(line):
        yield subject.error(
            "lock-hash", f"{lock.name} has no hash of {name}.", at=lock, fix=REMEDY
        )


def _requirements(text: str) -> Iterator[str]:
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        requirement = re.sub(r"(^|\s)#.*", "", line).strip()
        if requirement:
            yield requirement
