"""Undo and redo: the documents that a workflow has been, and the words between them."""

from dataclasses import dataclass, field

from bioimageit_flow.workflow.document import Document

MAX_STEPS = 500


@dataclass(slots=True)
class History:
    """The present document with what came before and what was taken back.

    Documents are frozen and share their unchanged parts, so a step costs little.
    """

    present: Document
    past: list[tuple[str, Document]] = field(default_factory=list)
    future: list[tuple[str, Document]] = field(default_factory=list)

    def push(self, words: str, document: Document) -> None:
        """Make a new document the present one."""
        self.past.append((words, self.present))
        del self.past[:-MAX_STEPS]
        self.future.clear()
        self.present = document

    def undo(self) -> str:
        """Go one step back; returns the words of the step, empty if there is none."""
        if not self.past:
            return ""
        words, document = self.past.pop()
        self.future.append((words, self.present))
        self.present = document
        return words

    def redo(self) -> str:
        """Go one step forward again; returns its words, empty if there is none."""
        if not self.future:
            return ""
        words, document = self.future.pop()
        self.past.append((words, self.present))
        self.present = document
        return words
