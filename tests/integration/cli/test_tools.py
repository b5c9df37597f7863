import io
import json
import sys
from pathlib import Path

import pytest

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.session import Session
from bioimageit_flow.testing.tool_tests import ToolTestReport, ToolTestResult
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import Lab


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_tools_are_listed_with_where_they_come_from(flow: Say) -> None:
    lines = flow("tools", "list").out.splitlines()

    assert lines[0].split() == ["tool", "version", "what", "it", "does", "from"]
    assert any(
        line.startswith("test/add") and line.endswith("folder") for line in lines
    )
    assert any(
        line.startswith("skimage/gaussian") and line.endswith("built-in")
        for line in lines
    )


def test_broken_tool_is_a_warning(flow: Say, lab: Lab) -> None:
    broken = lab.folder / "tools" / "test" / "broken"
    broken.mkdir()
    (broken / "tool.yaml").write_text("schema: bioimageit-flow/tool/1\n")

    said = flow("tools", "list")

    assert said.code == 0
    assert "warning:" in said.err
    assert "broken" in said.err


def test_search_finds_by_words(flow: Say) -> None:
    found = json.loads(flow("tools", "search", "count", "spots", "--json").out)

    assert "skimage/detect-spots" in [one["id"] for one in found]


def test_search_without_hit_says_what_helps(flow: Say) -> None:
    said = flow("tools", "search", "xyzzyplugh")

    assert (said.code, said.out) == (0, "")
    assert "tools list" in said.err


def test_show_has_ports_and_parameters(flow: Say) -> None:
    said = flow("tools", "show", "test/add")

    assert said.code == 0
    assert "add  test/add@1.0.0" in said.out
    assert "int 0 to 100" in said.out
    assert "image as ome-tiff" in said.out
    assert "needs a container engine" in said.out


def test_show_json_is_the_descriptor(flow: Say) -> None:
    shown = json.loads(flow("tools", "show", "test/add", "--json").out)

    assert shown["schema"] == "bioimageit-flow/tool/1"
    assert shown["parameters"]["amount"]["max"] == 100


@pytest.mark.parametrize("command", ["show", "test"])
def test_unknown_tool_is_refused_with_a_suggestion(flow: Say, command: str) -> None:
    said = flow("tools", command, "skimage/gausian")

    assert said.code == 6
    assert "skimage/gaussian" in said.err


def test_new_tool_passes_lint(flow: Say, tmp_path: Path) -> None:
    made = flow("tools", "new", "my-tools/invert", "--author", "A. Author")
    linted = flow("tools", "lint", "my-tools")

    assert made.code == 0
    assert "invert/tool.yaml" in made.out.replace("\\", "/")
    assert (tmp_path / "my-tools" / "invert" / "tool.yaml").is_file()
    assert "A. Author" in (tmp_path / "my-tools/invert/tool.yaml").read_text("utf-8")
    assert (linted.code, linted.out) == (0, "Nothing is wrong.\n")


@pytest.mark.parametrize("place", ["sub/my-tools/invert", "my-tools/invert"])
def test_new_tool_goes_where_it_is_told(flow: Say, tmp_path: Path, place: str) -> None:
    flow("tools", "new", tmp_path / place)

    text = (tmp_path / place / "tool.yaml").read_text("utf-8")
    assert "id: my-tools/invert" in text


@pytest.mark.parametrize("name", ["invert", "My Tools/Invert", "my-tools/invert"])
def test_new_tool_with_a_bad_or_taken_name_is_refused(
    flow: Say, tmp_path: Path, name: str
) -> None:
    flow("tools", "new", "my-tools/invert")

    said = flow("tools", "new", name)

    assert said.code == 6
    assert "hint:" in said.err


def test_lint_finds_what_is_wrong(flow: Say, lab: Lab) -> None:
    said = flow("tools", "lint", lab.folder / "tools" / "test" / "add")
    as_json = flow("tools", "lint", lab.folder / "tools" / "test" / "add", "--json")

    problems = json.loads(as_json.out)
    is_bad = any(problem["severity"] == "error" for problem in problems)
    assert problems
    assert said.code == as_json.code == (6 if is_bad else 0)
    assert all(problem["text"] in said.out for problem in problems)


@pytest.mark.parametrize("wanted", ["imagej", "imagej/run-macro"])
def test_lint_takes_ids_as_well(flow: Say, wanted: str) -> None:
    said = flow("tools", "lint", wanted)

    assert said.code == 0
    assert "is not there" not in said.out


