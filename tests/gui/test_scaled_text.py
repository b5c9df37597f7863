"""Larger texts get wider panels and larger signs; nothing is cut off at the side."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.settings import open_settings
from bioimageit_flow.gui.settings.dialog import SettingsDialog
from bioimageit_flow.gui.style import apply_theme
from bioimageit_flow.gui.theme import LIGHT
from bioimageit_flow.gui.window import MainWindow


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5, 2.0])
def test_panels_are_as_wide_as_their_texts_need(
    window: MainWindow, qapp: QApplication, qtbot: QtBot, scale: float
) -> None:
    window.resize(1600, 900)
    window.files.new()
    editor = window.editor
    assert editor is not None
    editor.add_tool("skimage/detect-spots")
    window.newcomers.begin_tutorial()
    theme = LIGHT.scaled(scale)
    apply_theme(qapp, theme)
    window.set_theme(theme)

    side = round(19 * scale)
    assert window.toolbar.iconSize().width() == side
    areas = [window.tutorial, window.parameters]
    try:
        for area in areas:
            bar = area.horizontalScrollBar()
            qtbot.waitUntil(lambda bar=bar: bar.maximum() == 0)  # type: ignore[misc]
    finally:
        apply_theme(qapp, LIGHT)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_pages_of_settings_are_named_whole(
    window: MainWindow, qapp: QApplication, qtbot: QtBot, scale: float
) -> None:
    open_settings(window)
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    try:
        apply_theme(qapp, LIGHT.scaled(scale))
        QApplication.processEvents()
        names = dialog.list
        needed = max(
            names.fontMetrics().horizontalAdvance(names.item(row).text())
            for row in range(names.count())
        )
        shown = names.visualItemRect(names.item(0))
        assert needed + names.iconSize().width() < shown.width()
        assert names.viewport().width() >= shown.right()
        assert shown.height() >= names.fontMetrics().height()
    finally:
        apply_theme(qapp, LIGHT)
        dialog.close()


def test_refusals_of_a_value_are_french_in_a_french_window() -> None:
    from bioimageit_flow.gui import sentences

    sentences.speak("fr")
    try:
        said = sentences.said(
            "Parameter 'radius' of spots: -1.0 is below the smallest value 0.01. "
            "Choose another value."
        )
    finally:
        sentences.speak("en")
    assert said == (
        "Paramètre « radius » de spots : -1.0 est inférieur à la plus petite valeur, "
        "0.01. Choisissez une autre valeur."
    )
