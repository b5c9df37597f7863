"""What only a plan finds: for a real experiment, with fixes that take it away."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.findings import at_level
from bioimageit_flow.editor.open_experiment import OpenExperiment
from bioimageit_flow.editor.planning import (
    MOST_ALIKE,
    Answer,
    answer,
    fixes_of,
    question_of,
)
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.session import Experiment, Session

Opened = Callable[..., OpenExperiment]


@pytest.fixture
def session(catalogue: Catalogue) -> Session:
    made = Session()
    made.catalogue = catalogue
    return made


@pytest.fixture
def opened(tmp_path: Path, session: Session) -> Opened:
    """Return a function that makes an experiment with datasets of tiny images."""

    def make(**counts: int) -> OpenExperiment:
        with Experiment.create(tmp_path / "spots", session=session) as experiment:
            for dataset, count in counts.items():
                paths = []
                for number in range(count):
                    path = tmp_path / f"{dataset}_{number}.tif"
                    pixels = np.full((8, 8), number, np.uint8)
                    tifffile.imwrite(path, pixels)
                    paths.append(path)
                experiment.import_files(paths, dataset=dataset)
        state = OpenExperiment()
        state.open(tmp_path / "spots")
        return state

    return make


def plan_of(editor: Editor, state: OpenExperiment, session: Session) -> Answer:
    question = question_of(editor, state)
    assert question is not None
    return answer(question, session)


@pytest.fixture
def measured(editor: Editor) -> Editor:
    """Return an editor in which labels and images meet that have nothing in common."""
    images = editor.add_dataset("images", "image", (0, 0))
    others = editor.add_dataset("others", "image", (0, 200))
    mask = editor.add_tool("skimage/threshold", connect_from=(others, None))
    label = editor.add_tool("skimage/label-watershed", connect_from=(mask, "mask"))
    measure = editor.add_tool("skimage/measure-regions", connect_from=(label, "labels"))
    editor.connect((images, None), (measure, "intensity"))
    return editor


def test_nothing_is_asked_without_an_experiment(measured: Editor) -> None:
    assert question_of(measured, OpenExperiment()) is None


def test_moving_a_box_is_no_new_question(measured: Editor, opened: Opened) -> None:
    state = opened(raw=1)
    before = question_of(measured, state)
    measured.move({"images": (500.0, 500.0)})

    assert question_of(measured, state) == before


def test_inputs_that_are_not_bound_are_bound_by_a_fix(
    measured: Editor, opened: Opened, session: Session
) -> None:
    state = opened(raw=2)
    found = plan_of(measured, state, session)
    (problem,) = (one for one in found.problems if one.node == "images")

    (fix,) = fixes_of(problem, measured, found, state)
    fix.apply()

    assert problem.code == "unbound-input"
    assert problem.severity is Severity.WARNING
    assert "--bind" not in str(problem)
    assert fix.words == "Bind to raw"
    assert state.bindings(measured) == {"images": "raw"}


def test_items_that_do_not_pair_are_named_and_mended(
    measured: Editor, opened: Opened, session: Session
) -> None:
    state = opened(raw=2, other=1)
    state.bind(measured, "images", "raw")
    state.bind(measured, "others", "other")
    found = plan_of(measured, state, session)
    measured.take_findings(found.problems)
    unpaired = [one for one in measured.problems if one.code == "unpaired"]

    assert unpaired, [str(one) for one in measured.problems]
    fixes = [fix for one in unpaired for fix in fixes_of(one, measured, found, state)]
    (use_for_all,) = {
        fix.words: fix for fix in fixes if "for all" in fix.words
    }.values()
    use_for_all.apply()

    assert "use_for_all" in measured.document.nodes["measure_regions"].match.values()


def test_many_of_a_kind_are_a_few_and_a_number(
    measured: Editor, opened: Opened, session: Session
) -> None:
    state = opened(raw=MOST_ALIKE + 10, other=1)
    state.bind(measured, "images", "raw")
    state.bind(measured, "others", "other")
    found = plan_of(measured, state, session)

    alike = [one for one in found.problems if one.port == "intensity"]
    assert len(alike) <= MOST_ALIKE + 1
    assert any("more like these" in one.text for one in found.problems)


def test_problems_of_the_rules_are_not_said_twice(
    measured: Editor, opened: Opened, session: Session
) -> None:
    measured.add_tool("skimage/median")
    found = plan_of(measured, opened(raw=1), session)
    measured.take_findings(found.problems)

    texts = [one.text for one in measured.problems]
    assert len(texts) == len(set(texts))


def test_findings_go_with_their_node(measured: Editor) -> None:
    measured.take_findings([Problem("unpaired", Severity.ERROR, "No.", node="images")])
    assert measured.scene.nodes["images"].severity is Severity.ERROR
    measured.remove(["images"])

    assert not [one for one in measured.problems if one.code == "unpaired"]


def test_problem_inside_is_that_of_the_subworkflow_outside() -> None:
    inside = Problem("unpaired", Severity.ERROR, "No.", node="sub/blur", port="image")

    (outside,) = at_level([inside], ())
    (within,) = at_level([inside], ("sub",))

    assert (outside.node, outside.port) == ("sub", "")
    assert (within.node, within.port) == ("blur", "image")
    assert at_level([inside], ("other",)) == []


def test_value_that_the_rules_refuse_is_not_said_for_each_item(
    editor: Editor, opened: Opened, session: Session
) -> None:
    state = opened(raw=3)
    images = editor.add_dataset("images", "image", (0, 0))
    editor.add_tool("skimage/gaussian", connect_from=(images, None))
    editor.set_parameter("gaussian", "sigma", -1.0)
    state.bind(editor, "images", "raw")
    editor.take_findings(plan_of(editor, state, session).problems)

    (problem,) = (one for one in editor.problems if one.code == "parameter-value")
    assert problem.item == ""
