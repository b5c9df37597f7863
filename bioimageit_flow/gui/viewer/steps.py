"""The steps of an image page: one item, or two to be compared, opened in a thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.editor.viewing.exhibit import Exhibit
from bioimageit_flow.editor.viewing.opening import open_exhibit
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.viewer.other_view import text_of
from bioimageit_flow.gui.viewer.reading import Tell
from bioimageit_flow.model.data import Item

if TYPE_CHECKING:
    from bioimageit_flow.session.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown at one step: an item, or two to be compared."""

    a: Item
    b: Item | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened for a step, with the text of what is no image."""

    number: int
    a: Exhibit
    b: Exhibit | None
    text: str

    def close(self) -> None:
        """Let go of the files."""
        for exhibit in (self.a, self.b):
            if exhibit is not None:
                exhibit.close()


def open_step(
    experiment: "Experiment", number_: int, step: Shown, tell: Tell
) -> Opened | None:
    """Open what is shown at a step, in a thread; nothing if nobody waits any more."""
    a = open_exhibit(experiment, step.a)
    if not tell(None):
        a.close()
        return None
    try:
        b = None if step.b is None else open_exhibit(experiment, step.b)
    except FlowError:
        a.close()
        raise
    is_text = a.base is None and not a.item.info.kind.is_tabular
    own = a.related.own
    return Opened(number_, a, b, text_of(own.path) if is_text and own else "")


def close_opened(opened: object) -> None:
    """Let go of what nobody waits for any more."""
    if isinstance(opened, Opened):
        opened.close()
