"""Whether the units of parameters agree with the annotations that give their values."""

from collections.abc import Iterator, Mapping

from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.workflow.document import Document, FromAnnotation


def unit_problems(
    document: Document, tools: Mapping[str, InstalledTool], store: Store
) -> Iterator[Problem]:
    """Yield a problem for each parameter that is bound to a key of another unit."""
    bound = [
        (node, name, setting.annotation)
        for node, entry in document.nodes.items()
        for name, setting in entry.parameters.items()
        if isinstance(setting, FromAnnotation) and node in tools
    ]
    if not bound:
        return
    units = {use.name: use.key.unit for use in store.key_uses() if use.key}
    for node, name, key in bound:
        parameter = tools[node].tool.parameters.get(name)
        wanted, given = parameter.unit if parameter else "", units.get(key, "")
        if wanted and given and _plain(wanted) != _plain(given):
            yield Problem(
                "unit-mismatch",
                Severity.ERROR,
                f"Parameter {name!r} of {node} is in {wanted}, but the key {key!r} is "
                f"in {given}.",
                node=node,
                fix=f"Keep the values in {wanted}, under a key of their own.",
            )


def _plain(unit: str) -> str:
    return unit.strip().replace("µ", "u").replace("\u03bc", "u")
