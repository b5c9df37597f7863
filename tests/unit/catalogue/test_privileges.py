"""What a tool asks for, in sentences."""

from pathlib import Path
from typing import Any

from bioimageit_flow.catalogue import Right, load_tool, rights

MakeTool = Any


def asked(folder: Path) -> dict[str, Right]:
    return {right.topic: right for right in rights(load_tool(folder))}


def test_a_plain_tool_asks_for_little(make_tool: MakeTool) -> None:
    folder = make_tool()
    found = asked(folder)
    assert found["image"].text == "Runs in the image local/box:1."
    assert str(folder.parent / "Dockerfile") in found["build"].text
    assert found["command"].text == (
        "Runs: python /tool/blur.py --image={image} --result={result} --sigma={sigma}"
    )
    assert str(folder) in found["files"].text
    assert str(folder.parent / "lib") in found["files"].text
    assert found["network"].text == "Asks for no network."
    assert found["memory"].text == "Asks for 2.0 GiB of memory."
    assert found["time"].text == "May run for 1 h 0 min per job."
    assert "gpu" not in found


def test_running_without_isolation_is_said_plainly(make_tool: MakeTool) -> None:
    isolation = asked(make_tool())["isolation"]
    assert isolation.is_notable
    assert "it can read and change all that you can" in isolation.text


def test_a_container_only_tool_stays_isolated(make_tool: MakeTool) -> None:
    isolation = asked(make_tool(box={"environment": None}))["isolation"]
    assert not isolation.is_notable
    assert "in a container only" in isolation.text


def test_network_and_gpu_are_notable(make_tool: MakeTool) -> None:
    found = asked(make_tool({"resources": {"network": True, "gpu": 2}}))
    assert found["network"].is_notable
    assert found["gpu"].text == "Asks for 2 GPUs."


def test_a_published_image_names_where_it_comes_from(make_tool: MakeTool) -> None:
    found = asked(make_tool({"container": {"image": "org/x", "tag": "2"}}))
    assert found["image"].text == "Runs in the image org/x:2 (from a registry)."
    assert "build" not in found


def test_optional_arguments_are_shown(make_tool: MakeTool) -> None:
    changes = {
        "inputs": {
            "tables": {"kind": "table", "takes": "group"},
            "mask": {"kind": "labels", "optional": True},
        },
        "outputs.result.like": None,
        "command": [
            "p",
            {"when": "mask", "args": ["--mask={mask}"]},
            {"each": "tables", "args": ["--in", "{item}"]},
        ],
    }
    assert asked(make_tool(changes))["command"].text == (
        "Runs: p [--mask={mask}, if there is mask] [--in {item}, for each of tables]"
    )


def test_nothing_can_hide_from_who_reads_it_in_a_terminal(make_tool: MakeTool) -> None:
    command = ["p", "evil\x1b[2K\r\u202ekind"]
    text = asked(make_tool({"command": command}))["command"].text
    assert text == "Runs: p evil\\x1b[2K\\r\\u202ekind"


def test_what_is_mounted_is_said(make_tool: MakeTool) -> None:
    mounts = asked(make_tool())["mounts"]
    assert not mounts.is_notable
    for place in ("/tool and /toolbox/lib", "/job/in", "/job/out"):
        assert place in mounts.text


def test_gpu_that_can_be_missing_is_told_apart(make_tool: MakeTool) -> None:
    found = asked(make_tool({"resources": {"gpu": 1, "gpu_optional": True}}))
    assert found["gpu"].text == "Asks for a graphics processor, and can do without."
