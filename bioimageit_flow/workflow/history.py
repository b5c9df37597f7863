"""Undo and redo: the documents that a workflow has been, and the words between them."""

from dataclasses import dataclass, field

from bioimageit_flow.workflow.document import Document

MAX_STEPS = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history.

    Attributes
    ----------
    words : str
        What was done; empty for the beginning.
    is_present : bool
        Whether the document is as it was after this step.
    is_undone : bool
        Whether the step was taken back.
    """

    words: str
    is_present: bool
    is_undone: bool


@dataclass(slots=True)
class History:
    """The present document with what came before and what was taken back.

    Documents are frozen and share their unchanged parts, so a step costs little.
    """

    present: Document
    past: list[tuple[str, Document]] = field(default_factory=list)
    future: list[tuple[str, Document]] = field(default_factory=list)
    merge_key: str = ""

    def push(self, words: str, document: Document, *, merge: str = "") -> None:
        """Make a new document the present one.

        Parameters
        ----------
        words : str
            What was done.
        document : Document
            The new one.
        merge : str
            Edits that follow each other with the same key are one step. When they come
            back to where they began, there is no step at all.
        """
        self.future.clear()
        if merge and merge == self.merge_key and self.past:
            before = self.past[-1][1]
            if document == before:
                self.past.pop()
                self.seal()
            else:
                self.past[-1] = (words, before)
            self.present = document
            return
        self.past.append((words, self.present))
        del self.past[:-MAX_STEPS]
        self.present = document
        self.merge_key = merge

    def seal(self) -> None:
        """Let the next edit be a step of its own."""
        self.merge_key = ""

    def undo(self) -> str:
        """Go one step back; returns the words of the step, empty if there is none."""
        self.seal()
        if not self.past:
            return ""
        words, document = self.past.pop()
        self.future.append((words, self.present))
        self.present = document
        return words

    def redo(self) -> str:
        """Go one step forward again; returns its words, empty if there is none."""
        self.seal()
        if not self.future:
            return ""
        words, document = self.future.pop()
        self.past.append((words, self.present))
        self.present = document
        return words

    def steps(self) -> list[Step]:
        """Return all steps, the beginning first, also those that were taken back."""
        done = ["", *(words for words, _ in self.past)]
        undone = [words for words, _ in reversed(self.future)]
        last = len(done) - 1
        return [
            *(Step(words, number == last, False) for number, words in enumerate(done)),
            *(Step(words, False, True) for words in undone),
        ]

    def jump(self, step: int) -> None:
        """Go to a line of `steps`; one beyond the ends goes to the end."""
        while len(self.past) > max(step, 0) and self.undo():
            pass
        while len(self.past) < step and self.redo():
            pass
