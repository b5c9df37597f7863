"""The built-in examples: a workflow, a recipe that makes its data, and known truth.

Each lies in ``examples/<name>/`` with an ``example.yaml`` that says how its data are
imported and bound, and by which checks its results are held against the truth.
"""

import csv
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

import bioimageit_flow
from bioimageit_flow.errors import DataError, WorkflowError
from bioimageit_flow.model.validation import explain
from bioimageit_flow.model.yaml_text import read_yaml
from bioimageit_flow.session.experiment import Experiment
from bioimageit_flow.session.known_experiments import is_experiment
from bioimageit_flow.session.machine import Session
from bioimageit_flow.session.results import Result, Run
from bioimageit_flow.workflow import Workflow

EXAMPLE_FILE = "example.yaml"

PortText = Annotated[str, StringConstraints(pattern=r"^[\w/-]+\.\w+$")]


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PerImage(_Described):
    """A check image by image: a number from a table against a column of the truth.

    Attributes
    ----------
    table : str
        ``node.port`` that gives one table per image.
    measure : str
        ``count`` of rows, or the name of a column whose mean is taken.
    truth : str
        The column of ``truth.csv``.
    within, within_percent : float
        How far a number may be off.
    share : float
        Of the images that must agree, from 0 to 1.
    """

    what: str
    table: PortText
    measure: str = "count"
    truth: str
    within: float = 0.0
    within_percent: float = 0.0
    share: Annotated[float, Field(gt=0, le=1)] = 1.0


class OneNumber(_Described):
    """A check of one number of a scalar result against bounds."""

    what: str
    scalar: PortText
    field: str = "value"
    min: float | None = None
    max: float | None = None


class _Description(_Described):
    title: str
    summary: str
    workflow: str
    bind: dict[str, str]
    from_name: str | None = None
    checks: tuple[PerImage | OneNumber, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One number held against the truth, in words.

    Attributes
    ----------
    truth, found : str
        What it should be, and what it is.
    is_good : bool
        Whether it is within the tolerance that the example states.
    """

    what: str
    truth: str
    found: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class ImageVerdict:
    """One image of a check image by image."""

    image: str
    truth: float
    found: float
    is_good: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One built-in example.

    Attributes
    ----------
    name : str
        Of its folder.
    folder : Path
        Where its workflow and recipe lie.
    """

    name: str
    folder: Path
    _description: _Description

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        return self._description.title

    @property
    def summary(self) -> str:
        """What it shows, in a sentence."""
        return self._description.summary

    @property
    def workflow_path(self) -> Path:
        """Its workflow file."""
        return self.folder / self._description.workflow

    def set_up(
        self, folder: Path, session: Session
    ) -> tuple[Experiment, Workflow, dict[str, str]]:
        """Make the data and an experiment in which they are imported and annotated.

        Parameters
        ----------
        folder : Path
            Gets ``data/`` with the images and their truth, and ``experiment/``. What
            is there of an earlier time is used again.

        Returns
        -------
        experiment, workflow, bind
            What `Experiment.run` takes.

        Raises
        ------
        FlowError
            If the folder cannot be written, or holds something else.
        """
        data, place = folder / "data", folder / "experiment"
        if not is_experiment(place):
            images = self._make(data)
            experiment = Experiment.create(place, name=self.name, session=session)
            (dataset,) = set(self._description.bind.values())
            experiment.import_files(
                images, dataset=dataset, from_name=self._description.from_name
            )
        else:
            experiment = Experiment.open(place, session=session)
        workflow = Workflow.load(self.workflow_path, catalogue=session.catalogue)
        return experiment, workflow, dict(self._description.bind)

    def verdict(self, run: Run) -> list[Verdict]:
        """Hold the results of a run against the truth."""
        verdicts = []
        for check in self._description.checks:
            match check:
                case PerImage():
                    verdicts.append(_judge_images(check, self.images(run, check)))
                case OneNumber():
                    verdicts.append(_judge_number(check, run))
        return verdicts

    def images(self, run: Run, check: PerImage | None = None) -> list[ImageVerdict]:
        """Return what a check found for each image (by default the first check)."""
        chosen = check or next(
            one for one in self._description.checks if isinstance(one, PerImage)
        )
        data = run.experiment.path.parent / "data"
        truth = _read_truth(data / "truth.csv", chosen.truth)
        node, _, port = chosen.table.rpartition(".")
        return list(_compare(chosen, run.results(node, port), truth, run))

    def _make(self, data: Path) -> list[Path]:
        recipe = _load_recipe(self.folder / "recipe.py")
        try:
            made = recipe.make(data)
        except OSError as error:
            raise DataError(
                f"The data of the example cannot be written to {data} "
                f"({error.strerror}).",
                remedy="Choose another folder.",
            ) from error
        return list(made.images)


def examples() -> list[Example]:
    """Return the built-in examples by name.

    Raises
    ------
    WorkflowError
        If one is malformed or the examples are not installed.
    """
    root = _root()
    return [_load(folder) for folder in sorted(root.iterdir()) if _is_example(folder)]


def _root() -> Path:
    package = Path(bioimageit_flow.__file__).parent
    for place in (package / "examples", package.parent / "examples"):
        if place.is_dir():
            return place
    raise WorkflowError(
        "The examples are not installed.", remedy="Reinstall bioimageit-flow."
    )


def _is_example(folder: Path) -> bool:
    return (folder / EXAMPLE_FILE).is_file()


def _load(folder: Path) -> Example:
    path = folder / EXAMPLE_FILE
    try:
        text = path.read_text(encoding="utf-8")
        description = _Description.model_validate(read_yaml(text))
    except ValidationError as error:
        raise WorkflowError(f"{path} is malformed: {explain(error)}.") from error
    return Example(folder.name, folder, description)


def _load_recipe(path: Path) -> ModuleType:
    """Import a recipe, which comes with the program and is not a stranger's."""
    name = f"bioimageit_flow_example_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _read_truth(path: Path, column: str) -> dict[str, float]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["file"]: float(row[column]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"The truth of the example cannot be read from {path}.",
            remedy="Remove the folder and run the demo again.",
        ) from error


