"""Recipes and checks of a tool, as jobs that run where the tool runs."""

from collections.abc import Mapping, Set
from dataclasses import replace

from bioimageit_flow.executors.staging import StagedInput
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.tool import TOOL_SCHEMA, InstalledTool, Tool

_CALL = """
import importlib.util, pathlib, sys
path = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(path.parent), str(path.parent.parent)]
spec = importlib.util.spec_from_file_location("tool_test_functions", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
function = getattr(module, sys.argv[2])
positional, named = [], dict()
for argument in sys.argv[3:]:
    name, _, text = argument.partition("=")
    value = pathlib.Path(text)
    if not name:
        positional.append(value)
    elif name.endswith("[]"):
        named.setdefault(name[:-2], []).append(value)
    else:
        named[name] = value
try:
    function(*positional, **named)
except AssertionError as error:
    sys.exit(str(error))
"""


def recipe_tool(
    tool: InstalledTool, recipe: str, kind: Kind, form: str
) -> InstalledTool:
    """Return a tool that calls a recipe: a function that writes the file it is given.

    Parameters
    ----------
    recipe : str
        ``tests/make.py:function``.
    kind, form
        Of the file; its output port is called ``made``.
    """
    return _calling(tool, recipe, ["={made}"], {"made": (kind, form)}, {})


def check_tool(
    tool: InstalledTool,
    check: str,
    files: Mapping[str, tuple[StagedInput, ...]],
    groups: Set[str],
) -> InstalledTool:
    """Return a tool that calls a check with the inputs and outputs of a test.

    Parameters
    ----------
    check : str
        ``tests/check.py:function``.
    files : mapping of str to tuple of StagedInput
        By port.
    groups : set of str
        Ports whose files are given as a list.
    """
    arguments: list[object] = [
        {"each": port, "args": [f"{port}{'[]' if port in groups else ''}={{item}}"]}
        for port in files
    ]
    nothing = {"nothing": (Kind.FILE, "file")}
    return _calling(tool, check, arguments, nothing, dict.fromkeys(files, "group"))


def _calling(
    tool: InstalledTool,
    function: str,
    arguments: list[object],
    outputs: Mapping[str, tuple[Kind, str]],
    inputs: Mapping[str, str],
) -> InstalledTool:
    script, _, name = function.partition(":")
    code = _CALL.replace("{", "{{").replace("}", "}}")
    descriptor = {
        "schema": TOOL_SCHEMA,
        "id": tool.tool.id,
        "version": tool.tool.version,
        "name": f"{function} of {tool.tool.name}",
        "summary": "A function of the tests of a tool.",
        "command": ["python", "-c", code, f"/tool/{script}", name, *arguments],
        "inputs": {
            port: {"kind": "file", "takes": takes} for port, takes in inputs.items()
        },
        "outputs": {
            port: {"kind": kind, "format": form, "optional": True}
            for port, (kind, form) in outputs.items()
        },
        "resources": tool.tool.resources.model_dump(),
    }
    return replace(tool, tool=Tool.model_validate(descriptor))
