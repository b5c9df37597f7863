"""Another theme dresses every widget once, and nothing that nobody sees."""

import pytest
from PySide6.QtWidgets import QApplication, QStyle, QStyleFactory

from bioimageit_flow.gui import style
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import DARK, LIGHT
from bioimageit_flow.gui.window import MainWindow


def test_the_style_is_set_once_for_all_themes(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Counting:
        @staticmethod
        def create(name: str) -> QStyle:
            made.append(name)
            return QStyleFactory.create(name)

    monkeypatch.setattr(style, "QStyleFactory", Counting)
    qapp.setProperty(style._STYLED, None)
    for theme in (DARK, LIGHT, DARK, LIGHT):
        apply_theme(qapp, theme)

    assert made == ["Fusion"]
    assert qapp.palette().window().color().name() == LIGHT.panel


def test_the_start_page_is_made_anew_when_it_is_seen_again(window: MainWindow) -> None:
    window.files.new()
    first = window.start.new
    window.set_theme(DARK)
    window.set_theme(LIGHT)
    window.set_theme(DARK)
    assert window.start.new is first

    window.documents.show_editor(None)
    assert window.start.isVisible()
    assert window.start.new is not first
    again = window.start.new
    window.set_theme(LIGHT)
    assert window.start.new is not again
