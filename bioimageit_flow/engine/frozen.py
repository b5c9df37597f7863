"""What a run takes, frozen when it begins, and put back when it goes on.

Annotations may be corrected later, datasets grow, items are excluded; what the run
paired, grouped and read by is kept in ``inputs.json`` in its folder.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioimageit_flow.engine.bound_items import BoundItems
from bioimageit_flow.engine.prepare import Prepared
from bioimageit_flow.engine.token import Token
from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.publishing import write_text
from bioimageit_flow.workflow.file import write_document

INPUTS = "inputs.json"
CAME_LATER = "came after the run began"

_ENCODER = json.JSONEncoder(ensure_ascii=False)

_Frozen = Mapping[str, Any]


def freeze(folder: Path, prepared: Prepared) -> None:
    """Write what a run takes into its folder.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    write_text(folder / INPUTS, _lines(prepared))


def _lines(prepared: Prepared) -> Iterator[str]:
    """Yield a JSON text of what a run takes: one line for each item.

    Annotations are written as they are when the run begins.
    """
    head = {
        "schema": "bioimageit-flow/inputs/1",
        "bindings": dict(prepared.request.bindings),
        "subset": prepared.request.subset.words,
        "excluded": dict(prepared.bound.excluded),
        "expanded_sha256": _expanded(prepared),
    }
    yield f'{_ENCODER.encode(head).removesuffix("}")}, "inputs": {{'
    for count, (name, items) in enumerate(prepared.bound.items.items()):
        yield f"{',' if count else ''}\n{_ENCODER.encode(name)}: ["
        taken = (token for token in items if not token.left_out)
        for n, token in enumerate(taken):
            yield f"{',' if n else ''}\n {_ENCODER.encode(_entry(token))}"
        yield "]"
    yield "}}\n"


def _entry(token: Token) -> dict[str, object]:
    return {
        "item": token.datum.id if token.datum else "",
        "name": token.name,
        "annotations": {
            key: list(value.values) if isinstance(value, Conflict) else value
            for key, value in sorted(token.view.items())
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
        items = {
            name: _put_back(name, some, frozen.get(name, []), prepared, problems)
            for name, some in prepared.bound.items.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"The run {folder.name[:8]} has no readable {INPUTS}, so it cannot go on.",
            remedy="Run the workflow again: results that are known are reused.",
        ) from error
    return replace(
        prepared,
        bound=replace(prepared.bound, items=items),
        problems=(*prepared.problems, *problems),
    )


def _put_back(
    name: str,
    items: BoundItems,
    frozen: list[_Frozen],
    prepared: Prepared,
    problems: list[Problem],
) -> BoundItems:
    known = {entry["item"]: entry for entry in frozen}
    views: dict[int, View] = {}
    names: dict[int, str] = {}
    later: dict[int, str] = {}
    for n, item in enumerate(items.ids):
        entry = known.pop(item, None)
        if entry is not None:
            views[n], names[n] = _view(entry["annotations"]), entry["name"]
        else:
            later[n] = CAME_LATER
    excluded = prepared.bound.excluded
    problems += [
        _gone(name, entry["name"])
        for entry in known.values()
        if entry["name"] not in excluded
    ]
    return items.seen_as(views, names).without(later)


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
