"""Modules that are loaded when something of them is first used.

SQLAlchemy takes a quarter of a second and 20 MiB to load. What every run asks of a
SQLite file is plain SQL, so that it is loaded by whoever asks more: what needs it is
named here, and annotated as usual for who reads and checks the code.
"""

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module; loads it when an attribute is asked for.

    Parameters
    ----------
    name : str
        Of the module, in full.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 - as of a module
        return getattr(import_module(self._name), attribute)


def late_store_module(name: str) -> Any:  # noqa: ANN401
    """Return what stands for a module of the stores."""
    return Late(f"bioimageit_flow.stores.{name}")
