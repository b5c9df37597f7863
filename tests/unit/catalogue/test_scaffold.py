"""A new tool is complete: its lint is clean and its program works at once."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioimageit_flow.catalogue import Catalogue, lint, load_tool, new_tool
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.catalogue.scaffold import Language
from bioimageit_flow.errors import DataError, ToolError
from bioimageit_flow.model.command import CommandValues, build_command
from bioimageit_flow.model.tool import InstalledTool


def run_tool(
    tool: InstalledTool, true: frozenset[str] = frozenset(), **texts: object
) -> subprocess.CompletedProcess[str]:
    """Run the command of a tool as an environment does."""
    filled = CommandValues(
        texts={name: str(value) for name, value in texts.items()},
        items={},
        true=true,
        tool_folder=str(tool.folder),
        python=sys.executable,
    )
    return subprocess.run(
        build_command(tool.tool.command, filled),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"PYTHONPATH": str(tool.library or ""), "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.parametrize("language", ["python", "other"])
@pytest.mark.parametrize(
    "id_", ["my-tools/invert", "lab/3d-thing", "x/numpy", "x/json"]
)
def test_a_new_tool_has_no_findings(
    tmp_path: Path, language: Language, id_: str
) -> None:
    new = new_tool(id_, tmp_path, language=language)
    assert lint(new.folder) == []
    assert lint(tmp_path) == []
    assert load_tool(new.folder).tool.id == id_
    assert all(path.is_file() for path in new.files)
    assert set(new.files) == {path for path in tmp_path.rglob("*") if path.is_file()}


def test_a_new_tool_is_found_by_the_catalogue(tmp_path: Path) -> None:
    new_tool("my-tools/invert", tmp_path)
    catalogue = Catalogue([Place(tmp_path, "folder")])
    assert catalogue.get("my-tools/invert").tool.name == "Invert"
    assert catalogue.problems == ()


def test_nothing_of_the_template_is_left_to_fill_in(tmp_path: Path) -> None:
    new = new_tool("my-tools/invert", tmp_path, author='Änne "Doc" O\'Neill')
    for path in new.files:
        assert "@" not in path.read_text(encoding="utf-8").replace("@dataclass", "")
        assert not path.name.endswith(".template")
    assert load_tool(new.folder).tool.authors[0].name == 'Änne "Doc" O\'Neill'


def test_python_example_passes_its_own_tests(tmp_path: Path) -> None:
    tool = load_tool(new_tool("my-tools/invert", tmp_path).folder)
    make = tmp_path / "my-tools/invert/tests/make.py"
    names = {"__name__": "make"}
    exec(compile(make.read_text(encoding="utf-8"), make, "exec"), names)
    source, result = tmp_path / "in.ome.tif", tmp_path / "out.ome.tif"
    for test in tool.tool.tests:
        (given,) = test.items("image")
        recipe = str(given.recipe).rpartition(":")[2]
        names[recipe](source)  # type: ignore[operator]
        values = tool.tool.resolve(test.parameters)
        true = frozenset(name for name, value in values.items() if value is True)
        done = run_tool(tool, true, image=source, result=result, **values)
        if test.fails is not None:
            assert done.returncode == 2
            assert test.fails in done.stderr
            assert "Traceback" not in done.stderr
            continue
        assert done.returncode == 0, done.stderr
        first = result.read_bytes()
        run_tool(tool, true, image=source, result=result, **values)
        assert result.read_bytes() == first
        _meets(result, test.expect["result"])


def _meets(path: Path, expected: dict[str, object]) -> None:
    with tifffile.TiffFile(path) as tif:
        pixels, axes = tif.series[0].asarray(), tif.series[0].axes
        facts = tifffile.xml2dict(tif.ome_metadata or "")["OME"]["Image"]["Pixels"]
    assert axes == expected["axes"]
    assert list(pixels.shape) == expected["shape"]
    assert pixels.dtype == np.float32
    for name in ("min", "max", "mean"):
        wanted = expected[name]
        value = wanted["value"] if isinstance(wanted, dict) else wanted
        assert float(getattr(pixels, name)()) == pytest.approx(value)
    sizes = expected["pixel_size_um"]
    assert isinstance(sizes, dict)
    for axis, size in sizes.items():
        assert facts[f"PhysicalSize{axis.upper()}"] == size
        assert facts.get(f"PhysicalSize{axis.upper()}Unit", "µm") == "µm"


@pytest.mark.parametrize("axes", ["YX", "CZYX", "YXS", "TZCYX"])
def test_python_example_keeps_any_axes(tmp_path: Path, axes: str) -> None:
    tool = load_tool(new_tool("my-tools/invert", tmp_path).folder)
    shape = tuple({"S": 3, "Y": 6, "X": 7}.get(axis, 2) for axis in axes)
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    source, result = tmp_path / "in.ome.tif", tmp_path / "out.ome.tif"
    tifffile.imwrite(source, pixels, metadata={"axes": axes, "PhysicalSizeX": 0.5})
    done = run_tool(tool, image=source, result=result, factor=2)
    assert done.returncode == 0, done.stderr
    with tifffile.TiffFile(result) as tif:
        assert tif.series[0].axes == axes
        assert np.array_equal(tif.series[0].asarray(), pixels * np.float32(2))
        assert "PhysicalSizeX" in (tif.ome_metadata or "")


def test_python_example_reads_imagej_files(tmp_path: Path) -> None:
    tool = load_tool(new_tool("my-tools/invert", tmp_path).folder)
    source, result = tmp_path / "in.tif", tmp_path / "out.ome.tif"
    tifffile.imwrite(
        source,
        np.zeros((3, 2, 8, 9), np.uint16),
        imagej=True,
        resolution=(4.0, 4.0),
        metadata={"axes": "ZCYX", "spacing": 1.5, "unit": "um"},
    )
    done = run_tool(tool, image=source, result=result, factor=1)
    assert done.returncode == 0, done.stderr
    with tifffile.TiffFile(result) as tif:
        facts = tifffile.xml2dict(tif.ome_metadata or "")["OME"]["Image"]["Pixels"]
        assert tif.series[0].axes == "ZCYX"
    assert (facts["PhysicalSizeX"], facts["PhysicalSizeZ"]) == (0.25, 1.5)


@pytest.mark.skipif(shutil.which("awk") is None, reason="needs sh and awk")
def test_other_example_works(tmp_path: Path) -> None:
    tool = load_tool(new_tool("shell/mean", tmp_path, language="other").folder)
    assert tool.lock is None
    table, result = tool.folder / "tests" / "values.csv", tmp_path / "out.csv"
    done = run_tool(tool, table=table, result=result, column="value")
    assert done.returncode == 0, done.stderr
    assert result.read_text(encoding="utf-8") == "rows,mean,min,max\n4,2.5,1,4\n"
    done = run_tool(tool, table=table, result=result, column="weight")
    assert done.returncode == 2
    assert "has no column weight" in done.stderr


@pytest.mark.skipif(shutil.which("awk") is None, reason="needs sh and awk")
def test_other_example_takes_values_for_nothing_but_values(tmp_path: Path) -> None:
    tool = load_tool(new_tool("shell/mean", tmp_path, language="other").folder)
    column = "a'; touch /tmp/x; $(touch /tmp/x) \\n"
    table, result = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(f"{column}\n3\n", encoding="utf-8")
    done = run_tool(tool, table=table, result=result, column=column)
    assert done.returncode == 0, done.stderr
    assert result.read_text(encoding="utf-8") == "rows,mean,min,max\n1,3,3,3\n"


def test_further_tools_join_their_toolbox(tmp_path: Path) -> None:
    first = new_tool("my-tools/one", tmp_path)
    second = new_tool("my-tools/two", tmp_path)
    third = new_tool("my-tools/three", tmp_path / "my-tools")
    assert (first.is_new_toolbox, second.is_new_toolbox) == (True, False)
    assert third.folder == tmp_path / "my-tools" / "three"
    assert {path.name for path in second.files} == {"tool.yaml", "two.py", "make.py"}
    assert lint(tmp_path) == []


def test_a_tool_brings_the_module_that_its_toolbox_lacks(tmp_path: Path) -> None:
    first = new_tool("my-tools/one", tmp_path)
    (first.toolbox_folder / "lib" / "ome_image.py").rename(
        first.toolbox_folder / "lib" / "other.py"
    )
    second = new_tool("my-tools/two", tmp_path)
    assert second.folder / "ome_image.py" in second.files
    assert lint(second.folder) == []


@pytest.mark.parametrize(
    ("id_", "sentence"),
    [
        ("invert", "names no toolbox. Write TOOLBOX/NAME, such as my-tools/invert."),
        ("My Invert!", "such as my-tools/my-invert."),
        ("", "such as my-tools/my-tool."),
        (
            "My Tools/Invert it",
            "cannot be the id of a tool. .* such as my-tools/invert-it",
        ),
        ("a/b/c", "such as a/b-c"),
        ("a/../b", "such as a/b"),
        ("a/größe", "such as a/gr-e"),
        ("a/-b", "such as a/b"),
        ("a/con", "cannot be the name of a folder on Windows"),
        ("nul/a", "cannot be the name of a folder on Windows"),
        ("a/" + "b" * 61, "is longer than 60 characters"),
    ],
)
def test_names_that_cannot_be_used_are_refused(
    tmp_path: Path, id_: str, sentence: str
) -> None:
    with pytest.raises(ToolError, match=sentence):
        new_tool(id_, tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Choose python or other"):
        new_tool("a/b", tmp_path, language="cobol")  # type: ignore[arg-type]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new = new_tool("my-tools/invert", tmp_path)
    (new.folder / "tool.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(ToolError, match="invert is there already"):
        new_tool("my-tools/invert", tmp_path)
    assert (new.folder / "tool.yaml").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_no_toolbox_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "my-tools").mkdir()
    (tmp_path / "my-tools" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ToolError, match="is there already and is no toolbox"):
        new_tool("my-tools/invert", tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["my-tools", "thesis.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "my-tools").mkdir()
    assert new_tool("my-tools/invert", tmp_path).is_new_toolbox


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("other", "python", "has no Python environment"),
        ("python", "other", "in which another language would not run"),
    ],
)
def test_a_toolbox_is_for_one_kind_of_language(
    tmp_path: Path, first: Language, second: Language, sentence: str
) -> None:
    new_tool("box/one", tmp_path, language=first)
    with pytest.raises(ToolError, match=sentence):
        new_tool("box/two", tmp_path, language=second)
    assert not (tmp_path / "box" / "two").exists()


def test_a_toolbox_of_another_id_is_named(tmp_path: Path) -> None:
    new = new_tool("box/one", tmp_path)
    path = new.toolbox_folder / "toolbox.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: box", "id: chest"), encoding="utf-8")
    with pytest.raises(ToolError, match="its toolbox is 'chest'"):
        new_tool("box/two", tmp_path)


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_text
    calls: list[Path] = []

    def fill_up(self: Path, *args: str, **options: str) -> int:
        calls.append(self)
        if len(calls) > 2:
            raise OSError(28, "No space left on device")
        return written(self, *args, **options)

    monkeypatch.setattr(Path, "write_text", fill_up)
    with pytest.raises(DataError, match="No space left on device"):
        new_tool("my-tools/invert", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_lock_of_the_template_is_exact_and_for_wheels(tmp_path: Path) -> None:
    new = new_tool("my-tools/invert", tmp_path)
    lock = (new.toolbox_folder / "requirements.lock").read_text(encoding="utf-8")
    pins = [line.split("==")[0] for line in lock.splitlines() if "==" in line]
    assert pins == ["imagecodecs", "numpy", "tifffile"]
    assert "--only-binary :all:" in lock
    assert "; python" not in lock  # the same versions for every Python
    wanted = (new.toolbox_folder / "requirements.in").read_text(encoding="utf-8")
    assert [line for line in wanted.splitlines() if not line.startswith("#")] == pins


def test_python_files_of_the_template_are_documented(tmp_path: Path) -> None:
    for path in new_tool("my-tools/invert", tmp_path).files:
        if path.suffix == ".py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert ast.get_docstring(tree)


def test_python_files_of_the_template_are_formatted(tmp_path: Path) -> None:
    new_tool("my-tools/invert", tmp_path)
    for arguments in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_names_are_texts_in_yaml(tmp_path: Path) -> None:
    new = new_tool("no/true", tmp_path)
    tool = load_tool(new.folder)
    assert tool.toolbox is not None
    assert (tool.toolbox.name, tool.tool.name) == ("No", "True")
    assert json.dumps(tool.tool.name) == '"True"'
