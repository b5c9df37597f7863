import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.settings import open_settings
from bioimageit_flow.gui.settings.dialog import SettingsDialog
from bioimageit_flow.gui.settings.doctor_page import DoctorPage
from bioimageit_flow.gui.theme import DARK, LIGHT
from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import mending
from bioimageit_flow.session.mending import Diagnosis, Mend
from bioimageit_flow.session.preferences import (
    Preferences,
    apply_preferences,
    load_preferences,
)
from bioimageit_flow.session.shared_folder import chosen_share

WAIT_MS = 20_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SettingsDialog:
    """Return the settings, kept in a folder of the test."""
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    for name in (
        "BIOIMAGEIT_FLOW_CPUS",
        "BIOIMAGEIT_FLOW_SHARED",
        "BIOIMAGEIT_FLOW_WORK",
        "DOCKER_HOST",
    ):
        monkeypatch.delenv(name, raising=False)
    open_settings(window, "runs")
    found = window.findChild(SettingsDialog)
    assert isinstance(found, SettingsDialog)
    return found


def test_a_page_is_opened_by_name_and_once(
    dialog: SettingsDialog, window: MainWindow
) -> None:
    assert dialog.pages.currentWidget() is dialog.runs
    open_settings(window, "folders")
    assert dialog.pages.currentWidget() is dialog.folders
    assert len(window.findChildren(SettingsDialog)) == 1
    dialog.accept()


def test_pages_are_walked_with_the_keys(dialog: SettingsDialog) -> None:
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Home)
    assert dialog.pages.currentWidget() is dialog.look
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.pages.currentWidget() is dialog.shortcuts
    QTest.keyClick(dialog.shortcuts, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_limits_that_were_not_chosen_say_what_holds(dialog: SettingsDialog) -> None:
    for field, words in (
        (dialog.runs.cpus, "all"),
        (dialog.runs.memory, "nine tenths"),
    ):
        assert field.text().startswith(words)
        assert field.lineEdit().width() > 60  # there is room to read it
    dialog.accept()


def test_limits_take_effect_at_once_and_are_remembered(dialog: SettingsDialog) -> None:
    dialog.runs.cpus.setValue(3)
    assert load_preferences().cpus == 3
    assert os.environ["BIOIMAGEIT_FLOW_CPUS"] == "3"
    dialog.runs.cpus.setValue(0)
    assert load_preferences() == Preferences()
    assert "BIOIMAGEIT_FLOW_CPUS" not in os.environ
    dialog.accept()


def test_an_address_that_makes_no_sense_is_refused(dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.runs.engine, "docker")
    QTest.keyClick(dialog.runs.engine, Qt.Key.Key_Tab)
    dialog.runs.engine.editingFinished.emit()
    assert "no address" in dialog.runs.says.text()
    assert load_preferences().engine == ""
    dialog.accept()


def test_a_folder_is_kept_if_it_is_there(
    dialog: SettingsDialog, tmp_path: Path
) -> None:
    field = dialog.folders.work
    field.setText(str(tmp_path / "nothing"))
    field.editingFinished.emit()
    assert "is not there" in dialog.folders.says.text()
    field.setText(str(tmp_path))
    field.editingFinished.emit()
    assert dialog.folders.says.text() == ""
    assert load_preferences().work_folder == str(tmp_path)
    apply_preferences(Preferences())
    dialog.accept()


def test_the_folder_of_shared_results_is_what_runs_take(
    dialog: SettingsDialog, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    field = dialog.folders.shared
    field.setText(str(shared))
    field.editingFinished.emit()
    assert dialog.folders.says.text() == ""
    assert load_preferences().shared_folder == str(shared)
    assert chosen_share(None) == shared
    assert list(shared.iterdir()) == []  # a run makes it one
    (shared / "mine.txt").write_text("of somebody", encoding="utf-8")
    field.setText(str(tmp_path))
    field.editingFinished.emit()
    assert "something else than shared results" in dialog.folders.says.text()
    assert load_preferences().shared_folder == str(shared)
    field.setText("")
    field.editingFinished.emit()
    assert chosen_share(None) is None
    dialog.accept()


def test_what_is_set_by_hand_is_shown_and_not_offered(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CPUS", "2")
    open_settings(window, "runs")
    found = window.findChild(SettingsDialog)
    assert isinstance(found, SettingsDialog)
    assert not found.runs.cpus.isEnabled()
    assert found.runs.memory.isEnabled()
    found.accept()


def test_what_can_be_mended_has_a_button(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from bioimageit_flow.gui.settings import doctor_page
    from bioimageit_flow.runtimes.protocol import Finding

    done: list[str] = []

    def diagnose(_session: object) -> Diagnosis:
        mend = Mend("Build the image", "skimage", lambda report: report("step 1"))
        bad = Finding("images", False, "None.", "Build: `bioimageit-flow x`.")
        good = Finding("disk", True, "Enough.")
        done.append("looked")
        found = {1: (good, bad), 2: (good,), 3: (good,)}[len(done)]
        return Diagnosis(found, (mend,) if len(done) < 3 else ())

    assert mending.diagnose_and_mend is not None
    monkeypatch.setattr(doctor_page, "diagnose_and_mend", diagnose)
    page = DoctorPage(window)
    qtbot.addWidget(page)
    page.look()

    def buttons() -> dict[str, QPushButton]:
        return {one.text(): one for one in page.findChildren(QPushButton)}

    qtbot.waitUntil(lambda: "Build the image" in buttons(), timeout=WAIT_MS)
    assert "1 thing wants your attention." in page.says.text()
    QTest.mouseClick(buttons()["Copy the command"], LEFT)
    from PySide6.QtGui import QGuiApplication

    assert QGuiApplication.clipboard().text() == "bioimageit-flow x"
    QTest.mouseClick(buttons()["Build the image"], LEFT)
    qtbot.waitUntil(lambda: len(done) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "what is missing" in page.says.text(), timeout=WAIT_MS)
    QTest.mouseClick(buttons()["Build the image"], LEFT)
    qtbot.waitUntil(lambda: len(done) == 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "as it should be" in page.says.text(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=WAIT_MS)
    page.release()


def test_signs_of_the_pages_take_the_colours_of_another_theme(
    dialog: SettingsDialog, window: MainWindow
) -> None:
    def brightness() -> float:
        image = dialog.list.item(0).icon().pixmap(32, 32).toImage()
        colours = [
            image.pixelColor(x, y)
            for x in range(image.width())
            for y in range(image.height())
        ]
        seen = [one.lightnessF() for one in colours if one.alphaF() > 0.5]
        return sum(seen) / len(seen)

    found = []
    for theme in (LIGHT, DARK):
        window.set_theme(theme)
        window.look_changed.emit()
        found.append(brightness())
    on_light, on_dark = found
    assert on_dark > on_light + 0.2
    dialog.accept()


def test_about_names_the_version_and_how_to_cite(dialog: SettingsDialog) -> None:
    from PySide6.QtWidgets import QLabel

    from bioimageit_flow import __version__

    dialog.show_page("about")
    texts = " ".join(one.text() for one in dialog.about.findChildren(QLabel))
    assert __version__ in texts
    assert "To be cited as" in texts
    dialog.accept()
