"""From a theme to Qt: palette, fonts and the style sheet of the window."""

from string import Template
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from bioimageit_flow.gui.icon_files import icon_files
from bioimageit_flow.gui.theme import Theme

_STYLED: Final = "isDrawnByFusion"
_POINTS: Final = 10.0
_SIGN: Final = 16
_GENERIC: Final = {"sans serif", "sans", "dejavu sans", "bitstream vera sans", ""}
_BETTER: Final = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Liberation Sans")


def base_font(theme: Theme) -> QFont:
    """Return the desktop's own font in the size of the theme."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.family().lower() in _GENERIC:
        known = set(QFontDatabase.families())
        font = QFont(next((name for name in _BETTER if name in known), font.family()))
    font.setPointSizeF(_POINTS * theme.font_scale)
    return font


def code_font(theme: Theme) -> QFont:
    """Return the font of command lines and file texts."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(_POINTS * theme.font_scale)
    return font


def palette(theme: Theme) -> QPalette:
    """Return the colours of Qt's own widgets."""
    made = QPalette()
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.field,
        roles.AlternateBase: theme.panel,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Highlight: theme.chosen,
        roles.HighlightedText: theme.text,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Accent: theme.accent,
        roles.Light: theme.raised,
        roles.Midlight: theme.border,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.window,
    }
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        faded = QColor(theme.muted)
        faded.setAlphaF(0.55)
        made.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return made


def is_system_dark() -> bool:
    """Say whether the desktop asks for dark windows."""
    from PySide6.QtCore import Qt

    hints = QGuiApplication.styleHints()
    return hints.colorScheme() == Qt.ColorScheme.Dark


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give every widget of the application the colours and sizes of a theme."""
    # Under a style sheet the style has no name; set again, all is dressed twice.
    if application.property(_STYLED) is None:
        application.setProperty(_STYLED, True)
        application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(palette(theme))
    font = base_font(theme)
    if font != application.font():
        application.setFont(font)
    application.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Theme) -> str:
    """Return the style sheet."""
    scale = theme.font_scale
    values = {
        name: getattr(theme, name)
        for name in theme.__slots__
        if isinstance(getattr(theme, name), str)
    }
    sizes = {
        "small": f"{_POINTS * scale * 0.9:.1f}pt",
        "normal": f"{_POINTS * scale:.1f}pt",
        "large": f"{_POINTS * scale * 1.2:.1f}pt",
        "title": f"{_POINTS * scale * 2.0:.1f}pt",
        "sign": f"{round(_SIGN * max(1.0, scale))}px",
    }
    return Template(_SHEET).substitute(**values, **sizes, **icon_files(theme))


_SHEET: Final = """
QMainWindow, QMainWindow::separator { background: $window; }
QMainWindow::separator { width: 5px; height: 5px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $strong_border;
  padding: 6px; border-radius: 4px; }

QMenuBar { background: $window; padding: 2px 6px; }
QMenuBar::item { padding: 5px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $strong_border; border-radius: 8px;
  padding: 5px; }
QMenu::item { padding: 6px 28px 6px 14px; border-radius: 5px; }
QMenu::item:selected { background: $chosen; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }

QToolBar { background: $window; border: none; padding: 3px 8px; spacing: 3px; }
QToolBar::separator { width: 1px; background: $border; margin: 5px 6px; }
QToolButton { background: transparent; border: 1px solid transparent;
  border-radius: 6px; padding: 5px; color: $text; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $chosen; }
QToolButton:checked { background: $chosen; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="labelled"] { padding: 5px 12px 5px 8px; }

QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 0 6px; }

QDockWidget { color: $muted; font-weight: 600;
  titlebar-close-icon: url($icon_close); titlebar-normal-icon: url($icon_float); }
QDockWidget::close-button, QDockWidget::float-button { background: transparent;
  border: none; border-radius: 4px; padding: 0px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover {
  background: $hover; }
QDockWidget::title { background: $window; padding: 7px 10px; text-align: left; }
QDockWidget > QWidget { background: $panel; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 14px;
  border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; }
QMainWindow > QTabBar::tab { padding: 6px 14px; border-bottom: none;
  border-top: 2px solid transparent; }
QMainWindow > QTabBar::tab:selected { border-bottom: none;
  border-top: 2px solid $accent; background: $panel; }
QTabBar#documents::tab { padding: 8px 12px 8px 14px; }
QTabBar#documents::tab:selected { background: $panel;
  border-top-left-radius: 7px; border-top-right-radius: 7px; }
