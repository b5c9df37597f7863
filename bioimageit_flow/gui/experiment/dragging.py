"""What is dragged from a table of items: a binding of a dataset input."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData

BINDING_TYPE: Final = "application/x-bioimageit-flow-binding"
"""Type of a dataset, a query or items dragged from an experiment; JSON in UTF-8."""


@dataclass(frozen=True, slots=True)
class DraggedData:
    """Data on their way to a dataset input.

    Attributes
    ----------
    binding : str
        As ``--bind`` takes it.
    name : str
        What a new dataset input would be called.
    kind : str
        Of the data.
    """

    binding: str
    name: str
    kind: str = "image"

    def mime(self) -> QMimeData:
        """Return it as Qt drags it; as text it is the binding."""
        data = QMimeData()
        text = json.dumps(asdict(self))
        data.setData(BINDING_TYPE, QByteArray(text.encode()))
        data.setText(self.binding)
        return data


def dragged(data: QMimeData) -> DraggedData | None:
    """Return what is dragged; None if it is something else."""
    if not data.hasFormat(BINDING_TYPE):
        return None
    facts = json.loads(bytes(data.data(BINDING_TYPE).data()).decode())
    return DraggedData(**facts)
