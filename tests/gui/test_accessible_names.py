"""Everything that can be used has a name for those who do not see it."""

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.settings import open_settings
from bioimageit_flow.gui.settings.dialog import SettingsDialog
from bioimageit_flow.gui.window import MainWindow

USED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)
INNER = (QScrollBar, QHeaderView)
"""Parts of what has a name: they are read with it."""


def unnamed(parent: QWidget) -> list[str]:
    """Return what is seen within a widget, can be used, and has no name."""
    found = []
    for widget in parent.findChildren(QWidget):
        is_inner = isinstance(widget, INNER) or widget.objectName().startswith("qt_")
        if not isinstance(widget, USED) or is_inner or not widget.isVisible():
            continue
        if isinstance(widget, QTabBar) and not widget.count():
            continue  # Qt keeps one where no docks lie over each other
        seen = QAccessible.queryAccessibleInterface(widget)
        if not seen.text(QAccessible.Text.Name).strip():
            above = widget.parentWidget()
            found.append(f"{type(widget).__name__} in {type(above).__name__}")
    return found


def test_start_page_names_everything(window: MainWindow) -> None:
    QApplication.processEvents()
    assert unnamed(window) == []


def test_panels_name_everything(window: MainWindow, qtbot: QtBot) -> None:
    window.files.new()
    editor = window.editor
    assert editor is not None
    editor.add_dataset("images")
    node = editor.add_tool("skimage/richardson-lucy")
    for chosen in ([], ["images"], [node]):
        editor.select(chosen)
        window.refresh()
        QApplication.processEvents()
        assert unnamed(window.parameters) == []
    for name in window.docks:
        window.docks.reveal(name)
        QApplication.processEvents()
    assert len(window.findChildren(QTabBar)) > 1
    qtbot.waitUntil(lambda: unnamed(window) == [], timeout=5_000)
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=20_000)


def test_settings_name_everything(window: MainWindow, qtbot: QtBot) -> None:
    open_settings(window)
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    for row in range(dialog.list.count()):
        dialog.list.setCurrentRow(row)
        assert unnamed(dialog) == []
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=60_000)
    dialog.close()