QTabWidget::pane { border: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: $field; color: $text; border: 1px solid $border; border-radius: 6px;
  padding: 5px 8px; selection-background-color: $accent;
  selection-color: $accent_text; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {
  border-color: $strong_border; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus,
QDoubleSpinBox:focus, QComboBox:focus { border-color: $accent; }
QLineEdit[state="bad"], QComboBox[state="bad"], QPlainTextEdit[state="bad"] {
  border: 1px solid $error; }
QLineEdit:disabled, QComboBox:disabled { color: $muted; background: $panel; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; border: none; }
QSpinBox > QLineEdit, QDoubleSpinBox > QLineEdit { border: none; padding: 0 8px;
  background: transparent; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url($icon_down); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $strong_border;
  border-radius: 6px; padding: 4px; outline: none; }
QProgressBar { background: $border; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QCheckBox, QRadioButton { spacing: 8px; padding: 3px; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid $strong_border;
  border-radius: 4px; background: $field; }
QCheckBox::indicator:hover, QCheckBox:focus::indicator { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
  image: url($icon_check); }
QCheckBox::indicator:indeterminate { background: $muted; }

QPushButton { background: $raised; color: $text; border: 1px solid $border;
  border-radius: 6px; padding: 6px 14px; }
QPushButton:hover { border-color: $strong_border; background: $hover; }
QPushButton:pressed { background: $chosen; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; }
QPushButton[role="primary"] { background: $accent; color: $accent_text;
  border-color: $accent; font-weight: 600; }
QPushButton[role="primary"]:disabled { background: $raised; color: $muted;
  border-color: $border; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent;
  color: $accent; padding: 4px 8px; text-align: left; }
QPushButton[role="quiet"]:hover { background: $hover; }
QPushButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="card"] { background: $raised; border: 1px solid $border;
  border-radius: 10px; text-align: left; padding: 0; }
QPushButton[role="card"]:hover { border-color: $accent; }
QPushButton[role="card"]:focus { border: 2px solid $accent; }

QTreeView, QListView, QTableView, QTextBrowser { background: $panel; color: $text;
  border: none; outline: none; alternate-background-color: $panel; }
QTreeView, QTabBar { icon-size: $sign; }
QTreeView::item, QListView::item { padding: 4px 4px; border-radius: 5px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected { background: $chosen;
  color: $text; }
QTreeView::branch, QTreeView::branch:selected, QTreeView::branch:hover {
  background: transparent; }
QTreeView::branch:has-children:closed { image: url($icon_right); }
QTreeView::branch:has-children:open { image: url($icon_down); }
QHeaderView::section { background: $panel; color: $muted; border: none;
  border-bottom: 1px solid $border; padding: 6px 8px; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $strong_border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $window; }

QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: $small; }
QLabel[role="heading"] { font-size: $large; font-weight: 600; }
QLabel[role="title"] { font-size: $title; font-weight: 700; }
QLabel[role="section"] { color: $muted; font-size: $small; font-weight: 700; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="chip"] { background: $raised; border: 1px solid $border;
  border-radius: 8px; padding: 1px 7px; color: $muted; font-size: $small; }
QFrame[role="line"] { background: $border; max-height: 1px; min-height: 1px;
  border: none; }
QFrame[role="card"] { background: $raised; border: 1px solid $border;
  border-radius: 10px; }
QFrame[role="popup"] { background: $raised; border: 1px solid $strong_border;
  border-radius: 10px; }
QFrame[role="popup"] QListView, QFrame[role="popup"] QTreeView {
  background: transparent; }
QFrame[role="message"] { background: $raised; border: 1px solid $border;
  border-left: 4px solid $info; border-radius: 6px; }
QFrame[role="message"][level="warning"] { border-left-color: $warning; }
QFrame[role="message"][level="error"] { border-left-color: $error; }
QFrame[role="message"][level="good"] { border-left-color: $success; }
QWidget#startPage { background: $window; }
QWidget#documentArea { background: $window; }
"""
