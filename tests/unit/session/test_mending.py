from pathlib import Path

import pytest

from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.protocol import Availability, Finding, Readiness
from bioimageit_flow.session import Session, mending
from bioimageit_flow.session.preferences import Preferences, apply_preferences


def test_the_command_of_a_remedy_can_be_copied() -> None:
    remedy = "Build them: `bioimageit-flow tools build --all`."
    found = Finding("images", False, "None.", remedy)
    assert mending.command_of(found) == "bioimageit-flow tools build --all"
    assert mending.command_of(Finding("disk", False, "", "Free some space.")) == ""


def test_a_folder_that_is_not_there_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "tools"
    monkeypatch.setattr(mending, "user_folder", lambda: folder)
    session = Session(runtimes=[])
    (mend,) = mending.mends(session)
    assert mend.what == str(folder)
    mend.carry_out(lambda _line: None)
    assert folder.is_dir()
    assert mending.mends(session) == []


class Bare(ContainerRuntime):
    """An engine that has no image yet."""

    def diagnose(self) -> list[Finding]:
        return [Finding("container engine", True, "It answers.")]

    def availability(self, tool: InstalledTool) -> Availability:
        return Availability(Readiness.UNAVAILABLE)


def test_images_of_toolboxes_can_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "user_folder", lambda: tmp_path)
    built: list[str] = []
    monkeypatch.setattr(Session, "build", lambda _self, box, **_more: built.append(box))
    session = Session(runtimes=[Bare([])])

    found = mending.mends(session)

    assert {one.words for one in found} == {"Build the image"}
    for one in found:
        one.carry_out(lambda _line: None)
    assert {"imagej", "skimage", "tables"} <= set(built)


def test_doctor_and_what_can_be_mended_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "user_folder", lambda: tmp_path)
    found = mending.diagnose_and_mend(Session(runtimes=[]))
    assert {"program", "machine", "tools"} <= {one.topic for one in found.findings}
    assert found.mends == ()


def test_an_address_of_the_settings_is_not_called_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    silent = Finding(
        "container engine",
        False,
        "No container engine answers at unix:///none.sock (DOCKER_HOST).",
        "Start it, or correct or unset DOCKER_HOST.",
    )
    monkeypatch.setattr(Session, "doctor", lambda _self: [silent])
    session = Session(runtimes=[])
    apply_preferences(Preferences(engine="unix:///none.sock"))
    try:
        (found,) = mending.diagnose_and_mend(session).findings
    finally:
        apply_preferences(Preferences())
    assert found.text == "No container engine answers at unix:///none.sock."
    assert "under Runs and limits" in found.remedy
    monkeypatch.setenv("DOCKER_HOST", "unix:///none.sock")
    assert mending.diagnose_and_mend(session).findings == (silent,)