def _compare(
    check: PerImage, results: list[Result], truth: Mapping[str, float], run: Run
) -> Iterator[ImageVerdict]:
    store = run.experiment.store
    roots = store.roots([result.item.id for result in results])
    for result in results:
        (root,) = roots[result.item.id]
        raw = store.item(root)
        found = _measured(result, check.measure)
        wanted = truth[raw.name]
        allowed = check.within + check.within_percent / 100 * abs(wanted)
        yield ImageVerdict(raw.name, wanted, found, abs(found - wanted) <= allowed)


def _measured(result: Result, measure: str) -> float:
    table = result.read_table()
    if measure == "count":
        return float(len(table))
    values = [v for v in table.column(measure) if isinstance(v, int | float)]
    return fmean(values) if values else 0.0


def _judge_images(check: PerImage, images: list[ImageVerdict]) -> Verdict:
    good = sum(image.is_good for image in images)
    truth = fmean([image.truth for image in images]) if images else 0.0
    found = fmean([image.found for image in images]) if images else 0.0
    tolerance = (
        f"{check.within_percent:g} %" if check.within_percent else f"{check.within:g}"
    )
    return Verdict(
        check.what,
        f"mean {truth:.4g}",
        f"mean {found:.4g}, {good} of {len(images)} images within {tolerance}",
        bool(images) and good >= check.share * len(images),
    )


def _judge_number(check: OneNumber, run: Run) -> Verdict:
    node, _, port = check.scalar.rpartition(".")
    (result,) = run.results(node, port)
    value = result.read_scalar()[check.field]
    assert isinstance(value, int | float)
    bounds: list[tuple[Literal["at least", "at most"], float | None, bool]] = [
        ("at least", check.min, check.min is None or value >= check.min),
        ("at most", check.max, check.max is None or value <= check.max),
    ]
    words = " and ".join(
        f"{how} {bound:g}" for how, bound, _ in bounds if bound is not None
    )
    return Verdict(check.what, words, f"{value:.3g}", all(ok for _, _, ok in bounds))
