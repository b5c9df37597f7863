"""The same pipeline by other workflow programs, each step by the same ``docker run``.

The programs live in an environment of their own, made once under the user's cache, so
that nothing of them is needed by this project.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from bioimageit_flow.model.yaml_text import write_yaml
from tests.benchmarks.measuring import Measured, measure_command
from tests.benchmarks.pipeline_steps import (
    IMAGE,
    MERGE_IMAGE,
    MERGE_TOOLBOX,
    MERGED,
    NODES,
    STEPS,
    TOOLBOX,
    merge_command,
    result_name,
    step_command,
)

AT_A_TIME = 2

_PACKAGES = ("cwltool", "snakemake", "dask[distributed]")


def peers_folder() -> Path:
    """Return where the other programs are installed, or will be."""
    return user_cache_path("bioimageit-flow-bench") / "peers"


def install_peers() -> Path:
    """Install the other programs, if they are not there; return their programs."""
    place = peers_folder()
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    if not (programs / "snakemake").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        command = [str(programs / "python"), "-m", "pip", "install", "-q", *_PACKAGES]
        subprocess.run(command, check=True)
    return programs


def snakemake_way(stems: Sequence[str], data: Path, out: Path) -> Measured:
    """Run the pipeline by Snakemake."""
    rules = [f"rule all:\n    input: {str(out / MERGED)!r}\n"]
    for number in range(len(STEPS)):
        source = data / "{stem}.ome.tif"
        if number:
            source = out / result_name("{stem}", number - 1)
        target = out / result_name("{stem}", number)
        words = step_command(number, "STEM", data, out)
        shell = shlex.join(words).replace("STEM", "{wildcards.stem}")
        rules.append(
            f"rule step_{number + 1}:\n    input: {str(source)!r}\n"
            f"    output: {str(target)!r}\n    shell: {shell!r}\n"
        )
    last = [str(out / result_name(stem, len(STEPS) - 1)) for stem in stems]
    rules.append(
        f"rule merge:\n    input: {last!r}\n    output: {str(out / MERGED)!r}\n"
        f"    shell: {shlex.join(merge_command(out))!r}\n"
    )
    (out / "Snakefile").write_text("\n".join(rules), "utf-8")
    program = str(install_peers() / "snakemake")
    command = [program, "--cores", str(AT_A_TIME), "--snakefile", "Snakefile"]
    return measure_command([*command, "--quiet", "all"], folder=out)


def dask_way(stems: Sequence[str], data: Path, out: Path) -> Measured:
    """Run the pipeline by Dask, with a local cluster of threads."""
    lines = [
        [step_command(number, stem, data, out) for number in range(len(STEPS))]
        for stem in stems
    ]
    (out / "commands.json").write_text(
        json.dumps({"lines": lines, "merge": merge_command(out)}), "utf-8"
    )
    (out / "by_dask.py").write_text(_BY_DASK, "utf-8")
    python = str(install_peers() / "python")
    return measure_command([python, "by_dask.py", str(AT_A_TIME)], folder=out)


_BY_DASK = """
import json, subprocess, sys
from pathlib import Path
from dask import delayed
from distributed import Client

def step(command, _after):
    subprocess.run(command, check=True)

if __name__ == "__main__":
    told = json.loads(Path("commands.json").read_text("utf-8"))
    slots = int(sys.argv[1])
    with Client(processes=False, n_workers=1, threads_per_worker=slots,
                dashboard_address=None):
        ends = []
        for line in told["lines"]:
            end = None
            for command in line:
                end = delayed(step, pure=False)(command, end)
            ends.append(end)
        delayed(step, pure=False)(told["merge"], ends).compute()
