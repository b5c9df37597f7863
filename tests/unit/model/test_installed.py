"""An installed tool is hashed when a hash is asked for, once."""

import pickle
from dataclasses import FrozenInstanceError, replace
from functools import partial
from pathlib import Path

import pytest

from bioimageit_flow.errors import ToolError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.tool import InstalledTool, Tool

TOOL = Tool.model_validate(
    {
        "schema": "bioimageit-flow/tool/1",
        "id": "a/b",
        "version": "1.0.0",
        "name": "B",
        "summary": "B.",
        "command": ["p", "{out}"],
        "outputs": {"out": {"kind": "file", "format": "text"}},
    }
)
CODE, TRUST = Sha256("c" * 64), Sha256("d" * 64)


class Hashing:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Sha256:
        self.calls += 1
        return CODE


def installed(code: Hashing) -> InstalledTool:
    here = Path("/tools/a/b")
    return InstalledTool(TOOL, here, here.parent, "user", code, TRUST)


def test_hash_is_computed_once_and_not_before_it_is_asked_for() -> None:
    hashing = Hashing()
    tool = installed(hashing)
    assert (tool.ref, tool.trust_sha256, hashing.calls) == ("a/b@1.0.0", TRUST, 0)
    assert (tool.code_sha256, tool.code_sha256, hashing.calls) == (CODE, CODE, 1)


def test_a_failed_hash_is_tried_again() -> None:
    def fail() -> Sha256:
        raise ToolError("A link leaves the folder.")

    tool = replace(installed(Hashing()), code_sha256=CODE)
    broken = InstalledTool(TOOL, tool.folder, tool.folder, "user", fail, TRUST)
    for _ in range(2):
        with pytest.raises(ToolError, match="leaves the folder"):
            _ = broken.code_sha256


def test_both_hashes_must_be_given() -> None:
    here = Path("/tools/a/b")
    with pytest.raises(TypeError, match="trust_sha256"):
        InstalledTool(TOOL, here, here, "user", CODE)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        installed(Hashing()).origin = "built-in"  # type: ignore[misc]


def test_a_copy_has_the_same_hashes() -> None:
    tool = installed(Hashing())
    copy = replace(tool, origin="folder")
    assert (copy.code_sha256, copy.trust_sha256) == (CODE, TRUST)
    assert copy != tool


def test_it_can_be_sent_to_another_process() -> None:
    here = Path("/tools/a/b")
    tool = InstalledTool(TOOL, here, here, "user", partial(Sha256, CODE), TRUST)
    assert pickle.loads(pickle.dumps(tool)).code_sha256 == CODE
