"""Binding: the items of the experiment that a run puts on its dataset inputs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.token import Datum, Order, Token
from bioimageit_flow.errors import FlowError, QueryError, StoreError
from bioimageit_flow.model.annotation import Conflict, View
from bioimageit_flow.model.data import DataInfo, DatasetKind, Item, Produced
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.model.kinds import Kind, reads, takes, takes_axes
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.query import Facts, facts_of
from bioimageit_flow.model.selection import Binding, read_binding
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import DatasetInput, Document
from bioimageit_flow.workflow.sweeps import swept_part

MAX_NAMED = 5
NONE: Facts = {}


@dataclass(frozen=True, slots=True)
class Bound:
    """What the dataset inputs of a run are bound to.

    Attributes
    ----------
    tokens : mapping of str to list of Token
        By dataset input, in item order.
    words : mapping of str to str
        In words, for people and for the record.
    excluded : mapping of str to str
        What stays out of every run, by name, with the reason that somebody gave.
    """

    tokens: Mapping[str, list[Token]]
    words: Mapping[str, str]
    problems: tuple[Problem, ...]
    excluded: Mapping[str, str] = field(default_factory=dict)

    @property
    def parted(self) -> frozenset[str]:
        """Dataset inputs several of whose items descend from the same raw item."""
        return frozenset(
            name
            for name, tokens in self.tokens.items()
            if any(token.parts for token in tokens)
        )


def bind(
    document: Document,
    bindings: Mapping[str, str],
    store: Store,
    finder: ContentFinder,
    *,
    is_asked: bool = True,
) -> Bound:
    """Return the items on each dataset input, and every problem with them.

    Parameters
    ----------
    document : Document
        The workflow.
    bindings : mapping of str to str
        What each dataset input takes, as `read_binding` reads it.
    is_asked : bool
        Whether a query will ask for facts of the items, which take much memory.
    """
    excluded: dict[str, str] = {}
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
        words[name] = bindings[name]
        try:
            items = _items(read_binding(bindings[name], names), store)
        except FlowError as error:
            is_unknown = isinstance(error, StoreError) and "dataset" in error.message
            fix = f"Datasets are: {known}." if is_unknown else error.remedy
            text = f"The input {name!r}: {error.message}"
            code = "query" if isinstance(error, QueryError) else "unknown-dataset"
            problems.append(_error(code, text, name, fix))
            continue
        taken = [item for item in items if not item.excluded]
        excluded |= {item.name: item.excluded for item in items if item.excluded}
        left = (
            f", {len(items) - len(taken)} excluded" if len(taken) < len(items) else ""
        )
        if not taken:
            text = f"{bindings[name]!r} has no items for the input {name!r}{left}."
            fix = "Import files, or bind something else."
            problems.append(_error("empty-dataset", text, name, fix))
        tokens[name] = _tokens(name, taken, store, is_asked=is_asked)
        words[name] = f"{bindings[name]} ({len(taken)} items{left})"
        problems.extend(_item_problems(name, entry, taken, finder))
    return Bound(tokens, words, tuple(problems), excluded)


def _items(binding: Binding, store: Store) -> list[Item]:
    """Return the items that a binding means.

    Raises
    ------
    StoreError
        If there is no such dataset or item.
    QueryError
        If a regular expression takes too long.
    """
    if binding.ids:
        return [_one_item(text, store) for text in binding.ids]
    raw = [one.name for one in store.datasets() if one.kind is DatasetKind.RAW]
    names = binding.datasets or tuple(raw)
    items = [item for name in names for item in store.items(name)]
    if binding.where is None:
        return items
    views = store.views([item.id for item in items])
    facts = _facts(items, store)
    return [
        item for item in items if binding.where.matches(views[item.id], facts[item.id])
    ]


def _facts(items: Sequence[Item], store: Store) -> dict[ItemId, Facts]:
    """Return what queries can ask of items; a run also by its folder and name."""
    names: dict[RunId, tuple[str, str]] = {}
    if any(isinstance(item.origin, Produced) for item in items):
        names = {run.id: (run.folder, run.name) for run in store.runs()}
    return {
        item.id: facts_of(
            item,
            names[item.origin.run] if isinstance(item.origin, Produced) else (),
        )
        for item in items
    }


def _one_item(text: str, store: Store) -> Item:
    found = store.find_items(text)
    if len(found) != 1:
        raise StoreError(
            f"{text!r} is {'no item' if not found else f'{len(found)} items'}.",
            remedy="Give the ids that `bioimageit-flow items` lists.",
        )
    return found[0]


def _tokens(
    source: str, items: list[Item], store: Store, *, is_asked: bool
) -> list[Token]:
    views = store.views([item.id for item in items])
    roots = _own_roots(store.roots([item.id for item in items]))
    facts = _facts(items, store) if is_asked else {}
    tokens = [
        _token(source, item, views[item.id], roots[item.id], facts.get(item.id, NONE))
        for item in items
    ]
    return sorted(_told_apart(tokens), key=lambda token: token.order)


def _own_roots(
    roots: Mapping[ItemId, frozenset[ItemId]],
) -> Mapping[ItemId, frozenset[ItemId]]:
    """Return roots without those that all items share: a PSF makes no relatives."""
    if len(roots) < 2:
        return roots
    shared = frozenset.intersection(*roots.values())
    if not shared:
        return roots
    own = {item: some - shared for item, some in roots.items()}
    return own if all(own.values()) else roots


def _token(
    source: str, item: Item, view: View, roots: frozenset[ItemId], facts: Facts
) -> Token:
    return Token(
        source=source,
        datum=Datum(
            *(item.id, item.name, item.content, item.info, item.selector),
            corrected=item.corrected,
        ),
        roots=roots,
        view=view,
        order=item_order(item),
        name=f"{item.name} ({item.selector})" if item.selector else item.name,
        facts=facts,
    )


def _told_apart(tokens: list[Token]) -> Iterator[Token]:
    """Yield tokens with the parts by which those of the same raw items differ.

    Parts are the values of the keys that differ among them: of a sweep, or which of
    many outputs it is.
    """
    families: dict[frozenset[ItemId], list[Token]] = {}
    for token in tokens:
        families.setdefault(token.roots, []).append(token)
    for family in families.values():
        if len(family) == 1:
            yield from family
            continue
        keys = sorted({key for token in family for key in token.view})
        telling = [
            key
            for key in keys
            if len({repr(token.view.get(key)) for token in family}) > 1
        ]
        for token in family:
            values = ((key, token.view.get(key)) for key in telling)
            parts = tuple(
                swept_part(key, value)
                for key, value in values
                if value is not None and not isinstance(value, Conflict)
            )
            yield replace(token, parts=parts)


def item_order(item: Item) -> Order:
    """Return what sorts an item: its name as people sort it, then its content.

    Neither the order of import nor the random id decides, so that a group has one
    order, and one fingerprint, in every experiment.
    """
    natural = re.sub(r"\d+", lambda digits: digits[0].zfill(12), item.name.lower())
    return (natural, item.name, item.content.sha256, item.selector, item.part)


def _item_problems(
    name: str, entry: DatasetInput, items: Sequence[Item], finder: ContentFinder
) -> list[Problem]:
    refused: dict[str, list[str]] = {}
    problems: list[Problem] = []
    finder.expect(item.content for item in items)
    for item in items:
        reason = _misfit(entry, item.info)
        if reason:
            refused.setdefault(reason, []).append(item.name)
        try:
            finder.check(item.content)
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
    if not reads(entry.formats, info.format, is_image=info.axes is not None):
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
