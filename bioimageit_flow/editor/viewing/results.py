"""What a port of a run is looked at as: items one by one, or one tidy table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.session.results import Run

if TYPE_CHECKING:
    from bioimageit_flow.session.tables import TidyTable


@dataclass(frozen=True, slots=True, eq=False)
class PortResults:
    """What one port gave.

    Attributes
    ----------
    items : tuple of Item
        In item order.
    table : TidyTable or None
        All tables or numbers of the port as one; None for images.
    rows_of : tuple of Item
        The item of each row of the table.
    """

    node: str
    port: str
    items: tuple[Item, ...]
    table: "TidyTable | None" = None
    rows_of: tuple[Item, ...] = ()


def results_to_show(run: Run, node: str, port: str = "") -> PortResults:
    """Return the results of a port; reads its tables.

    Parameters
    ----------
    port : str
        By default the first of the node.

    Raises
    ------
    StoreError
        If there are no such results.
    DataError
        If a file is gone or was changed.
    """
    ports = [one for name, one in run.outputs() if name == node]
    if not port:
        if not ports:
            raise StoreError(
                f"The run {run.summary.folder} has no results of {node!r}.",
                remedy="Look at it again when the node has run.",
            )
        port = ports[0]
    results = run.results(node, port)
    items = tuple(result.item for result in results)
    kinds = {item.info.kind for item in items}
    if not items or not all(kind.is_tabular or kind is Kind.SCALAR for kind in kinds):
        return PortResults(node, port, items)
    if len(items) == 1 and not items[0].info.kind.is_tabular:
        return PortResults(node, port, items)
    table = run.table(node, port)
    by_name = {item.name: item for item in items}
    unique = len(by_name) == len(items)
    rows_of = tuple(
        by_name[str(row[0])] for row in table.rows if unique and str(row[0]) in by_name
    )
    known = rows_of if len(rows_of) == len(table.rows) else ()
    return PortResults(node, port, items, table, known)
