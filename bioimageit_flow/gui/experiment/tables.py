"""Small tables in dialogs: made, and fitted to what stands in them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget


def table(name: str, *titles: str) -> QTreeWidget:
    """Return an empty table with an accessible name and the titles of columns."""
    made = QTreeWidget()
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    # what is cut short is often a path, whose end tells most
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.setAccessibleName(name)
    if titles:
        retitle(made, *titles)
    return made


def retitle(tree: QTreeWidget, *titles: str) -> None:
    """Empty a table and give it other columns; Qt alone keeps those beyond the new."""
    tree.clear()
    tree.setColumnCount(len(titles))
    tree.setHeaderLabels(list(titles))


def fit(tree: QTreeWidget, widest: int = 320) -> None:
    """Make columns as wide as what stands in them, within what is readable."""
    header = tree.header()
    header.setStretchLastSection(True)
    for place in range(tree.columnCount() - 1):
        header.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
        wanted = min(tree.sizeHintForColumn(place) + 16, widest)
        tree.setColumnWidth(place, max(wanted, header.sectionSizeHint(place), 90))
