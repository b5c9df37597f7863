"""Intents of the clipboard: text in, text out, the same as in a file."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bioimageit_flow.editor.base import EditorBase, named
from bioimageit_flow.editor.scene import Point
from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.edits import nodes, pasting, places
from bioimageit_flow.workflow.edits.arranging import placed
from bioimageit_flow.workflow.file import read_part, write_document

STEP = 40.0


def read_pasted(text: str) -> Document:
    """Read a text that is to be pasted; large ones are read in a thread.

    Raises
    ------
    WorkflowError
        If the text is no workflow.
    """
    return placed(read_part(text, "What was pasted"))


@dataclass(frozen=True, slots=True)
class Ready:
    """A paste that was prepared for a workflow as it was.

    Attributes
    ----------
    part : Document
        What is pasted.
    at : tuple of float
        Where its upper left corner goes.
    with_inputs : bool
        Whether wires from nodes that were not copied are drawn again.
    before : Document
        What it was prepared for.
    pasted : Pasted
        That with the part in it.
    """

    part: Document
    at: Point
    with_inputs: bool
    before: Document
    pasted: pasting.Pasted


class Exchanging(EditorBase):
    """Copy, cut, paste, duplicate."""

    def copy(self, ids: Collection[str] | None = None) -> str:
        """Return nodes, notes and frames as the text of a workflow file.

        Raises
        ------
        WorkflowError
            If there is nothing to copy.
        """
        return self.copy_later(ids)()

    def copy_later(self, ids: Collection[str] | None = None) -> Callable[[], str]:
        """Return what writes the text of `copy`, which may go to a thread."""
        part = pasting.extract(self.document, self._chosen(ids))
        return lambda: write_document(part)

    def cut(self, ids: Collection[str] | None = None) -> str:
        """Copy and remove; returns the text."""
        chosen = self._chosen(ids)
        text = self.copy(chosen)
        part = pasting.extract(self.document, chosen)
        document = nodes.remove_nodes(self.document, [*part.nodes, *part.inputs])
        document = places.remove_notes(document, [note.id for note in part.notes])
        document = places.remove_frames(document, [f.id for f in part.layout.frames])
        words = named([self.title_of(one) for one in chosen])
        self.commit(f"Cut {words}", document)
        return text

    def paste(
        self, text: str, at: Point | None = None, *, with_inputs: bool = False
    ) -> list[str]:
        """Put in what was copied, or a whole workflow file; returns the new ids.

        Parameters
        ----------
        text : str
            Of a workflow file, or a part of it such as ``nodes:`` and what follows.
        at : tuple of float, optional
            Where its upper left corner goes; by default a little beside the original.
        with_inputs : bool
            Whether wires from nodes that were not copied are drawn again.

        Raises
        ------
        WorkflowError
            If the text is no workflow.
        """
        return self.paste_part(read_pasted(text), at, with_inputs=with_inputs)

    def paste_part(
        self, part: Document, at: Point | None = None, *, with_inputs: bool = False
    ) -> list[str]:
        """Put in what `read_pasted` read; see `paste`."""
        left, top = pasting.corner(part)
        shift = (at[0] - left, at[1] - top) if at else self._clear_shift(left, top)
        pasted = pasting.paste(
            self.document, part, shift=shift, with_inputs=with_inputs
        )
        self._commit_pasted("Paste", pasted)
        return list(pasted.ids.values())

    def paste_later(
        self, text: str, at: Point, *, with_inputs: bool = False
    ) -> Callable[[], Ready]:
        """Return what reads a text and puts it in beside the window, in a thread.

        It changes nothing; `keep_pasted` takes what it returns.
        """
        now = self.document

        def make() -> Ready:
            part = read_pasted(text)
            left, top = pasting.corner(part)
            shift = (at[0] - left, at[1] - top)
            pasted = pasting.paste(now, part, shift=shift, with_inputs=with_inputs)
            return Ready(part, at, with_inputs, now, pasted)

        return make

    def keep_pasted(self, ready: Ready) -> list[str]:
        """Take what `paste_later` came to; returns the new ids.

        Where the workflow was changed since, it is put into what there is now.
        """
        if self.document is not ready.before:
            return self.paste_part(ready.part, ready.at, with_inputs=ready.with_inputs)
        self._commit_pasted("Paste", ready.pasted)
        return list(ready.pasted.ids.values())

    def duplicate(
        self, ids: Collection[str] | None = None, with_inputs: bool = False
    ) -> list[str]:
        """Copy and paste at once; returns the new ids.

        Parameters
        ----------
        ids : collection of str, optional
            By default what is selected.
        with_inputs : bool
            Whether the copies are wired from where the originals are.
        """
        part = pasting.extract(self.document, self._chosen(ids))
        pasted = pasting.paste(
            self.document, part, shift=(STEP, STEP), with_inputs=with_inputs
        )
        self._commit_pasted("Duplicate", pasted)
        return list(pasted.ids.values())

    def _commit_pasted(self, verb: str, pasted: pasting.Pasted) -> None:
        document, ids = pasted.document, list(pasted.ids.values())
        titles = [
            (document.nodes[one].label if one in document.nodes else "") or one
            for one in ids
        ]
        self.commit(f"{verb} {named(titles)}", document)
        self.select(ids)

    def _chosen(self, ids: Collection[str] | None) -> list[str]:
        wanted = self.selection if ids is None else set(ids)
        known = places.taken_ids(self.document)
        chosen = [one for one in known if one in wanted]
        if not chosen:
            raise WorkflowError(
                "There is nothing to copy.", remedy="Select some nodes first."
            )
        return chosen

    def _clear_shift(self, left: float, top: float) -> Point:
        """Return a shift that puts a corner where no other corner is."""
        corners = {(round(v.x), round(v.y)) for v in self.scene.nodes.values()}
        shift = 0.0
        while (round(left + shift), round(top + shift)) in corners:
            shift += STEP
        return (shift, shift)
