r"""The public Python API: experiments, workflows, runs, results.

The command line, the editor and notebooks use this package, and beside it only the
model, the workflow and the errors. Names are loaded on first use, so that a list of
tools does not wait for the database library.

Examples
--------
>>> from bioimageit_flow import Experiment, Workflow
>>> experiment = Experiment.create("spots")
>>> experiment.import_files(["images/"], from_name=r"(?P<condition>[a-z]+)_\d+")
>>> run = experiment.run(Workflow.load("count.flow.yaml"), bind={"images": "raw"})
>>> run.results("compare", "test")[0].read()
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bioimageit_flow.model.selection import Subset
    from bioimageit_flow.provenance import LineageTree
    from bioimageit_flow.session.examples import Example
    from bioimageit_flow.session.experiment import Experiment
    from bioimageit_flow.session.machine import Session
    from bioimageit_flow.session.previews import Preview
    from bioimageit_flow.session.results import Result, Run
    from bioimageit_flow.stores.checking import Check
    from bioimageit_flow.stores.importing import ImportReport
    from bioimageit_flow.stores.keeping import Relocation, Removal, Verification

__all__ = [
    "Check",
    "Example",
    "Experiment",
    "ImportReport",
    "LineageTree",
    "Preview",
    "Relocation",
    "Removal",
    "Result",
    "Run",
    "Session",
    "Subset",
    "Verification",
]

_HOMES = {
    "Check": "bioimageit_flow.stores.checking",
    "Example": "bioimageit_flow.session.examples",
    "Experiment": "bioimageit_flow.session.experiment",
    "ImportReport": "bioimageit_flow.stores.importing",
    "LineageTree": "bioimageit_flow.provenance",
    "Preview": "bioimageit_flow.session.previews",
    "Relocation": "bioimageit_flow.stores.keeping",
    "Removal": "bioimageit_flow.stores.keeping",
    "Result": "bioimageit_flow.session.results",
    "Run": "bioimageit_flow.session.results",
    "Session": "bioimageit_flow.session.machine",
    "Subset": "bioimageit_flow.model.selection",
    "Verification": "bioimageit_flow.stores.keeping",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
