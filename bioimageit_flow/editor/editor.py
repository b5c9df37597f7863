"""The editor of one workflow: every gesture of the window is a method here."""

from bioimageit_flow.editor.building import Building
from bioimageit_flow.editor.exchanging import Exchanging
from bioimageit_flow.editor.mending import Mending
from bioimageit_flow.editor.nesting import Nesting
from bioimageit_flow.editor.placing import Placing
from bioimageit_flow.editor.seeking import Seeking
from bioimageit_flow.editor.tuning import Tuning


class Editor(Building, Tuning, Placing, Exchanging, Nesting, Mending, Seeking):
    """One open workflow: intents in, scenes out. No Qt.

    Each intent is one step of the history. One that is refused raises an error of the
    `FlowError` family, with a remedy, and changes nothing. See `EditorBase` for the
    attributes and signals.

    Parameters
    ----------
    workflow : Workflow
        What is edited.
    path : Path, optional
        The file it was read from.

    Examples
    --------
    >>> editor = Editor(Workflow("Spots"))
    >>> images = editor.add_dataset("images", "image", at=(0, 0))
    >>> blur = editor.add_tool("skimage/gaussian", connect_from=(images, None))
    >>> editor.undo()
    True
    """
