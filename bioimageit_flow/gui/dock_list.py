"""Every dock of the window, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

Area = Literal["left", "right", "bottom"]


@dataclass(frozen=True, slots=True)
class DockSpec:
    """One dock.

    Attributes
    ----------
    name : str
        A stable word; the command ``view.<name>`` shows and hides it.
    title : str
        What stands above it, in English; French is in the translations.
    area : {"left", "right", "bottom"}
        Where it is at first.
    make : callable
        Makes its widget for a window. A `Panel` is told of theme and workflow.
    is_open : bool
        Whether it is there at first.
    beside : str
        The dock, earlier in the list, that it shares tabs with.
    above : str
        The dock, later in the list, that it stands above, where both are open.
    on_start : bool
        Whether it stays while the start page is in front.
    works_closed : bool
        Whether it has work to do while nobody sees it, such as what runs say at boxes.
    """

    name: str
    title: str
    area: Area
    make: "Callable[[MainWindow], QWidget]"
    is_open: bool = True
    beside: str = ""
    above: str = ""
    on_start: bool = False
    works_closed: bool = False


@dataclass(frozen=True, slots=True)
class Lazily:
    """Makes a panel when it is first shown or asked for, and imports it not before.

    Attributes
    ----------
    place : str
        ``package.module:function``; the function takes the window.
    """

    place: str

    def load(self) -> ModuleType:
        """Import the module; the first time this takes as long as making the panel."""
        return import_module(self.place.partition(":")[0])

    def __call__(self, window: "MainWindow") -> QWidget:
        """Return the panel for a window."""
        made = getattr(self.load(), self.place.partition(":")[2])(window)
        assert isinstance(made, QWidget)
        return made


DOCKS: Final[tuple[DockSpec, ...]] = (
    DockSpec("palette", "Palette", "left", lambda window: window.palette_panel),
    DockSpec(
        "outline", "Outline", "left", lambda window: window.outline, beside="palette"
    ),
    DockSpec(
        "tutorial",
        "First steps",
        "right",
        lambda window: window.tutorial,
        is_open=False,
        above="parameters",
    ),
    DockSpec("parameters", "Parameters", "right", lambda window: window.parameters),
    DockSpec(
        "history",
        "History",
        "right",
        lambda window: window.history,
        beside="parameters",
    ),
    DockSpec(
        "experiment",
        "Experiment",
        "bottom",
        Lazily("bioimageit_flow.gui.experiment.panel:make"),
        is_open=False,
        on_start=True,
        works_closed=True,
    ),
    DockSpec(
        "lineage",
        "Lineage",
        "bottom",
        Lazily("bioimageit_flow.gui.lineage.panel:make"),
        is_open=False,
        beside="experiment",
        on_start=True,
    ),
    DockSpec(
        "runs",
        "Runs",
        "bottom",
        Lazily("bioimageit_flow.gui.runs.panel:make"),
        is_open=False,
        beside="experiment",
        works_closed=True,
    ),
    DockSpec(
        "viewer",
        "Viewer",
        "bottom",
        Lazily("bioimageit_flow.gui.viewer.docking:make"),
        is_open=False,
        beside="experiment",
        on_start=True,
    ),
    DockSpec(
        "problems",
        "Problems",
        "bottom",
        lambda window: window.problems,
        is_open=False,
        beside="experiment",
    ),
)
"""In the order in which they are put into the window."""
