"""Binding: the items of the experiment that a run puts on its dataset inputs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.token import Datum, Order, Token
from bioimageit_flow.errors import FlowError
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import DataInfo, DatasetKind, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.kinds import Kind, takes, takes_axes, takes_format
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import DatasetInput, Document

MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Bound:
    """What the dataset inputs of a run are bound to.

    Attributes
    ----------
    tokens : mapping of str to list of Token
        By dataset input, in item order.
    words : mapping of str to str
        In words, for people and for the record.
    """

    tokens: Mapping[str, list[Token]]
    words: Mapping[str, str]
    problems: tuple[Problem, ...]


def bind(
    document: Document,
    bindings: Mapping[str, str],
    store: Store,
    finder: ContentFinder,
) -> Bound:
    """Return the items on each dataset input, and every problem with them.

    Parameters
    ----------
    document : Document
        The workflow.
    bindings : mapping of str to str
        Name of a dataset for each dataset input.
    """
    tokens: dict[str, list[Token]] = {}
    words: dict[str, str] = {}
    problems: list[Problem] = []
    datasets = store.datasets()
    names = {dataset.name for dataset in datasets}
    raw = [one.name for one in datasets if one.kind is DatasetKind.RAW]
    known = ", ".join(raw) or "none yet"
    for name in bindings:
        if name not in document.inputs:
            inputs = ", ".join(document.inputs) or "none"
            text = f"The workflow has no dataset input {name!r} (it has: {inputs})."
            problems.append(_error("unknown-input", text, name, "Correct --bind."))
    for name, entry in document.inputs.items():
        tokens[name] = []
        if name not in bindings:
            fix = f"Use --bind {name}=DATASET (datasets: {known})."
            text = f"The dataset input {name!r} is not bound."
            problems.append(_error("unbound-input", text, name, fix))
            continue
        dataset = bindings[name]
        words[name] = dataset
        if dataset not in names:
            text = f"There is no dataset {dataset!r} for the input {name!r}."
            fix = f"Datasets are: {known}."
            problems.append(_error("unknown-dataset", text, name, fix))
            continue
        items = list(store.items(dataset))
        if not items:
            text = f"The dataset {dataset!r} is empty, so {name!r} has no items."
            problems.append(
                _error("empty-dataset", text, name, "Import files into it.")
            )
        tokens[name] = _tokens(name, items, store)
        words[name] = f"{dataset} ({len(items)} items)"
        problems.extend(_item_problems(name, entry, items, finder))
    return Bound(tokens, words, tuple(problems))


def _tokens(source: str, items: list[Item], store: Store) -> list[Token]:
    views = store.views([item.id for item in items])
    roots = store.roots([item.id for item in items])
    tokens = [_token(source, item, views[item.id], roots[item.id]) for item in items]
    return sorted(tokens, key=lambda token: token.order)


def _token(source: str, item: Item, view: View, roots: frozenset[ItemId]) -> Token:
    parts = ((item.dataset, item.part),) if item.part else ()
    return Token(
        source=source,
        datum=Datum(item.id, item.name, item.content, item.info, item.selector),
        roots=roots,
        view=view,
        order=item_order(item),
        name=f"{item.name} ({item.selector})" if item.selector else item.name,
        parts=parts,
    )


def item_order(item: Item) -> Order:
    """Return what sorts an item: its name as people sort it, then its content.

    Neither the order of import nor the random id decides, so that a group has one
    order, and one fingerprint, in every experiment.
    """
    natural = re.sub(r"\d+", lambda digits: digits[0].zfill(12), item.name.lower())
    return (natural, item.name, item.content.sha256, item.selector, item.part)


def _item_problems(
    name: str, entry: DatasetInput, items: Iterable[Item], finder: ContentFinder
) -> list[Problem]:
    refused: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for item in items:
        reason = _misfit(entry, item.info)
        if reason:
            refused.setdefault(reason, []).append(item.name)
        try:
            finder.find(item.content)
        except FlowError as error:
            problems.append(
                _error("missing-file", error.message, name, error.remedy, item.name)
            )
    for reason, names in refused.items():
        shown = ", ".join(names[:MAX_NAMED])
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        text = f"The input {name!r} cannot take {shown}{more}: {reason}."
        fix = "Bind another dataset, or leave these items out of it."
        problems.append(_error("item-misfit", text, name, fix, names[0]))
    return problems


def _misfit(entry: DatasetInput, info: DataInfo) -> str:
    if not _kind_fits(entry.kind, info):
        if entry.kind is Kind.LABELS and info.kind is Kind.IMAGE:
            return f"labels need whole numbers, the pixels are {info.dtype}"
        return f"it takes {entry.kind}, this is {info.kind}"
    if not info.series and not takes_axes(entry.axes, info.axes):
        return f"it takes axes {' or '.join(entry.axes)}, this has {info.axes}"
    if not takes_format(entry.formats, info.format):
        return f"it takes {' or '.join(entry.formats)}, this is {info.format}"
    return ""


def _kind_fits(wanted: Kind, info: DataInfo) -> bool:
    """Say whether a raw item fits an input.

    A file does not say whether its pixels are an image or labels, or what the rows of
    a table are, so that pixels of whole numbers can be either.
    """
    if wanted is Kind.LABELS and info.kind is Kind.IMAGE:
        return info.dtype is not None and info.dtype.startswith(("int", "uint", "bool"))
    if wanted.is_tabular:
        return info.kind.is_tabular
    return takes(wanted, info.kind) or wanted is Kind.MODEL


def _error(code: str, text: str, port: str, fix: str, item: str = "") -> Problem:
    return Problem(code, Severity.ERROR, text, port=port, item=item, fix=fix)
