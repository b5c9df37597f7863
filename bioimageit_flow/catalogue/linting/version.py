"""Versions can be told apart, and folders are called what they hold."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.catalogue.versions import is_version
from bioimageit_flow.model.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what does not fit between id, version and folders."""
    tool, folder = subject.tool, subject.folder
    name = tool.id.partition("/")[2]
    if is_version(folder.name):
        if folder.name != tool.version:
            yield subject.error(
                "version-folder",
                f"The folder is called {folder.name} and holds version {tool.version}.",
                fix="Rename the folder, or correct the version.",
            )
    elif subject.installed.toolbox and name not in (folder.name, folder.parent.name):
        yield subject.warning(
            "version-folder",
            f"The tool {name!r} lies in a folder called {folder.name!r}.",
            fix="Call the folder like the tool, so that people find it.",
        )
    if tool.version == "0.0.0":
        yield subject.warning(
            "version-number",
            "Version 0.0.0 says nothing.",
            fix="Begin with 0.1.0 or 1.0.0.",
        )