def test_lint_of_nothing_is_refused(flow: Say) -> None:
    said = flow("tools", "lint", "nowhere")

    assert said.code != 0
    assert "nowhere" in said.err + said.out


class TestTests:
    asked: list[tuple[str, bool | None]]

    @pytest.fixture(autouse=True)
    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Answer for the tests of tools: of any tool but add, one fails."""
        self.asked = []

        def test_tool(
            session: Session, tool: object, *, is_trusted: bool | None, **_: object
        ) -> ToolTestReport:
            ref = str(tool.ref)  # type: ignore[attr-defined]
            self.asked.append((ref, is_trusted))
            if "join" in ref:
                raise RuntimeUnavailableError("No engine.", remedy="Start one.")
            is_good = "add" in ref
            text = "" if is_good else "mean is 3, not 4"
            return ToolTestReport(
                ref, "in-process", (ToolTestResult("a disc", is_good, text),)
            )

        monkeypatch.setattr(Session, "test_tool", test_tool)

    def test_good_tool(self, flow: Say) -> None:
        said = flow("tools", "test", "test/add")

        assert said.code == 0
        assert "passed  a disc" in said.out
        assert "All good: 1 tool, 1 test." in said.out
        assert self.asked == [("test/add@1.0.0", None)]

    def test_toolbox_is_all_its_tools(self, flow: Say) -> None:
        flow("tools", "test", "imagej")

        assert [ref for ref, _ in self.asked] == [
            "imagej/analyze-particles@1.0.0",
            "imagej/run-macro@1.0.0",
        ]

    def test_bad_tool(self, flow: Say) -> None:
        said = flow("tools", "test", "test/add", "test/cut")

        assert said.code == 6
        assert "FAILED  a disc" in said.out
        assert "mean is 3, not 4" in said.out
        assert "1 of 2 tools failed" in said.out

    def test_tool_that_cannot_be_tested_stops_no_other(self, flow: Say) -> None:
        said = flow("tools", "test", "test/join", "test/add")

        assert said.code == 6
        assert "cannot be tested: No engine. Start one." in said.out
        assert "passed  a disc" in said.out

    def test_folder_is_consent_and_says_so(self, flow: Say, lab: Lab) -> None:
        said = flow("tools", "test", lab.folder / "tools" / "test" / "add")

        assert self.asked == [("test/add@1.0.0", True)]
        assert "Running the code in" in said.err

    def test_folder_without_tools_is_refused(self, flow: Say, lab: Lab) -> None:
        said = flow("tools", "test", lab.folder / "experiment")

        assert said.code == 6
        assert "no tool" in said.err

    def test_all_are_the_built_in_ones(self, flow: Say) -> None:
        flow("tools", "test", "--all")

        assert len(self.asked) > 10
        assert not any(ref.startswith("test/") for ref, _ in self.asked)

    def test_nothing_named_is_a_usage_error(self, flow: Say) -> None:
        assert flow("tools", "test").code == 2

    def test_json(self, flow: Say) -> None:
        said = flow("tools", "test", "test/add", "test/cut", "--json")

        first, second = json.loads(said.out)
        assert (said.code, said.err) == (6, "")
        assert (first["good"], second["good"]) == (True, False)


class TestBuild:
    built: list[tuple[str, str | None]]

    @pytest.fixture(autouse=True)
    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.built = []

        def build(
            session: Session, toolbox: str, *, base_image: str | None, **_: object
        ) -> str:
            session.catalogue.toolbox(toolbox)
            self.built.append((toolbox, base_image))
            return "sha256:0123"

        monkeypatch.setattr(Session, "build", build)

    def test_toolbox_by_id(self, flow: Say) -> None:
        said = flow("tools", "build", "skimage", "--base-image", "base:1")

        assert (said.code, said.out) == (0, "skimage  sha256:0123\n")
        assert self.built == [("skimage", "base:1")]

    def test_toolbox_by_folder(self, flow: Say) -> None:
        flow("tools", "new", "my-tools/invert")

        assert flow("tools", "build", "./my-tools").code == 0
        assert self.built == [("my-tools", None)]

    def test_all_that_are_built_in(self, flow: Say) -> None:
        assert flow("tools", "build", "--all").code == 0
        assert {"imagej", "skimage", "tables"} <= {name for name, _ in self.built}

    def test_unknown_toolbox_is_refused(self, flow: Say) -> None:
        assert flow("tools", "build", "skimaje").code == 6

    def test_nothing_named_is_a_usage_error(self, flow: Say) -> None:
        assert flow("tools", "build").code == 2


class TestTrust:
    @pytest.fixture(autouse=True)
    def nobody_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO())

    def trusted(self, flow: Say) -> list[str]:
        return [
            one["name"] for one in json.loads(flow("trust", "--list", "--json").out)
        ]

    def test_tool_is_shown_and_trusted(self, flow: Say) -> None:
        said = flow("trust", "test/add", "--yes")

        assert said.code == 0
        assert "Runs: python /tool/run.py" in said.out
        assert "no network" in said.out
        assert self.trusted(flow) == ["test/add@1.0.0"]
        assert "test/add@1.0.0" in flow("trust", "--list").out

    def test_nobody_to_ask_trusts_nothing(self, flow: Say) -> None:
        said = flow("trust", "test/add")

        assert said.code == 2
        assert "--yes" in said.err
        assert self.trusted(flow) == []

    @pytest.mark.parametrize(
        ("answer", "code"), [("y\n", 0), ("n\n", 130), ("\n", 130), ("", 130)]
    )
    def test_user_is_asked(
        self, flow: Say, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
    ) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(answer))

        assert flow("trust", "test/add").code == code
        assert bool(self.trusted(flow)) == (code == 0)

    def test_changed_tool_has_to_be_trusted_again(self, flow: Say, lab: Lab) -> None:
        flow("trust", "test/add", "--yes")
        assert "already" in flow("trust", "test/add").out

        script = lab.folder / "tools" / "test" / "add" / "run.py"
        script.write_text("print('other')\n", encoding="utf-8")

        assert flow("trust", "test/add").code == 2

    def test_trust_is_taken_back(self, flow: Say, lab: Lab) -> None:
        flow("trust", "test/add", "--yes")
        flow("trust", lab.folder / "tools" / "test" / "cut", "--yes")

        assert flow("trust", "test/add", "--revoke").code == 0
        assert flow("trust", lab.folder / "tools/test/cut", "--revoke").code == 0
        assert self.trusted(flow) == []
        assert flow("trust", "test/add", "--revoke").code == 6

    def test_workflow_trusts_the_tools_it_uses(self, flow: Say, line: Path) -> None:
        assert flow("trust", line, "--yes").code == 0

        assert self.trusted(flow) == [
            "test/add@1.0.0",
            "test/measure@1.0.0",
            "test/join@1.0.0",
            "Line",
        ]

    def test_workflow_of_a_stranger_is_shown_as_json_and_not_trusted(
        self, flow: Say, line: Path
    ) -> None:
        said = flow("trust", line, "--json")

        assert said.code == 0
        shown = json.loads(said.out)
        assert shown["missing"] == []
        assert len(shown["workflow_sha256"]) == 64
        topics = {right["topic"] for right in shown["tools"][0]["asks"]}
        assert {"image", "command", "files", "mounts", "network", "memory"} <= topics
        assert not any(tool["is_trusted"] for tool in shown["tools"])
        assert self.trusted(flow) == []
        agreed = json.loads(flow("trust", line, "--json", "--yes").out)
        assert all(tool["is_trusted"] for tool in agreed["tools"])
        line.write_text(line.read_text("utf-8").replace("Line", "Other"), "utf-8")
        changed = json.loads(flow("trust", line, "--json").out)
        assert changed["workflow_sha256"] != shown["workflow_sha256"]

    def test_workflow_with_unknown_tools_is_not_trusted(
        self, flow: Say, line: Path
    ) -> None:
        text = line.read_text("utf-8").replace("test/join@1.0.0", "evil/tool@6.6.6")
        line.write_text(text, "utf-8")

        said = flow("trust", line, "--yes")

        assert said.code == 6
        assert "uses a tool that is not here: evil/tool@6.6.6" in said.err
        assert "test/add@1.0.0" in said.out  # what is here is shown all the same
        assert self.trusted(flow) == []
        assert flow("trust", line, "--yes", "--json").code == 6
        assert self.trusted(flow) == []

    def test_built_in_tool_needs_no_trust(self, flow: Say) -> None:
        said = flow("trust", "skimage/gaussian")

        assert said.code == 0
        assert "built in" in said.out

    @pytest.mark.parametrize("what", ["test/nothing", "nothing.flow.yaml"])
    def test_unknown_thing_is_refused(self, flow: Say, what: str) -> None:
        assert flow("trust", what, "--yes").code in (5, 6)

    def test_nothing_named_is_a_usage_error(self, flow: Say) -> None:
        assert flow("trust").code == 2
