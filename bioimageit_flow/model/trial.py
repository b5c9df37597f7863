"""Tests that a tool brings along: inputs, parameters, and what is expected."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag, model_validator

from bioimageit_flow.model.described import Described, FileFunction, InnerPath


class TestInput(Described):
    """Where one input of a test comes from: a recipe, or a file of the tool.

    Attributes
    ----------
    recipe : str or None
        ``tests/make.py:function``; the function writes the file at the path it gets.
    file : str or None
        A file of the tool's folder.
    annotations : dict
        Annotations that the item has.
    """

    __test__ = False

    recipe: FileFunction | None = None
    file: InnerPath | None = None
    annotations: dict[str, bool | int | float | str] = {}

    @model_validator(mode="after")
    def _one_source(self) -> "TestInput":
        if (self.recipe is None) == (self.file is None):
            raise ValueError("a test input needs either 'recipe' or 'file'")
        return self


def _one_or_many(value: object) -> str:
    return "many" if isinstance(value, list | tuple) else "one"


TestInputs = Annotated[
    Annotated[TestInput, Tag("one")] | Annotated[list[TestInput], Tag("many")],
    Discriminator(_one_or_many),
]


class ToolTest(Described):
    """One test of a tool: inputs, parameters, and what is expected.

    Attributes
    ----------
    name : str
        What the test shows, in a few words.
    inputs : dict
        By input port: a recipe or a file; a list of them for a group.
    parameters : dict
        Values that differ from the defaults.
    expect : dict
        By output port: what its file must be, such as ``{shape: [64, 64]}``,
        ``{mean: {value: 3.5, within: 0.1}}`` or ``{count: {min: 2, max: 4}}``.
    check : str or None
        ``tests/check.py:function``; called with the paths of all ports by name.
    fails : str or None
        Part of the message with which the tool must refuse.
    """

    __test__ = False

    name: str = ""
    inputs: dict[str, TestInputs] = {}
    parameters: dict[str, Any] = {}
    expect: dict[str, dict[str, Any]] = {}
    check: FileFunction | None = None
    fails: str | None = None

    @model_validator(mode="after")
    def _fails_or_gives(self) -> "ToolTest":
        if self.fails is not None and (self.expect or self.check):
            raise ValueError("a test that 'fails' gives nothing to 'expect' or 'check'")
        if self.fails == "":
            raise ValueError("'fails' must say a part of the message")
        return self

    def items(self, port: str) -> list[TestInput]:
        """Return the inputs of a port: none, one, or those of a group."""
        given = self.inputs.get(port, [])
        return [given] if isinstance(given, TestInput) else list(given)
