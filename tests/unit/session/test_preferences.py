import json
import os
from pathlib import Path

import pytest

from bioimageit_flow.errors import FlowError
from bioimageit_flow.executors.local import LocalExecutor, usable_cpus
from bioimageit_flow.session.preferences import (
    Preferences,
    apply_preferences,
    load_preferences,
    preferences_path,
    save_preferences,
    set_by_hand,
)


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    return tmp_path


def test_what_was_chosen_is_remembered(tmp_path: Path) -> None:
    assert load_preferences() == Preferences()
    shared = tmp_path / "shared"
    shared.mkdir()
    chosen = Preferences(
        runtime="container",
        engine="unix:///run/docker.sock",
        cpus=4,
        memory_gb=8.5,
        tool_folders=(str(tmp_path),),
        work_folder=str(tmp_path),
        shared_folder=str(shared),
    )
    save_preferences(chosen)
    assert load_preferences() == chosen


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (Preferences(runtime="magic"), "runtime"),
        (Preferences(engine="docker"), "engine"),
        (Preferences(work_folder="/not/there"), "work folder"),
        (Preferences(tool_folders=("/not/there",)), "folder of tools"),
        (Preferences(shared_folder="/not/there"), "shared results"),
    ],
)
def test_what_cannot_be_obeyed_is_refused(chosen: Preferences, words: str) -> None:
    with pytest.raises(FlowError, match=words) as refusal:
        save_preferences(chosen)
    assert refusal.value.remedy
    assert load_preferences() == Preferences()


def test_one_bad_value_does_not_cost_the_others() -> None:
    path = preferences_path()
    path.parent.mkdir()
    facts = {"runtime": "environment", "cpus": -3, "memory_gb": "much", "engine": 7}
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert load_preferences() == Preferences(runtime="environment")
    path.write_text("[]", encoding="utf-8")
    assert load_preferences() == Preferences()


def test_choices_take_effect_and_are_taken_back() -> None:
    environ: dict[str, str] = {"PATH": "/bin"}
    apply_preferences(Preferences(cpus=3, engine="tcp://host:1"), environ)
    assert environ["BIOIMAGEIT_FLOW_CPUS"] == "3"
    assert environ["DOCKER_HOST"] == "tcp://host:1"
    assert set_by_hand(environ) == {}
    apply_preferences(Preferences(), environ)
    assert environ == {"PATH": "/bin"}


def test_what_was_set_by_hand_wins() -> None:
    environ = {"BIOIMAGEIT_FLOW_CPUS": "2"}
    ignored = apply_preferences(Preferences(cpus=9), environ)
    assert ignored == ("BIOIMAGEIT_FLOW_CPUS",)
    assert environ == {"BIOIMAGEIT_FLOW_CPUS": "2"}
    assert set_by_hand(environ) == environ
    apply_preferences(Preferences(), environ)
    assert environ == {"BIOIMAGEIT_FLOW_CPUS": "2"}


def test_limits_reach_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Preferences(cpus=3, memory_gb=1.5).variables().items():
        monkeypatch.setitem(os.environ, name, value)
    executor = LocalExecutor()
    assert executor.cpus == 3
    assert executor._memory == 1_500_000_000
    executor.close()
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CPUS", "many")
    executor = LocalExecutor()
    assert executor.cpus == usable_cpus()
    executor.close()
