"""The experiment panel: datasets as tables, import, annotations, care of data."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel
    from bioimageit_flow.gui.window import MainWindow
    from bioimageit_flow.session import Experiment


def experiment_panel(window: "MainWindow") -> "ExperimentPanel":
    """Return the experiment panel of a window."""
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel

    panel = window.docks.panel("experiment")
    assert isinstance(panel, ExperimentPanel)
    return panel


def opened_experiment(window: "MainWindow") -> "Experiment | None":
    """Return the experiment of a window; None while none is open.

    The panel keeps it open; it may be used from threads and is closed by nobody else.
    """
    return experiment_panel(window).opened.experiment
