import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bioimageit_flow.session import Experiment, Run, Session
from bioimageit_flow.session.examples import Verdict
from bioimageit_flow.workflow import Workflow
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab

EXAMPLES = "bioimageit_flow.session.examples.examples"


@pytest.mark.parametrize("name", ["tool", "toolbox", "workflow"])
def test_schema_is_a_json_schema(flow: Say, name: str) -> None:
    said = flow("schema", name)

    schema = json.loads(said.out)
    assert said.code == 0
    assert schema["$schema"].endswith("2020-12/schema")
    assert "schema" in schema["properties"]


def test_unknown_schema_is_a_usage_error(flow: Say) -> None:
    said = flow("schema", "table")

    assert said.code == 2
    assert "toolbox" in said.err


def test_doctor_says_what_there_is(flow: Say) -> None:
    said = flow("doctor")
    findings = json.loads(flow("doctor", "--json").out)

    assert said.code == 0
    assert "BioImageIT Flow" in said.out
    for one in findings:
        assert one["topic"] in said.out
        assert isinstance(one["good"], bool)


@dataclass
class SmallExample:
    """An example that takes no time, with the interface of the built-in ones."""

    lab: Lab
    is_good: bool = True
    name: str = "two_populations"
    title: str = "Small"
    summary: str = "Adds and joins."
    set_up_in: list[Path] = field(default_factory=list)

    @property
    def workflow_path(self) -> Path:
        return self.lab.folder / "line.flow.yaml"

    def set_up(
        self, folder: Path, session: Session
    ) -> tuple[Experiment, Workflow, dict[str, str]]:
        place = folder / "experiment"
        self.set_up_in.append(folder)
        if place.exists():
            experiment = Experiment.open(place, session=session)
        else:
            experiment = Experiment.create(place, session=session)
            images = [self.lab.image(number) for number in range(1, 4)]
            experiment.import_files(images)
        workflow = self.lab.line()
        workflow.set_output("tables", "measure.table")
        workflow.set_output("sum", "join.table")
        workflow.save(self.workflow_path)
        return experiment, workflow, {"images": "raw"}

    def verdict(self, run: Run) -> list[Verdict]:
        return [Verdict("Sum", "about 36", "36", self.is_good)]


@pytest.fixture
def example(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> SmallExample:
    small = SmallExample(lab)
    monkeypatch.setattr(EXAMPLES, lambda: [small])
    return small


def test_demo_holds_results_against_the_truth(flow: Say, example: SmallExample) -> None:
    said = flow("demo", "try-it")

    assert said.code == 0, said.err
    assert example.set_up_in == [Path("try-it")]
    assert "Sum   about 36  36     good" in said.out
    assert "tables: 3 items" in said.out
    assert "sum goes back to 3 raw items" in said.out
    assert "-b images=raw --set" in said.out


def test_demo_shows_a_way_back_that_works(flow: Say, example: SmallExample) -> None:
    said = flow("demo", "try-it")
    line = next(
        row.strip() for row in said.out.splitlines() if "bioimageit-flow lineage" in row
    )

    traced = flow(*line.split()[1:])

    assert traced.code == 0
    assert "Goes back to 3 raw items" in traced.out


def test_demo_again_reuses_everything(
    flow: Say, lab: Lab, example: SmallExample
) -> None:
    flow("demo", "try-it")
    lab.calls.clear()

    assert flow("demo", "try-it").code == 0
    assert lab.calls == []


def test_demo_that_misses_the_truth_fails(flow: Say, example: SmallExample) -> None:
    example.is_good = False

    said = flow("demo", "try-it")

    assert said.code == 3
    assert "off" in said.out


def test_demo_json_ends_with_the_verdict(flow: Say, example: SmallExample) -> None:
    said = flow("demo", "try-it", "--json")

    last = json.loads(said.out.splitlines()[-1])
    assert last["event"] == "report"
    assert last["verdict"] == [
        {"what": "Sum", "truth": "about 36", "found": "36", "good": True}
    ]


def test_unknown_example_is_a_usage_error(flow: Say, example: SmallExample) -> None:
    said = flow("demo", "--example", "nothing")

    assert said.code == 2
    assert "two_populations" in said.err


def test_built_in_examples_are_listed(flow: Say) -> None:
    names = [one["name"] for one in json.loads(flow("demo", "--list", "--json").out)]

    assert "two_populations" in names
    assert all(name in flow("demo", "--list").out for name in names)
