"""The catalogue: tools found, read, searched, checked, trusted and begun.

The names that other floors use can be imported from here; those that few commands need
are loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bioimageit_flow.catalogue.catalogue import Catalogue, InstalledToolbox
from bioimageit_flow.catalogue.loading import load_tool
from bioimageit_flow.catalogue.trust import Trust, Trusted

if TYPE_CHECKING:
    from bioimageit_flow.catalogue.linting import lint
    from bioimageit_flow.catalogue.privileges import Right, rights
    from bioimageit_flow.catalogue.scaffold import NewTool, new_tool
    from bioimageit_flow.catalogue.schema import json_schema

__all__ = [
    "Catalogue",
    "InstalledToolbox",
    "NewTool",
    "Right",
    "Trust",
    "Trusted",
    "json_schema",
    "lint",
    "load_tool",
    "new_tool",
    "rights",
]

_LATE = {
    "NewTool": "scaffold",
    "Right": "privileges",
    "json_schema": "schema",
    "lint": "linting",
    "new_tool": "scaffold",
    "rights": "privileges",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
