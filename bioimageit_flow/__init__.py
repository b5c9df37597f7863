"""BioImageIT Flow: draw, run and trace bio-image analysis workflows.

The public Python API is `bioimageit_flow.session`; its main names can be imported
from here and are loaded on first use, so that ``import bioimageit_flow`` is cheap.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Experiment": "bioimageit_flow.session",
    "FlowError": "bioimageit_flow.errors",
    "Session": "bioimageit_flow.session",
    "Subset": "bioimageit_flow.model.selection",
    "Workflow": "bioimageit_flow.workflow",
}

__all__ = ["Experiment", "FlowError", "Session", "Subset", "Workflow", "__version__"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute has any type
    if name not in _PUBLIC:
        raise AttributeError(f"module 'bioimageit_flow' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
