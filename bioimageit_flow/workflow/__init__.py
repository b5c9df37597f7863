"""The editable graph: document, rules, edits, history, file."""

from bioimageit_flow.workflow.document import Document, Edge, Source
from bioimageit_flow.workflow.file import SUFFIX, load_document, read_document
from bioimageit_flow.workflow.graph import NodeHandle, PortHandle, Workflow
from bioimageit_flow.workflow.rules import check

__all__ = [
    "SUFFIX",
    "Document",
    "Edge",
    "NodeHandle",
    "PortHandle",
    "Source",
    "Workflow",
    "check",
    "load_document",
    "read_document",
]
