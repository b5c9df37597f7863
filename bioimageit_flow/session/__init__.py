r"""The public Python API: experiments, workflows, runs, results.

The command line, the editor and notebooks use this package, and beside it only the
model, the workflow and the errors.

Examples
--------
>>> from bioimageit_flow import Experiment, Workflow
>>> experiment = Experiment.create("spots")
>>> experiment.import_files(["images/"], from_name=r"(?P<condition>[a-z]+)_\d+")
>>> run = experiment.run(Workflow.load("count.flow.yaml"), bind={"images": "raw"})
>>> run.results("compare", "test")[0].read()
"""

from bioimageit_flow.session.examples import Example, examples
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.results import Result, Run

__all__ = ["Example", "Experiment", "Result", "Run", "Session", "examples"]
