"""Plug-ins by entry point: listed cheaply, loaded on first use.

Built-in runtimes are registered through the same entry points as everybody else's. A
plug-in that cannot be loaded is a line in ``doctor``, never a crash at start.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Literal, get_args

from bioimageit_flow.errors import PluginError

Group = Literal["tools", "readers", "runtimes", "stores", "executors"]

PREFIX = "bioimageit_flow"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed plug-in, not loaded yet.

    Attributes
    ----------
    group : str
        What it offers: ``tools``, ``readers``, ``runtimes``, ``stores``, ``executors``.
    name : str
        Its name in the entry point.
    distribution : str
        The Python distribution it came with.
    """

    group: Group
    name: str
    distribution: str
    entry_point: EntryPoint

    def load(self) -> object:
        """Import the plug-in and return what its entry point names.

        Raises
        ------
        PluginError
            If importing it fails for whatever reason.
        """
        try:
            loaded: object = self.entry_point.load()
        except Exception as error:
            raise PluginError(
                f"The plug-in {self.name!r} of {self.distribution} cannot be loaded: "
                f"{type(error).__name__}: {error}.",
                remedy=f"Update or uninstall {self.distribution}.",
            ) from error
        return loaded


@cache
def installed(group: Group) -> tuple[Plugin, ...]:
    """List the plug-ins of a group, sorted by name, without importing any of them."""
    found = (
        Plugin(group, point.name, point.dist.name if point.dist else "?", point)
        for point in _entry_points()[group]
    )
    return tuple(sorted(found, key=lambda plugin: (plugin.name, plugin.distribution)))


@cache
def _entry_points() -> dict[Group, tuple[EntryPoint, ...]]:
    """Return the entry points of each group: all distributions are read for them."""
    everything = entry_points()
    return {
        group: tuple(everything.select(group=f"{PREFIX}.{group}"))
        for group in get_args(Group)
    }
