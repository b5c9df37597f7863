"""What a run takes, frozen when it begins, and put back when it goes on.

Annotations may be corrected later, datasets grow, items are excluded; what the run
paired, grouped and read by is kept in ``inputs.json`` in its folder.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.token import Token
from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.places import writing
from bioimageit_flow.workflow.file import write_document

INPUTS = "inputs.json"
CAME_LATER = "came after the run began"

_Frozen = Mapping[str, Any]


def freeze(folder: Path, prepared: Prepared) -> None:
    """Write what a run takes into its folder.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    text = json.dumps(frozen_inputs(prepared), ensure_ascii=False, indent=1)
    path = folder / INPUTS
    with writing(path):
        new = path.with_name(f"{INPUTS}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def frozen_inputs(prepared: Prepared) -> dict[str, object]:
    """Return what a run takes, with the annotations as they are when it begins."""
    return {
        "schema": "bioimageit-flow/inputs/1",
        "bindings": dict(prepared.request.bindings),
        "subset": prepared.request.subset.words,
        "excluded": dict(prepared.bound.excluded),
        "expanded_sha256": _expanded(prepared),
        "inputs": {
            name: [
                {
                    "item": token.datum.id if token.datum else "",
                    "name": token.name,
                    "annotations": {
                        key: list(value.values)
                        if isinstance(value, Conflict)
                        else value
                        for key, value in sorted(token.view.items())
                    },
                }
                for token in tokens
                if not token.left_out
            ]
            for name, tokens in prepared.bound.tokens.items()
        },
    }


def thaw(folder: Path, prepared: Prepared) -> Prepared:
    """Put back what a run took when it began.

    Items that came later stay out; items that were excluded since then stay out too,
    which is how somebody gives up one that always fails.

    Raises
    ------
    StoreError
        If what was frozen is damaged.
    """
    try:
        read = json.loads((folder / INPUTS).read_text(encoding="utf-8"))
        frozen: _Frozen = read["inputs"]
        expanded = read.get("expanded_sha256")
        problems: list[Problem] = []
        if expanded is not None and expanded != _expanded(prepared):
            problems.append(_changed())
        tokens = {
            name: _put_back(name, some, frozen.get(name, []), prepared, problems)
            for name, some in prepared.bound.tokens.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"The run {folder.name[:8]} has no readable {INPUTS}, so it cannot go on.",
            remedy="Run the workflow again: results that are known are reused.",
        ) from error
    return replace(
        prepared,
        bound=replace(prepared.bound, tokens=tokens),
        problems=(*prepared.problems, *problems),
    )


def _put_back(
    name: str,
    tokens: list[Token],
    frozen: list[_Frozen],
    prepared: Prepared,
    problems: list[Problem],
) -> list[Token]:
    known = {entry["item"]: entry for entry in frozen}
    back = []
    for token in tokens:
        entry = known.pop(token.datum.id, None) if token.datum else None
        if entry is not None:
            back.append(
                replace(token, view=_view(entry["annotations"]), name=entry["name"])
            )
        else:
            back.append(replace(token, left_out=token.left_out or CAME_LATER))
    excluded = prepared.bound.excluded
    problems += [
        _gone(name, entry["name"])
        for entry in known.values()
        if entry["name"] not in excluded
    ]
    return back


def _view(frozen: _Frozen) -> View:
    return {
        key: Conflict(tuple(value)) if isinstance(value, list) else value
        for key, value in frozen.items()
    }


def _expanded(prepared: Prepared) -> str:
    return canonical_hash(write_document(prepared.document))


def _gone(port: str, item: str) -> Problem:
    return Problem(
        "item-gone",
        Severity.ERROR,
        f"{item}, which the run took on its input {port!r}, is there no more.",
        port=port,
        item=item,
        fix="Start a new run: results that are known are reused.",
    )


def _changed() -> Problem:
    return Problem(
        "workflow-changed",
        Severity.ERROR,
        "A subworkflow file or a tool that the run uses has changed since it began.",
        fix="Start a new run: results that are known are reused.",
    )