"""


def cwl_way(stems: Sequence[str], data: Path, out: Path) -> Measured:
    """Run the pipeline by cwltool, steps of several images at once."""
    tools = [_cwl_step(number) for number in range(len(STEPS))]
    for number, tool in enumerate(tools):
        (out / f"step_{number + 1}.cwl").write_text(write_yaml(tool), "utf-8")
    (out / "merge.cwl").write_text(write_yaml(_cwl_merge()), "utf-8")
    (out / "pipeline.cwl").write_text(write_yaml(_cwl_pipeline()), "utf-8")
    inputs = {
        "images": [
            {"class": "File", "path": str(data / f"{stem}.ome.tif")} for stem in stems
        ],
        "job": {"class": "File", "path": str(out / "job.json")},
    }
    (out / "inputs.yml").write_text(write_yaml(inputs), "utf-8")
    program = str(install_peers() / "cwltool")
    command = [program, "--parallel", "--quiet", "--no-read-only", "--outdir", str(out)]
    return measure_command([*command, "pipeline.cwl", "inputs.yml"], folder=out)


def _cwl_tool(image: str, toolbox: str, tool: str) -> dict[str, object]:
    """Return what each tool has: its image, and its script and library as files."""
    script = NODES / toolbox / tool
    return {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": {
            "DockerRequirement": {"dockerPull": image},
            "InlineJavascriptRequirement": {},
            "EnvVarRequirement": {"envDef": {"PYTHONPATH": "$(inputs.library.path)"}},
            "InitialWorkDirRequirement": {"listing": []},
        },
        "baseCommand": ["python"],
        "inputs": {
            "script": {
                "type": "Directory",
                "default": {"class": "Directory", "location": script.as_uri()},
            },
            "library": {
                "type": "Directory",
                "default": {
                    "class": "Directory",
                    "location": (NODES / toolbox / "lib").as_uri(),
                },
            },
        },
    }


def _cwl_step(number: int) -> dict[str, object]:
    step = STEPS[number]
    tool = _cwl_tool(IMAGE, TOOLBOX, step.tool)
    inputs = tool["inputs"]
    assert isinstance(inputs, dict)
    inputs["source"] = {"type": "File"}
    name = f"$(inputs.source.basename.split('.')[0]).{number + 1}{step.ending}"
    tool["arguments"] = [
        f"$(inputs.script.path)/{step.script}",
        f"{step.takes}=$(inputs.source.path)",
        f"{step.gives}={name}",
        *step.options,
    ]
    glob = f"*.{number + 1}{step.ending}"
    tool["outputs"] = {"result": {"type": "File", "outputBinding": {"glob": glob}}}
    return tool


def _cwl_merge() -> dict[str, object]:
    tool = _cwl_tool(MERGE_IMAGE, MERGE_TOOLBOX, "concatenate")
    inputs = tool["inputs"]
    assert isinstance(inputs, dict)
    inputs["tables"] = {"type": "File[]"}
    inputs["job"] = {"type": "File"}
    listing = (
        "${return inputs.tables.map(function(f){return f.path}).join('\\n')+'\\n'}"
    )
    requirements = tool["requirements"]
    assert isinstance(requirements, dict)
    requirements["InitialWorkDirRequirement"] = {
        "listing": [{"entryname": "tables.list", "entry": listing}]
    }
    tool["arguments"] = [
        "$(inputs.script.path)/concatenate.py",
        "--tables-list=tables.list",
        "--job=$(inputs.job.path)",
        f"--table={MERGED}",
        "--items=items.csv",
        "--keys=*",
        "--empty=keep",
    ]
    tool["outputs"] = {"table": {"type": "File", "outputBinding": {"glob": MERGED}}}
    return tool


def _cwl_pipeline() -> dict[str, object]:
    steps: dict[str, object] = {}
    source = "images"
    for number in range(len(STEPS)):
        name = f"step_{number + 1}"
        steps[name] = {
            "run": f"{name}.cwl",
            "scatter": "source",
            "in": {"source": source},
            "out": ["result"],
        }
        source = f"{name}/result"
    steps["merge"] = {
        "run": "merge.cwl",
        "in": {"tables": source, "job": "job"},
        "out": ["table"],
    }
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "requirements": {"ScatterFeatureRequirement": {}},
        "inputs": {"images": "File[]", "job": "File"},
        "outputs": {"merged": {"type": "File", "outputSource": "merge/table"}},
        "steps": steps,
    }
