"""A tool has something to run in: an image that can be had, or an environment."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.problem import Problem

_DOCKERFILE = "Dockerfile"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what keeps a tool from running somewhere."""
    installed = subject.installed
    if installed.container is None and installed.lock is None:
        yield subject.error(
            "runtime-missing",
            "The tool has neither a container nor an environment: nothing can run it.",
            fix="Add 'container' or 'environment' to toolbox.yaml or tool.yaml.",
        )
        return
    yield from _image(subject)
    if installed.lock is None and subject.runs_python:
        yield subject.warning(
            "runtime-environment",
            "The tool is Python, but cannot run without a container engine.",
            at=subject.toolbox_file,
            fix="Add 'environment: requirements.lock'.",
        )
    if installed.lock is not None and not subject.runs_python:
        yield subject.warning(
            "runtime-program",
            f"In an environment, {subject.tool.command[0]!r} must be a program that "
            "the lock installs.",
            fix="Begin the command with 'python', or take out 'environment'.",
        )


def _image(subject: Subject) -> Iterator[Problem]:
    installed = subject.installed
    container = installed.container
    if container is None:
        return
    if container.build is None:
        if not container.published:
            yield subject.error(
                "runtime-image",
                f"The image {container.reference} is neither published nor built.",
                at=subject.toolbox_file,
                fix="Add 'build: .' with a Dockerfile, or take out 'published: false'.",
            )
        if container.tag == "latest" and not container.digest:
            yield subject.warning(
                "runtime-image",
                f"The tag of {container.image} is 'latest', which changes its meaning.",
                at=subject.toolbox_file,
                fix="Name a version, or a digest.",
            )
        return
    dockerfile = installed.toolbox_folder / container.build / _DOCKERFILE
    if not dockerfile.is_file():
        yield subject.error(
            "runtime-dockerfile",
            f"The image is to be built, but there is no {dockerfile}.",
            at=subject.toolbox_file,
            fix="Write one, or correct 'build' (relative to the toolbox).",
        )
    elif "BASE_IMAGE" not in dockerfile.read_text("utf-8", errors="replace"):
        yield subject.warning(
            "runtime-dockerfile",
            "The Dockerfile names a fixed base image; where that cannot be pulled, the "
            "image cannot be built.",
            at=dockerfile,
            fix="Begin with 'ARG BASE_IMAGE=...' and 'FROM ${BASE_IMAGE}'.",
        )
