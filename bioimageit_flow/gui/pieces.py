"""Small pieces that every panel is made of: labels, lines, buttons, layouts."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

Role = Literal[
    "muted", "small", "heading", "title", "section", "error", "warning", "chip", ""
]


def label(text: str, role: Role = "", *, wraps: bool = False) -> QLabel:
    """Return a label that shows plain text in one of the roles of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    if wraps:
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    return made


def line() -> QFrame:
    """Return a thin line between parts."""
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made


def button(
    text: str,
    call: Callable[[], object],
    *,
    role: Literal["primary", "quiet", ""] = "",
    icon: QIcon | None = None,
    tip: str = "",
) -> QPushButton:
    """Return a push button."""
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setAutoDefault(False)
    if icon is not None:
        made.setIcon(icon)
    if tip:
        made.setToolTip(tip)
    made.clicked.connect(lambda: call())
    return made


def tool_button(
    name: str, icon: QIcon, call: Callable[[], object] | None = None, *, size: int = 16
) -> QToolButton:
    """Return a button that is only an icon; its name is its tip."""
    made = QToolButton()
    made.setIcon(icon)
    made.setIconSize(QSize(size, size))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if call is not None:
        made.clicked.connect(lambda: call())
    return made


def column(
    *parts: QWidget | QLayout | None, margin: int = 0, gap: int = 6
) -> QVBoxLayout:
    """Return a column; None stands for what stretches."""
    made = QVBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    _fill(made, parts)
    return made


def row(*parts: QWidget | QLayout | None, margin: int = 0, gap: int = 6) -> QHBoxLayout:
    """Return a row; None stands for what stretches."""
    made = QHBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    _fill(made, parts)
    return made


def holder(layout: QLayout) -> QWidget:
    """Return a widget around a layout."""
    made = QWidget()
    made.setLayout(layout)
    return made


def clear(layout: QLayout) -> None:
    """Remove everything from a layout, with what lies in it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet asks for, and have it look again."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _fill(
    layout: QVBoxLayout | QHBoxLayout, parts: tuple[QWidget | QLayout | None, ...]
) -> None:
    for part in parts:
        match part:
            case None:
                layout.addStretch(1)
            case QWidget():
                layout.addWidget(part)
            case _:
                layout.addLayout(part)
