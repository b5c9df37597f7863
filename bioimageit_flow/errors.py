"""The one error tree of the program.

Every error says what happened, to which thing, and what to do next. Facts are
attributes, so that the command line, the editor and a notebook can show them in their
own way; the sentence is the same everywhere.
"""

from typing import ClassVar


class FlowError(Exception):
    """An error that a user can read and act upon.

    Parameters
    ----------
    message : str
        One sentence: what happened, and to which thing.
    remedy : str, optional
        What to do next, as a sentence.
    node, port, item : str, optional
        Where it happened, if it happened in a workflow.

    Attributes
    ----------
    exit_code : int
        What the command line exits with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        node: str | None = None,
        port: str | None = None,
        item: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.node = node
        self.port = port
        self.item = item

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class DataError(FlowError):
    """A file is missing, unreadable, or not what it claims to be."""

    exit_code = 4


class WorkflowError(FlowError):
    """A workflow cannot be read, changed or run as it stands."""

    exit_code = 5


class ToolError(FlowError):
    """A tool or toolbox is unknown, malformed, or not trusted."""

    exit_code = 6


class RuntimeUnavailableError(FlowError):
    """No container engine, image or environment that could run a tool."""

    exit_code = 7


class StoreError(FlowError):
    """The experiment cannot be opened, read or written."""

    exit_code = 8


class NewerVersionError(FlowError):
    """A file or store was made by a newer version of the program."""

    exit_code = 8


class QueryError(FlowError):
    """A query cannot be read; says where.

    Attributes
    ----------
    query : str
        The whole text.
    position : int
        Of the mistake, in characters from 0.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, query: str, position: int, remedy: str = ""
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.query = query
        self.position = position
        line = query.replace("\n", " ").replace("\t", " ")
        self.add_note(f"{line}\n{' ' * position}^")


class PluginError(FlowError):
    """A plug-in could not be loaded."""

    exit_code = 9


class JobError(FlowError):
    """One job failed; the others go on."""

    exit_code = 3


class Cancelled(FlowError):
    """The user stopped the run."""

    exit_code = 130
